package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// TroubleKey names one thing that fails again and again: an activity of a
// workflow, or (Activity is contract.TaskItself) the workflow's own code.
type TroubleKey struct {
	Workflow string // the id of the workflow: the ticket's number, or that of its retention
	Activity string
	Step     string // which run of the activity: its id; LocalStep for one that runs locally
}

// LocalStep is the step of activities that Temporal does not list as pending.
const LocalStep = "local"

// Trouble is an activity or workflow that fails again and again. It holds no
// error's text: only a word for the sort of the error.
type Trouble struct {
	TroubleKey
	Number   ticket.Number
	Attempts int // 0: not known
	Code     contract.TroubleCode
	Since    time.Time
	LastAt   time.Time
}

type troubleRow struct {
	Workflow  string `gorm:"primaryKey"`
	Activity  string `gorm:"primaryKey"`
	Step      string `gorm:"primaryKey"`
	Number    ticket.Number
	Attempts  int
	Code      contract.TroubleCode
	Since     instant
	LastAt    instant
	CheckedAt instant
}

func (troubleRow) TableName() string { return "troubles" }

func (r troubleRow) trouble() Trouble {
	return Trouble{TroubleKey: TroubleKey{r.Workflow, r.Activity, r.Step}, Number: r.Number, Attempts: r.Attempts, Code: r.Code,
		Since: r.Since.time(), LastAt: r.LastAt.time()}
}

// NoteTrouble puts down that something of a ticket fails again and again. Noted
// once more, it keeps the time since when.
func (s *Store) NoteTrouble(ctx context.Context, t Trouble) error {
	row := troubleRow{Workflow: t.Workflow, Activity: t.Activity, Step: t.Step, Number: t.Number, Attempts: t.Attempts, Code: t.Code,
		Since: instantOf(t.Since), LastAt: instantOf(t.LastAt), CheckedAt: instantOf(t.LastAt)}
	return s.write(ctx, "noting a trouble of "+string(t.Number), func(db *gorm.DB) error {
		return db.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "workflow"}, {Name: "activity"}, {Name: "step"}},
			DoUpdates: clause.AssignmentColumns([]string{"attempts", "code", "last_at"}),
		}).Create(&row).Error
	})
}

// TroubleOver takes a trouble back, unless it was noted again after an instant.
func (s *Store) TroubleOver(ctx context.Context, key TroubleKey, seen time.Time) error {
	return s.write(ctx, "taking a trouble back", func(db *gorm.DB) error {
		return db.Delete(&troubleRow{}, "workflow = ? AND activity = ? AND step = ? AND last_at <= ?",
			key.Workflow, key.Activity, key.Step, instantOf(seen)).Error
	})
}

// Troubles lists what fails again and again on a ticket, the oldest first.
func (s *Store) Troubles(ctx context.Context, number ticket.Number) ([]Trouble, error) {
	var rows []troubleRow
	err := rowsOf(s.read(ctx).Order("since, activity, step"), number, &rows)
	return troublesOf(rows), failed("reading the troubles of "+string(number), err)
}

// TroublesToCheck takes the troubles that were looked at longest ago, before an
// instant, and marks them as looked at now.
func (s *Store) TroublesToCheck(ctx context.Context, before, now time.Time, limit int) ([]Trouble, error) {
	const doing = "taking troubles to check"
	var rows []troubleRow
	err := s.read(ctx).Where("checked_at < ?", instantOf(before)).Order("checked_at").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, failed(doing, err)
	}
	for _, row := range rows {
		err := s.write(ctx, doing, func(db *gorm.DB) error {
			return db.Model(&row).Update("checked_at", instantOf(now)).Error
		})
		if err != nil {
			return nil, err
		}
	}
	return troublesOf(rows), nil
}

func troublesOf(rows []troubleRow) []Trouble {
	var out []Trouble
	for _, r := range rows {
		out = append(out, r.trouble())
	}
	return out
}

// StuckTickets counts the tickets of which something fails again and again.
func (s *Store) StuckTickets(ctx context.Context) (int, error) {
	var n int64
	err := s.read(ctx).Model(&troubleRow{}).Distinct("number").Count(&n).Error
	return int(n), failed("counting stuck tickets", err)
}

// stuckAmong tells which of some tickets are stuck.
func (s *Store) stuckAmong(ctx context.Context, tickets []Ticket) (map[ticket.Number]bool, error) {
	numbers := make([]ticket.Number, len(tickets))
	for i, t := range tickets {
		numbers[i] = t.Number
	}
	stuck := map[ticket.Number]bool{}
	if len(numbers) == 0 {
		return stuck, nil
	}
	var found []ticket.Number
	err := s.read(ctx).Model(&troubleRow{}).Where("number IN ?", numbers).Distinct().Pluck("number", &found).Error
	for _, n := range found {
		stuck[n] = true
	}
	return stuck, err
}
