package store

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// instant is a time as the database keeps it: UTC with microseconds, NULL for
// the zero time. All times pass through it on their way in, so that SQLite's
// texts sort like the times they stand for.
type instant time.Time

func instantOf(t time.Time) instant {
	if t.IsZero() {
		return instant{}
	}
	return instant(t.UTC().Truncate(time.Microsecond))
}

func (i instant) time() time.Time { return time.Time(i) }

func (i instant) add(d time.Duration) instant { return instantOf(i.time().Add(d)) }

func (i instant) isZero() bool { return time.Time(i).IsZero() }

// Value implements driver.Valuer.
func (i instant) Value() (driver.Value, error) {
	if i.isZero() {
		return nil, nil
	}
	return time.Time(instantOf(time.Time(i))), nil
}

// Scan implements sql.Scanner.
func (i *instant) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*i = instant{}
	case time.Time:
		*i = instantOf(v)
	default:
		return fmt.Errorf("a time came from the database as %T", v)
	}
	return nil
}

// GormDataType tells gorm what the column holds.
func (instant) GormDataType() string { return "time" }
