package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"rightsdesk/ticket"
)

// presenceRow is when an agent was last seen at a ticket.
type presenceRow struct {
	Number ticket.Number  `gorm:"primaryKey"`
	Agent  ticket.AgentID `gorm:"primaryKey"`
	SeenAt instant
}

func (presenceRow) TableName() string { return "presences" }

// Touch records that an agent has the ticket before them.
func (s *Store) Touch(ctx context.Context, number ticket.Number, agent ticket.AgentID, at time.Time) error {
	return s.write(ctx, "recording who is at "+string(number), func(db *gorm.DB) error {
		return db.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "number"}, {Name: "agent"}},
			DoUpdates: clause.AssignmentColumns([]string{"seen_at"}),
		}).Create(&presenceRow{Number: number, Agent: agent, SeenAt: instantOf(at)}).Error
	})
}

// Presence returns when an agent was last seen at a ticket; zero: never.
func (s *Store) Presence(ctx context.Context, number ticket.Number, agent ticket.AgentID) (time.Time, error) {
	var rows []presenceRow
	err := s.read(ctx).Limit(1).Find(&rows, "number = ? AND agent = ?", number, agent).Error
	if err != nil || len(rows) == 0 {
		return time.Time{}, failed("asking who is at "+string(number), err)
	}
	return rows[0].SeenAt.time(), nil
}
