package mail

import (
	"time"

	"rightsdesk/templates"
)

// view is a Letter with its instants written out, so that the templates need no
// logic for them.
type view struct {
	Letter
	words *templates.Words
	// Staff is set in mails to members of staff: they carry no secret link.
	Staff bool
}

// ReceivedOn is the day of receipt.
func (v view) ReceivedOn() string { return v.words.Date(v.Locale, v.Received) }

// DueText is the deadline with its weekday, and that it ends with the day.
func (v view) DueText() string { return v.end(v.Due) }

// DueYear is the year whose schedule a provisional deadline waits for.
func (v view) DueYear() int { return v.Due.Year() }

// UntilText is the end of what the letter asks for.
func (v view) UntilText() string { return v.end(v.Until) }

// On is a day without its hour.
func (v view) On(t time.Time) string { return v.words.Date(v.Locale, t) }

// ReasonText is the reason of a refusal.
func (v view) ReasonText() string {
	if v.Reason == "" {
		return ""
	}
	return v.words.T(v.Locale, "reason."+string(v.Reason))
}

// end writes an instant out: the last second of a day as the end of that day,
// and so the first of a day as the end of the one before; any other to the
// minute. The name of the zone stands with it.
func (v view) end(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	if t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 {
		t = t.Add(-time.Second)
	}
	zone := t.Location().String()
	if key := "mail.zone." + zone; v.words.Has(v.Locale, key) {
		zone = v.words.T(v.Locale, key)
	}
	if t.Hour() == 23 && t.Minute() == 59 && t.Second() == 59 {
		return v.words.T(v.Locale, "mail.day_end", "date", v.words.Date(v.Locale, t), "zone", zone)
	}
	return v.words.T(v.Locale, "mail.instant", "at", v.words.DateTime(v.Locale, t), "zone", zone)
}
