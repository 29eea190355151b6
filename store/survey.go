package store

import (
	"context"
	"reflect"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// Surveyed is a ticket as `rightsdesk doctor` looks at it: what its row says, and
// whether the rows beside it bear that out.
type Surveyed struct {
	Ticket
	Skewed      []string // columns that do not say what the state says
	LostWords   []int64  // messages that the state names and that are gone
	LostProofs  []int64  // documents that staff are to look at and that are gone
	LostAccount bool     // what the account system said is gone
	Pending     []Mail   // letters that the mail log has as pending
	Ordered     bool     // the start of its workflow, or a restart, waits to be delivered
	Unsettled   int64    // the revision of an act that nobody has been told the end of; 0: none
	Told        int64    // the newest revision that somebody was told is done
	TaskAt      time.Time
}

// Survey returns the tickets behind one, in the order of their numbers, but for
// those that have been purged.
func (s *Store) Survey(ctx context.Context, after ticket.Number, limit int) ([]Surveyed, error) {
	out, err := s.survey(s.read(ctx).Where("number > ? AND purged_at IS NULL", after).Order("number").Limit(limit))
	return out, failed("surveying tickets", err)
}

// SurveyOf returns one ticket, purged or not.
func (s *Store) SurveyOf(ctx context.Context, number ticket.Number) (Surveyed, error) {
	out, err := s.survey(s.read(ctx).Where("number = ?", number))
	if err == nil && len(out) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Surveyed{}, failed("surveying "+string(number), err)
	}
	return out[0], nil
}

// Known returns those of the numbers that tickets have, and whether each is purged.
func (s *Store) Known(ctx context.Context, numbers []ticket.Number) (map[ticket.Number]bool, error) {
	var rows []ticketRow
	err := s.read(ctx).Select("number", "purged_at").Find(&rows, "number IN ?", numbers).Error
	known := make(map[ticket.Number]bool, len(rows))
	for _, r := range rows {
		known[r.Number] = !r.PurgedAt.isZero()
	}
	return known, failed("looking for tickets", err)
}

func (s *Store) survey(query *gorm.DB) ([]Surveyed, error) {
	db := query.Session(&gorm.Session{NewDB: true})
	var rows []ticketRow
	if err := query.Find(&rows).Error; err != nil || len(rows) == 0 {
		return nil, err
	}
	out := make([]Surveyed, len(rows))
	numbers := make([]ticket.Number, len(rows))
	for i, r := range rows {
		t, err := r.ticket()
		if err != nil {
			return nil, err
		}
		if out[i], err = surveyed(r, t); err != nil {
			return nil, err
		}
		numbers[i] = r.Number
	}
	beside := rowsBeside{words: map[int64]ticket.Number{}, proofs: map[int64]ticket.Number{}, accounts: map[ticket.Number]bool{},
		pending: map[ticket.Number][]Mail{}, ordered: map[ticket.Number]bool{}}
	if err := beside.read(db, numbers, out); err != nil {
		return nil, err
	}
	for i := range out {
		beside.holdAgainst(&out[i])
	}
	return out, nil
}

// surveyed compares the row with a projection of its own state.
func surveyed(r ticketRow, t Ticket) (Surveyed, error) {
	projected := r
	if err := projected.project(t.State); err != nil {
		return Surveyed{}, err
	}
	out := Surveyed{Ticket: t, Unsettled: r.Unsettled, Told: r.Told, TaskAt: r.TaskAt.time()}
	is, should := reflect.ValueOf(r), reflect.ValueOf(projected)
	for i := range is.NumField() {
		field := is.Type().Field(i).Name
		if field != "State" && is.Field(i).Interface() != should.Field(i).Interface() {
			out.Skewed = append(out.Skewed, schema.NamingStrategy{}.ColumnName("", field))
		}
	}
	return out, nil
}

