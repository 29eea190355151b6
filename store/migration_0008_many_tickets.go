package store

import (
	"fmt"

	"gorm.io/gorm"
)

// migration0008 lets the queue be walked along an index whatever it is filtered by,
// however many tickets there are. It adds what the database computes by itself, so
// that the release before may go on writing:
//
//   - tail: the random part of the number, by which tickets are looked for
//   - shown: all but what is retained or purged, which is in no daily view
//
// An index is taken away only where a new one begins with all its columns. On MySQL
// and MariaDB the desk goes on meanwhile.
func migration0008(tx *gorm.DB) error {
	for _, c := range []struct{ name, kind, as string }{
		{"tail", "VARCHAR(8)", "SUBSTR(number, 14)"},
		{"shown", "BOOLEAN", "stage NOT IN ('retained', 'purged')"},
	} {
		if tx.Migrator().HasColumn("tickets", c.name) { // an interrupted run begins again
			continue
		}
		if err := tx.Exec(fmt.Sprintf("ALTER TABLE tickets ADD COLUMN %s %s GENERATED ALWAYS AS (%s) VIRTUAL", c.name, c.kind, c.as)).Error; err != nil {
			return err
		}
	}
	for _, i := range []struct{ name, columns string }{
		{"tickets_queue", "open, reply_due, number, received_at, kind, category, stage, sla, assignee, escalation, appealed, provisional, unstarted"},
		{"tickets_open", "open, number"},
		{"tickets_open_received", "open, received_at, number"},
		{"tickets_number", "number, shown, reply_due"},
		{"tickets_tail", "tail, number, shown"},
		{"tickets_shown", "shown, reply_due, number, kind, category"},
		{"tickets_shown_kind", "shown, kind, reply_due, number, category"},
		{"tickets_shown_sla", "shown, sla, reply_due, number, kind, category"},
		{"tickets_in_stage", "stage, reply_due, number, kind, category, assignee"},
		{"tickets_in_stage_kind", "stage, kind, reply_due, number, category, assignee"},
		{"tickets_of", "assignee, shown, reply_due, number, stage, kind, category, sla"},
	} {
		if tx.Migrator().HasIndex("tickets", i.name) {
			continue
		}
		if err := tx.Exec(fmt.Sprintf("CREATE INDEX %s ON tickets (%s)", i.name, i.columns)).Error; err != nil {
			return err
		}
	}
	for _, old := range []string{"tickets_open_due", "tickets_stage"} {
		if !tx.Migrator().HasIndex("tickets", old) {
			continue
		}
		if err := tx.Migrator().DropIndex("tickets", old); err != nil {
			return err
		}
	}
	return nil
}
