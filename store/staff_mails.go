package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// staffMailRow: this member of staff has had this notice.
type staffMailRow struct {
	Number ticket.Number  `gorm:"primaryKey"`
	Step   contract.Step  `gorm:"primaryKey"`
	Agent  ticket.AgentID `gorm:"primaryKey"`
	SentAt instant
}

func (staffMailRow) TableName() string { return "staff_mails" }

// StaffMailSent reports that a member of staff has had the notice of a step.
func (s *Store) StaffMailSent(ctx context.Context, number ticket.Number, step contract.Step, agent ticket.AgentID) (bool, error) {
	var n int64
	err := s.read(ctx).Model(&staffMailRow{}).Where("number = ? AND step = ? AND agent = ?", number, step, agent).Count(&n).Error
	return n > 0, failed(aboutMail("looking for", number, step), err)
}

// MarkStaffMailSent records that the mail server accepted the notice. Marking it
// twice changes nothing.
func (s *Store) MarkStaffMailSent(ctx context.Context, number ticket.Number, step contract.Step, agent ticket.AgentID, at time.Time) error {
	return s.write(ctx, aboutMail("recording", number, step), func(db *gorm.DB) error {
		err := db.Create(&staffMailRow{Number: number, Step: step, Agent: agent, SentAt: instantOf(at)}).Error
		if isDuplicate(err) {
			return nil
		}
		return err
	})
}