// rowsBeside are what stands beside a page of tickets.
type rowsBeside struct {
	words, proofs map[int64]ticket.Number
	accounts      map[ticket.Number]bool
	pending       map[ticket.Number][]Mail
	ordered       map[ticket.Number]bool
}

func (b rowsBeside) read(db *gorm.DB, numbers []ticket.Number, tickets []Surveyed) error {
	var words, proofs []int64
	for _, t := range tickets {
		words = append(words, namedWords(t.State)...)
		proofs = append(proofs, namedProofs(t.State)...)
	}
	if err := owners(db, &messageRow{}, words, b.words); err != nil {
		return err
	}
	if err := owners(db.Where("destroyed_at IS NULL"), &proofRow{}, proofs, b.proofs); err != nil {
		return err
	}
	var with []ticket.Number
	err := db.Model(&secretRow{}).Where("number IN ? AND (account IS NOT NULL OR kept IS NOT NULL OR data_key IS NULL)", numbers).
		Pluck("number", &with).Error
	if err != nil {
		return err
	}
	for _, n := range with {
		b.accounts[n] = true
	}
	var mails []mailRow
	if err := db.Order("id").Find(&mails, "number IN ? AND status = ?", numbers, MailPending).Error; err != nil {
		return err
	}
	for _, m := range mails {
		b.pending[m.Number] = append(b.pending[m.Number], m.mail())
	}
	var ordered []ticket.Number
	err = db.Model(&deliveryRow{}).Where("number IN ? AND pending = ? AND op IN ?", numbers, true, startingOps).
		Pluck("number", &ordered).Error
	for _, n := range ordered {
		b.ordered[n] = true
	}
	return err
}

// owners reads whose rows have these ids.
func owners(db *gorm.DB, of any, ids []int64, into map[int64]ticket.Number) error {
	if len(ids) == 0 {
		return nil
	}
	var found []struct {
		ID     int64
		Number ticket.Number
	}
	err := db.Model(of).Select("id", "number").Where("id IN ?", ids).Find(&found).Error
	for _, f := range found {
		into[f.ID] = f.Number
	}
	return err
}

func (b rowsBeside) holdAgainst(t *Surveyed) {
	t.Pending, t.Ordered = b.pending[t.Number], b.ordered[t.Number]
	if !t.PurgedAt.IsZero() || !t.LockedAt.IsZero() {
		return // what is left of it is not for the daily round
	}
	for _, id := range namedWords(t.State) {
		if b.words[id] != t.Number && !slices.Contains(t.LostWords, id) {
			t.LostWords = append(t.LostWords, id)
		}
	}
	for _, id := range namedProofs(t.State) {
		if b.proofs[id] != t.Number {
			t.LostProofs = append(t.LostProofs, id)
		}
	}
	t.LostAccount = t.State.Account.Looked && !t.State.Account.ByHand && !b.accounts[t.Number]
}

// namedWords are the messages that a state still needs.
func namedWords(st contract.State) []int64 {
	var ids []int64
	name := func(id int64) {
		if id != 0 {
			ids = append(ids, id)
		}
	}
	if st.Decision != nil {
		name(st.Decision.Message)
	}
	if st.Asked != nil {
		name(st.Asked.Message)
	}
	name(st.Answer.Message)
	return ids
}

// namedProofs are the documents that staff have yet to decide about.
func namedProofs(st contract.State) []int64 {
	var ids []int64
	if !st.Stage.Open() {
		return nil
	}
	for _, p := range st.Proofs {
		if !p.Done {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// StuckDeliveries lists what Temporal should have been told before an instant.
func (s *Store) StuckDeliveries(ctx context.Context, before time.Time) ([]Delivery, error) {
	var rows []deliveryRow
	err := s.read(ctx).Order("id").Limit(1000).
		Find(&rows, "pending = ? AND created_at < ?", true, instantOf(before)).Error
	out := make([]Delivery, len(rows))
	for i, r := range rows {
		out[i] = r.delivery()
	}
	return out, failed("listing deliveries that are late", err)
}
