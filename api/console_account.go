package api

import (
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rightsdesk/store"
	"rightsdesk/ticket"
)

// accountView is what the account system said last. Values are masked: agents
// compare, they need not read everything.
type accountView struct {
	Ref, Status string
	StatusWords string
	LookedAt    time.Time
	Contacts    []store.Contact
	Fields      []accountField
	Obstacles   []string
	Kept        []store.KeptField
}

type accountField struct{ Name, Value string }

func (k *console) accountView(c *gin.Context, r *ticketRead) *accountView {
	a := r.Personal.Account
	v := &accountView{Ref: a.Ref, Status: a.Status, LookedAt: in(a.LookedAt, r.Zone), Kept: slices.Clone(a.Kept)}
	v.StatusWords = k.sentence(c, "console.account.status."+a.Status, a.Status)
	for _, contact := range a.Contacts {
		v.Contacts = append(v.Contacts, store.Contact{Type: contact.Type, Value: masked(contact.Value)})
	}
	for name, value := range a.Fields {
		v.Fields = append(v.Fields, accountField{Name: k.sentence(c, "field."+name, name), Value: masked(value)})
	}
	slices.SortFunc(v.Fields, func(a, b accountField) int { return strings.Compare(a.Name, b.Name) })
	for _, o := range a.Obstacles {
		if locale(c) == ticket.Chinese {
			v.Obstacles = append(v.Obstacles, o.ZH)
		} else {
			v.Obstacles = append(v.Obstacles, o.EN)
		}
	}
	for i := range v.Kept {
		v.Kept[i].Field = k.sentence(c, "field."+v.Kept[i].Field, v.Kept[i].Field)
		v.Kept[i].Until = in(v.Kept[i].Until, r.Zone)
	}
	return v
}

// masked leaves enough of a value to recognise it by: the beginning of an
// address and its domain, the ends of a number, the first character of a name.
func masked(s string) string {
	s = strings.TrimSpace(s)
	if name, domain, ok := strings.Cut(s, "@"); ok {
		return ends(name, 1, 0) + "@" + domain
	}
	switch n := len([]rune(s)); {
	case n == 0:
		return ""
	case n >= 11:
		return ends(s, 3, 4)
	case n >= 7:
		return ends(s, 2, 2)
	}
	return ends(s, 1, 0)
}

func ends(s string, first, last int) string {
	r := []rune(s)
	if len(r) <= first+last {
		return strings.Repeat("*", len(r))
	}
	return string(r[:first]) + strings.Repeat("*", min(len(r)-first-last, 6)) + string(r[len(r)-last:])
}
