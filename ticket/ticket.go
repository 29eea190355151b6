// Package ticket is the vocabulary of the desk: what kinds of request there
// are, which stages they pass, who may act, and what the operator's policy
// promises. It does no I/O and imports nothing else of the product.
package ticket

import "slices"

// Kind is what the person asks for. Each kind is a workflow of its own.
type Kind string

const (
	AccountCancellation Kind = "account_cancellation" // clause 5.4
	InfoCorrection      Kind = "info_correction"      // clauses 5.1 and 5.2
	Complaint           Kind = "complaint"            // clauses 十 and 三
)

// Kinds lists the kinds in the order in which the form offers them.
func Kinds() []Kind { return []Kind{AccountCancellation, InfoCorrection, Complaint} }

// Stage is where a ticket stands.
type Stage string

const (
	Received            Stage = "received"
	Verifying           Stage = "verifying"
	Triage              Stage = "triage"
	InProgress          Stage = "in_progress"
	WaitingOnSubject    Stage = "waiting_on_subject"
	Fulfilling          Stage = "fulfilling"
	Answered            Stage = "answered"
	Closed              Stage = "closed"
	Withdrawn           Stage = "withdrawn"
	Refused             Stage = "refused" // an answer too: with reason and remedies
	VerificationExpired Stage = "verification_expired"
	Retained            Stage = "retained"
	Purged              Stage = "purged"
)

// Stages lists every stage in the order of a ticket's life.
func Stages() []Stage {
	return []Stage{Received, Verifying, Triage, InProgress, WaitingOnSubject, Fulfilling,
		Answered, Closed, Withdrawn, Refused, VerificationExpired, Retained, Purged}
}

// Open reports that the desk still owes something: the reply clock runs.
func (s Stage) Open() bool {
	switch s {
	case Received, Verifying, Triage, InProgress, WaitingOnSubject, Fulfilling:
		return true
	}
	return false
}

// Category says what a complaint is about.
type Category string

const (
	CategoryPrivacy          Category = "privacy"
	CategoryAccount          Category = "account"
	CategorySecurityIncident Category = "security_incident" // clause 7.4: to the privacy officer at once
	CategoryMarketing        Category = "marketing"
	CategoryIntellectual     Category = "intellectual_property" // clause 三
	CategoryService          Category = "service"
	CategoryOther            Category = "other"
)

// Categories lists the categories in the order in which the form offers them.
func Categories() []Category {
	return []Category{CategoryPrivacy, CategoryAccount, CategorySecurityIncident,
		CategoryMarketing, CategoryIntellectual, CategoryService, CategoryOther}
}

// Channel is how the request reached the operator (clause 5.2).
type Channel string

const (
	ChannelWeb     Channel = "web"
	ChannelAPI     Channel = "api"
	ChannelPhone   Channel = "phone"
	ChannelLetter  Channel = "letter"
	ChannelMail    Channel = "mail"
	ChannelCounter Channel = "counter"
)

// StaffChannels are those an agent may file under for the person.
func StaffChannels() []Channel {
	return []Channel{ChannelPhone, ChannelLetter, ChannelMail, ChannelCounter}
}

// Relation is who asks, relative to the data subject (clause 八).
type Relation string

const (
	Self              Relation = "self"
	Guardian          Relation = "guardian"
	AuthorisedAgent   Relation = "authorised_agent"
	EnterpriseContact Relation = "enterprise_contact"
)

// Relations lists the relations in the order in which the form offers them.
func Relations() []Relation {
	return []Relation{Self, Guardian, AuthorisedAgent, EnterpriseContact}
}

// Outcome is what the desk decided or how the ticket ended.
type Outcome string

const (
	Undecided Outcome = ""
	Accepted  Outcome = "accepted"
	Partly    Outcome = "partly"
	Declined  Outcome = "refused"
	NoReply   Outcome = "no_reply"     // the person was asked and stayed silent
	PulledOut Outcome = "withdrawn"    // by the person
	Unproved  Outcome = "not_verified" // identity verification expired
)

// RefusalReason is the code a refusal must carry (clause 5.3 end; PIPL art. 50).
type RefusalReason string

const (
	ReasonNotVerified     RefusalReason = "identity_not_proved"
	ReasonBasicFunction   RefusalReason = "needed_for_basic_function"
	ReasonLegalObligation RefusalReason = "legal_obligation"
	ReasonUnfounded       RefusalReason = "unfounded"
	ReasonExcessive       RefusalReason = "excessive"
	ReasonOthersRights    RefusalReason = "rights_of_others"
	ReasonAlreadyDone     RefusalReason = "already_done"
	ReasonNotOurData      RefusalReason = "not_our_data"
	ReasonEvidenceMissing RefusalReason = "evidence_missing"
)

// RefusalReasons lists the reasons an agent may choose from.
func RefusalReasons() []RefusalReason {
	return []RefusalReason{ReasonLegalObligation, ReasonBasicFunction, ReasonUnfounded, ReasonExcessive,
		ReasonOthersRights, ReasonAlreadyDone, ReasonNotOurData, ReasonEvidenceMissing, ReasonNotVerified}
}

// Locale is a language the product speaks.
type Locale string

const (
	Chinese Locale = "zh-CN"
	English Locale = "en"
)

// Locales lists the languages, the first being the default.
func Locales() []Locale { return []Locale{Chinese, English} }

// ParseOne returns the member of list that reads s, and whether there is one.
func ParseOne[T ~string](s string, list []T) (T, bool) {
	if i := slices.Index(list, T(s)); i >= 0 {
		return list[i], true
	}
	return "", false
}
