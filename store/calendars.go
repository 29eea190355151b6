package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"gorm.io/gorm"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// calendarRow is a published schedule that was loaded.
type calendarRow struct {
	Name     string                   `gorm:"primaryKey"`
	Version  contract.CalendarVersion `gorm:"primaryKey;autoIncrement:false"`
	Text     []byte
	Digest   string
	LoadedBy ticket.AgentID
	LoadedAt instant
}

func (calendarRow) TableName() string { return "calendars" }

// LoadCalendar adds a schedule to a calendar and returns its new version. Loading
// again the text that was loaded last changes nothing.
func (s *Store) LoadCalendar(ctx context.Context, name string, text []byte, by ticket.AgentID, now time.Time) (contract.CalendarVersion, error) {
	sum := sha256.Sum256(text)
	row := calendarRow{Name: name, Text: text, Digest: hex.EncodeToString(sum[:]), LoadedBy: by, LoadedAt: instantOf(now)}
	for {
		err := s.inTx(ctx, "loading a schedule into calendar "+name, func(tx *gorm.DB) error {
			var last []calendarRow
			if err := tx.Omit("text").Order("version DESC").Limit(1).Find(&last, "name = ?", name).Error; err != nil {
				return err
			}
			row.Version = 1
			if len(last) > 0 {
				if last[0].Digest == row.Digest {
					row.Version = last[0].Version
					return nil
				}
				row.Version = last[0].Version + 1
			}
			return tx.Create(&row).Error
		})
		if isDuplicate(err) { // somebody loaded another one at the same time: ours comes after it
			continue
		}
		if err != nil {
			return 0, err
		}
		return row.Version, nil
	}
}

// Calendars returns the schedules loaded into a calendar, in order, and the
// version that makes: 0 if none was.
func (s *Store) Calendars(ctx context.Context, name string) ([][]byte, contract.CalendarVersion, error) {
	var rows []calendarRow
	err := s.read(ctx).Order("version").Find(&rows, "name = ?", name).Error
	if err != nil || len(rows) == 0 {
		return nil, 0, failed("reading calendar "+name, err)
	}
	texts := make([][]byte, len(rows))
	for i, r := range rows {
		texts[i] = r.Text
	}
	return texts, rows[len(rows)-1].Version, nil
}

// CalendarVersion returns the version of a calendar: 0 if nothing was loaded.
func (s *Store) CalendarVersion(ctx context.Context, name string) (contract.CalendarVersion, error) {
	var version contract.CalendarVersion
	err := s.read(ctx).Model(&calendarRow{}).Where("name = ?", name).Select("COALESCE(MAX(version), 0)").Scan(&version).Error
	return version, failed("reading the version of calendar "+name, err)
}
