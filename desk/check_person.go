package desk

import (
	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
	"rightsdesk/verify"
)

// person checks who asks. All give an e-mail address, those who telephoned or wrote
// too: to it go the receipt, the code and the answer.
func (c *checker) person(r *Request) {
	p := &r.Person
	c.text(InputName, &p.Name, line(p.Name), 1, maxName)
	c.email(InputEmail, &p.Email)
	c.phone(InputPhone, &p.Phone)
	if p.Email == "" {
		c.wrong(InputEmail, CodeRequired)
	}
	least := 0
	if r.Kind == ticket.AccountCancellation || r.Kind == ticket.InfoCorrection {
		least = 1
	}
	c.text(InputAccount, &p.Account, account(p.Account), least, maxAccount)

	if r.Relation == ticket.Self {
		r.OnBehalfOf = store.Person{}
		return
	}
	o := &r.OnBehalfOf
	o.Account = ""
	c.text(InputBehalfName, &o.Name, line(o.Name), 0, maxName)
	c.email(InputBehalfEmail, &o.Email)
	c.phone(InputBehalfPhone, &o.Phone)
}

// email and phone leave an empty value alone, or make it empty when it is only
// space.
func (c *checker) email(field string, typed *string) {
	c.value(field, CodeEmailInvalid, typed, email)
}

func (c *checker) phone(field string, typed *string) {
	c.value(field, CodePhoneInvalid, typed, phone)
}

func (c *checker) value(field, code string, typed *string, read func(string) (string, bool)) {
	if line(*typed) == "" {
		*typed = ""
		return
	}
	clean, ok := read(*typed)
	if !ok {
		c.wrong(field, code)
		return
	}
	*typed = clean
}

// changes checks the fields to correct. Rows left wholly empty are dropped; one
// that is half filled in is somebody's wish, and never passed over.
func (c *checker) changes(r *Request) {
	kept := make([]store.Change, 0, len(r.Changes))
	seen := map[contract.FieldName]bool{}
	for i, change := range r.Changes {
		if change.Field == "" && line(change.Old) == "" && line(change.Proposed) == "" {
			continue
		}
		c.row = i + 1
		// The name of a field the policy does not know is somebody's text: it
		// is not repeated.
		if _, ok := c.policy.Field(string(change.Field)); !ok {
			c.wrong(InputChanges, CodeFieldUnknown)
		} else if seen[change.Field] {
			c.wrong(InputProposed(change.Field), CodeFieldTwice)
		} else {
			seen[change.Field] = true
			c.change(&change)
		}
		kept = append(kept, change)
	}
	c.row = 0
	if len(kept) == 0 {
		c.wrong(InputChanges, CodeChangeNeeded)
	}
	r.Changes = kept
}

func (c *checker) change(change *store.Change) {
	before := len(c.errs)
	c.text(InputOld(change.Field), &change.Old, line(change.Old), 0, maxChange)
	proposed := InputProposed(change.Field)
	switch change.Field {
	case "email":
		if line(change.Proposed) == "" {
			c.wrong(proposed, CodeRequired)
		}
		c.email(proposed, &change.Proposed)
	case "phone":
		if line(change.Proposed) == "" {
			c.wrong(proposed, CodeRequired)
		}
		c.phone(proposed, &change.Proposed)
	case "id_number":
		if line(change.Proposed) == "" {
			c.wrong(proposed, CodeRequired)
		}
		c.value(proposed, CodeIDNumberInvalid, &change.Proposed, verify.IDNumber)
	default:
		c.text(proposed, &change.Proposed, line(change.Proposed), 1, maxChange)
	}
	if len(c.errs) == before && change.Old == change.Proposed {
		c.wrong(proposed, CodeChangeSame)
	}
}
