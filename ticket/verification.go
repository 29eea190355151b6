package ticket

import (
	"fmt"
	"slices"
)

// Level is how strongly the person has proved who they are. Each includes the
// ones before it: nobody proves a real name who has not first shown control of
// the contact on file, however right their facts are.
type Level int

const (
	LevelNone    Level = 0
	LevelContact Level = 1 // control of the contact given
	LevelAccount Level = 2 // control of the account: of a contact on file, or of its sign-in
	LevelReal    Level = 3 // real name (clause 2.2.1)
)

// Method is how a level is proved; each is a verifier.
type Method string

const (
	MethodMailCode    Method = "mail_code"     // one-time code by mail
	MethodSMSCode     Method = "sms_code"      // one-time code to the telephone on file
	MethodSignIn      Method = "sign_in"       // signed in at the operator's OpenID provider
	MethodRealName    Method = "real_name_api" // name, ID number and telephone agree (实名 API)
	MethodBankPayment Method = "bank_payment"  // a small payment to the company's own bank account (对公打款)
	MethodIDDocument  Method = "id_document"   // a picture of a document, looked at by two members of staff
	MethodAgentCheck  Method = "agent_check"   // a member of staff saw documents or called back
)

// Methods lists the methods.
func Methods() []Method {
	return []Method{MethodMailCode, MethodSMSCode, MethodSignIn, MethodRealName, MethodBankPayment, MethodIDDocument, MethodAgentCheck}
}

// Proves is the levels a method can prove.
func (m Method) Proves() []Level {
	switch m {
	case MethodMailCode:
		return []Level{LevelContact, LevelAccount}
	case MethodSMSCode, MethodSignIn:
		return []Level{LevelAccount} // letters go by mail, so the address given is what has to be proved
	case MethodAgentCheck:
		return []Level{LevelAccount, LevelReal}
	case MethodRealName, MethodBankPayment, MethodIDDocument:
		return []Level{LevelReal}
	}
	return nil
}

// ProofKind is what a document that the person sends is to prove.
type ProofKind string

const (
	ProofIdentity ProofKind = "id_document" // who they are: two members of staff look
	ProofRelation ProofKind = "relation"    // that they may act for somebody else (clause 八)
)

// ProofKinds lists them.
func ProofKinds() []ProofKind { return []ProofKind{ProofIdentity, ProofRelation} }

// Verifiers are the methods among which the person may choose, by level. What is
// not set up at the desk is not offered.
type Verifiers map[Level][]Method

// builtInVerifiers hold where a policy names none.
func builtInVerifiers() Verifiers {
	return Verifiers{LevelContact: {MethodMailCode}, LevelAccount: {MethodMailCode}, LevelReal: {MethodAgentCheck}}
}

func (v Verifiers) check() error {
	for level := LevelContact; level <= LevelReal; level++ {
		if len(v[level]) == 0 {
			return fmt.Errorf("verifiers.%d: name at least one method", level)
		}
		for _, m := range v[level] {
			if !slices.Contains(m.Proves(), level) {
				return fmt.Errorf("verifiers.%d: %q does not prove this level; the methods are %s", level, m, words(Methods()))
			}
		}
	}
	for level := range v {
		if level < LevelContact || level > LevelReal {
			return fmt.Errorf("verifiers.%d: the levels are 1, 2 and 3", level)
		}
	}
	if !slices.Contains(v[LevelContact], MethodMailCode) || !slices.Contains(v[LevelAccount], MethodMailCode) {
		return fmt.Errorf("verifiers: levels 1 and 2 must offer %s, which is sent without being asked for", MethodMailCode)
	}
	return nil
}
