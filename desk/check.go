package desk

import (
	"context"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"rightsdesk/ticket"
)

// Lengths, in characters.
const (
	maxName    = 100
	maxAccount = 200
	maxSubject = 200
	maxNote    = 500
	MinText    = 10 // of a complaint
	maxText    = 5000
	maxChange  = 500
)

// The oldest receipt that can be filed, against mistyped years.
const oldestReceipt = 366

// Check reads a request as people type it. Values that make sense are written
// into it the one way they are stored; those that don't stay as typed and come
// back as errors, in the order of the form.
func (d *Desk) Check(ctx context.Context, r *Request) []FieldError {
	errs, err := d.check(ctx, r)
	if err != nil {
		// The age of the receipt couldn't be judged. File judges it again and
		// fails when it can't.
		d.log.Warn("checking a form: no calendar", "error", err)
	}
	return errs
}

func (d *Desk) check(ctx context.Context, r *Request) ([]FieldError, error) {
	c := checker{policy: d.policy}
	c.choices(r)
	c.person(r)
	c.words(r)
	if r.Kind == ticket.InfoCorrection {
		c.changes(r)
	} else {
		r.Changes = nil
	}
	if len(r.Files) > MaxFiles {
		c.wrong(InputFiles, CodeTooManyFiles, "max", strconv.Itoa(MaxFiles))
	}
	err := d.checkReceipt(ctx, &c, r)
	return c.errs, err
}

// checker collects what is wrong with a request.
type checker struct {
	policy *ticket.Policy
	row    int // of the corrections, while they are read
	errs   []FieldError
}

func (c *checker) wrong(field, code string, pairs ...string) {
	c.errs = append(c.errs, FieldError{Field: field, Row: c.row, Code: code, Facts: facts(pairs...)})
}

func facts(pairs ...string) map[string]string { return ticket.Refuse("", pairs...).Facts }

// text puts a cleaned value in place of the typed one when its length is right.
func (c *checker) text(field string, typed *string, clean string, least, most int) {
	n := utf8.RuneCountInString(clean)
	switch {
	case n == 0 && least > 0:
		c.wrong(field, CodeRequired)
	case n < least:
		c.wrong(field, CodeTooShort, "min", strconv.Itoa(least), "length", strconv.Itoa(n))
	case n > most:
		c.wrong(field, CodeTooLong, "max", strconv.Itoa(most), "length", strconv.Itoa(n))
	default:
		*typed = clean
	}
}

// choice reads one of a list; an empty one is the standard, if there is one.
func choice[T ~string](c *checker, field string, typed *T, standard T, list []T) {
	if *typed == "" {
		*typed = standard
	}
	switch {
	case *typed == "":
		c.wrong(field, CodeRequired)
	case !slices.Contains(list, *typed):
		c.wrong(field, CodeUnknownChoice)
	}
}

func (c *checker) choices(r *Request) {
	choice(c, InputKind, &r.Kind, "", ticket.Kinds())
	if r.Kind == ticket.Complaint {
		choice(c, InputCategory, &r.Category, "", ticket.Categories())
	} else {
		r.Category = ""
	}
	if r.FiledBy == nil {
		choice(c, InputChannel, &r.Channel, ticket.ChannelWeb, []ticket.Channel{ticket.ChannelWeb, ticket.ChannelAPI})
	} else {
		choice(c, InputChannel, &r.Channel, "", ticket.StaffChannels())
	}
	choice(c, InputLocale, &r.Locale, ticket.Chinese, ticket.Locales())
	choice(c, InputRelation, &r.Relation, ticket.Self, ticket.Relations())
}

func (c *checker) words(r *Request) {
	if r.Relation == ticket.Self {
		r.RelationNote = ""
	} else if note := prose(r.RelationNote); note == "" {
		c.wrong(InputRelationNote, CodeRelationNote)
	} else {
		c.text(InputRelationNote, &r.RelationNote, note, 1, maxNote)
	}
	c.text(InputSubject, &r.Subject, line(r.Subject), 0, maxSubject)
	least := 0
	if r.Kind == ticket.Complaint {
		least = MinText
	}
	c.text(InputText, &r.Text, prose(r.Text), least, maxText)
}

// checkReceipt sees to when the request was received. Only staff say so; they
// file what came by telephone or letter, and the clock runs from receipt.
func (d *Desk) checkReceipt(ctx context.Context, c *checker, r *Request) error {
	now := d.now()
	if r.FiledBy == nil {
		r.ReceivedAt = now
		return nil
	}
	const skew = 5 * time.Minute
	switch {
	case r.ReceivedAt.IsZero():
		c.wrong(InputReceivedAt, CodeRequired)
		return nil
	case r.ReceivedAt.After(now.Add(skew)):
		c.wrong(InputReceivedAt, CodeReceivedFuture)
		return nil
	case r.ReceivedAt.After(now):
		r.ReceivedAt = now
	case now.Sub(r.ReceivedAt) > oldestReceipt*24*time.Hour:
		c.wrong(InputReceivedAt, CodeReceivedLong, "days", strconv.Itoa(oldestReceipt))
		return nil
	}
	if r.FiledBy.Role.May(ticket.MayFileOld) {
		return nil
	}
	cal, _, err := d.planner.Calendar(ctx, d.policy.Calendar)
	if err != nil {
		return err
	}
	if cal.WorkingDaysLeft(r.ReceivedAt, now) > 1 {
		c.wrong(InputReceivedAt, CodeReceiptLead)
	}
	return nil
}
