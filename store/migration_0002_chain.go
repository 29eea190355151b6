package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
)

// migration0002Row is an entry to chain: what it is hashed as, behind its name, the
// hash before, its ticket and its place.
type migration0002Row struct {
	id     int64
	seq    int64
	hash   string
	scheme string
	fields []string
}

// migration0002Chain chains the entries that are there, ticket by ticket in the
// order in which they were written. It may be interrupted and run again. The seal
// is left to the worker, which has the master key.
func migration0002Chain(tx *gorm.DB) error {
	var after string
	for {
		var numbers []string
		err := tx.Table("tickets").Where("number > ?", after).Order("number").Limit(100).Pluck("number", &numbers).Error
		if err != nil || len(numbers) == 0 {
			return err
		}
		after = numbers[len(numbers)-1]
		err = tx.Transaction(func(tx *gorm.DB) error {
			for _, number := range numbers {
				if err := migration0002Ticket(tx, number); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

func migration0002Ticket(tx *gorm.DB, number string) error {
	events, err := migration0002Events(tx, number)
	if err != nil {
		return err
	}
	if err := migration0002Link(tx, "events", number, events); err != nil {
		return err
	}
	lines, err := migration0002Ledger(tx, number)
	if err != nil {
		return err
	}
	return migration0002Link(tx, "ledger_entries", number, lines)
}

func migration0002Link(tx *gorm.DB, table, number string, rows []migration0002Row) error {
	var seq int64
	var hash string
	for _, r := range rows {
		if r.seq != 0 { // chained before it was interrupted
			seq, hash = r.seq, r.hash
			continue
		}
		seq++
		hash = migration0002Digest(append([]string{r.scheme, hash, number, migration0002Whole(seq)}, r.fields...))
		if err := tx.Table(table).Where("id = ?", r.id).Updates(map[string]any{"seq": seq, "hash": hash}).Error; err != nil {
			return err
		}
	}
	return nil
}

func migration0002Events(tx *gorm.DB, number string) ([]migration0002Row, error) {
	var found []struct {
		ID, Rev, Object, Seq          int64
		Actor, Agent, Act, Code, Hash string
		At                            time.Time
	}
	err := tx.Table("events").Where("number = ?", number).Order("id").Find(&found).Error
	rows := make([]migration0002Row, len(found))
	for i, r := range found {
		rows[i] = migration0002Row{r.ID, r.Seq, r.Hash, "rightsdesk/event/1", []string{migration0002Whole(r.Rev), migration0002At(&r.At),
			r.Actor, r.Agent, r.Act, r.Code, migration0002Whole(r.Object)}}
	}
	return rows, err
}

func migration0002Ledger(tx *gorm.DB, number string) ([]migration0002Row, error) {
	var found []struct {
		ID, Rev, Calendar, Reason, Seq  int64
		Event, Rung, Actor, Agent, Hash string
		Running, Provisional            bool
		At                              time.Time
		Due                             *time.Time
	}
	err := tx.Table("ledger_entries").Where("number = ?", number).Order("id").Find(&found).Error
	rows := make([]migration0002Row, len(found))
	for i, r := range found {
		rows[i] = migration0002Row{r.ID, r.Seq, r.Hash, "rightsdesk/clock/1", []string{migration0002Whole(r.Rev), migration0002At(&r.At),
			r.Event, strconv.FormatBool(r.Running), migration0002At(r.Due), strconv.FormatBool(r.Provisional),
			migration0002Whole(r.Calendar), r.Rung, r.Actor, r.Agent, migration0002Whole(r.Reason)}}
	}
	return rows, err
}

func migration0002Digest(fields []string) string {
	var text strings.Builder
	for _, f := range fields {
		fmt.Fprintf(&text, "%d:%s,", len(f), f)
	}
	sum := sha256.Sum256([]byte(text.String()))
	return hex.EncodeToString(sum[:])
}

func migration0002Whole(n int64) string { return strconv.FormatInt(n, 10) }

func migration0002At(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000Z")
}
