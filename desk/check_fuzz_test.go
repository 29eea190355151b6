package desk

import (
	"context"
	"strings"
	"testing"
	"unicode/utf8"

	"rightsdesk/contract"
	"rightsdesk/deadline"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// FuzzCheck: whatever is typed, a request without errors is one that can be
// stored and mailed to, checking it again changes nothing, and a request with
// errors keeps the wrong values as typed.
func FuzzCheck(f *testing.F) {
	f.Add(byte(2), "self", "王小明", "wang@example.com", "１３８１２３４５６７８", "", "请说明你们为什么这样做。", "", "")
	f.Add(byte(1), "guardian", "Ada　Lovelace", "Ａda＠例子。中国", "0086-138 1234 5678", "wang88", "", "email", "new@example.com")
	f.Add(byte(0), "self", "x\r\nBcc: y@z.w", "a@b.c\n", "+", "\u202e", "\xff\xfe", "name", "\u0000")
	policy, text, err := ticket.EmbeddedPolicy("cn")
	if err != nil {
		f.Fatal(err)
	}
	d := New(Config{Policy: policy, PolicyText: text, Planner: deadline.NewPlanner(deadline.BuiltIn{}, deadline.BuiltIn{})})
	f.Fuzz(func(t *testing.T, kind byte, relation, name, mail, tel, acc, words, field, proposed string) {
		typed := Request{
			Kind: ticket.Kinds()[int(kind)%len(ticket.Kinds())], Category: ticket.CategoryOther, Relation: ticket.Relation(relation), RelationNote: words,
			Person: store.Person{Name: name, Email: mail, Phone: tel, Account: acc}, Subject: words, Text: words,
			Changes: []store.Change{{Field: contract.FieldName(field), Old: words, Proposed: proposed}},
		}
		r := typed
		r.Changes = append([]store.Change(nil), typed.Changes...)
		errs := d.Check(context.Background(), &r)
		for _, e := range errs {
			switch {
			case e.Field == InputEmail && r.Person.Email != mail && e.Code == CodeEmailInvalid,
				e.Field == InputPhone && r.Person.Phone != tel,
				e.Field == InputName && r.Person.Name != name,
				e.Field == InputText && r.Text != words:
				t.Fatalf("%s was changed though it is wrong (%s)", e.Field, e.Code)
			}
		}
		if len(errs) > 0 {
			return
		}
		for _, s := range []string{r.Person.Name, r.Person.Email, r.Person.Phone, r.Person.Account, r.Subject} {
			if strings.ContainsAny(s, "\r\n\x00\u202e\u2028") || !utf8.ValidString(s) || s != strings.TrimSpace(s) {
				t.Fatalf("not clean: %q", s)
			}
		}
		if !utf8.ValidString(r.Text) || utf8.RuneCountInString(r.Text) > maxText || strings.Contains(r.Text, "\r") {
			t.Fatalf("not clean: %q", r.Text)
		}
		if strings.Count(r.Person.Email, "@") != 1 || strings.ContainsAny(r.Person.Email, " <>,;:\"()[]\\") {
			t.Fatalf("not one mailbox: %q", r.Person.Email)
		}
		again := r
		again.Changes = append([]store.Change(nil), r.Changes...)
		if errs := d.Check(context.Background(), &again); len(errs) > 0 {
			t.Fatalf("right once, wrong twice: %+v", errs)
		}
		again.ReceivedAt = r.ReceivedAt
		if asJSON(t, again) != asJSON(t, r) {
			t.Fatalf("changed twice:\n%s\n%s", asJSON(t, r), asJSON(t, again))
		}
	})
}
