package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"rightsdesk/ticket"
)

// Agent is a member of staff. The e-mail address is stored sealed.
type Agent struct {
	ID           ticket.AgentID
	Name         string
	Email        string
	Role         ticket.Role
	PasswordHash string
	MustChange   bool
	Disabled     bool
	AwayUntil    time.Time
	CreatedAt    time.Time
	LastSeen     time.Time
	FailedTries  int
	LockedUntil  time.Time
}

type agentRow struct {
	ID           ticket.AgentID `gorm:"primaryKey"`
	Name         string
	Email        []byte // sealed with the vault
	Role         ticket.Role
	PasswordHash string
	MustChange   bool
	Disabled     bool
	AwayUntil    instant
	CreatedAt    instant `gorm:"autoCreateTime:false"`
	LastSeen     instant
	FailedTries  int
	LockedUntil  instant
}

func (agentRow) TableName() string { return "agents" }

func emailPlace(id ticket.AgentID) string { return "agents/email/" + string(id) }

func (s *Store) agentRow(a Agent) (agentRow, error) {
	email, err := s.vault.Seal([]byte(a.Email), emailPlace(a.ID))
	return agentRow{ID: a.ID, Name: a.Name, Email: email, Role: a.Role, PasswordHash: a.PasswordHash, MustChange: a.MustChange,
		Disabled: a.Disabled, AwayUntil: instantOf(a.AwayUntil), CreatedAt: instantOf(a.CreatedAt),
		LastSeen: instantOf(a.LastSeen), FailedTries: a.FailedTries, LockedUntil: instantOf(a.LockedUntil)}, err
}

func (s *Store) agent(r agentRow) (Agent, error) {
	email, err := s.vault.Open(r.Email, emailPlace(r.ID))
	return Agent{ID: r.ID, Name: r.Name, Email: string(email), Role: r.Role, PasswordHash: r.PasswordHash, MustChange: r.MustChange,
		Disabled: r.Disabled, AwayUntil: r.AwayUntil.time(), CreatedAt: r.CreatedAt.time(),
		LastSeen: r.LastSeen.time(), FailedTries: r.FailedTries, LockedUntil: r.LockedUntil.time()}, err
}

// CreateAgent adds a member of staff, or returns ErrExists.
func (s *Store) CreateAgent(ctx context.Context, a Agent) error {
	if a.CreatedAt.IsZero() {
		a.CreatedAt = s.now()
	}
	return s.write(ctx, "adding agent "+string(a.ID), func(db *gorm.DB) error {
		row, err := s.agentRow(a)
		if err != nil {
			return err
		}
		if err := db.Create(&row).Error; !isDuplicate(err) {
			return err
		}
		return ErrExists
	})
}

// UpdateAgent changes name, e-mail address, role, disabled and away-until. What
// belongs to signing in has methods of its own.
func (s *Store) UpdateAgent(ctx context.Context, a Agent) error {
	return s.changeAgent(ctx, a.ID, func() (map[string]any, error) {
		row, err := s.agentRow(a)
		return map[string]any{"name": row.Name, "email": row.Email, "role": row.Role, "disabled": row.Disabled,
			"away_until": row.AwayUntil}, err
	})
}

// SetPassword stores the hash of a password, and forgets failed tries.
func (s *Store) SetPassword(ctx context.Context, id ticket.AgentID, hash string, mustChange bool) error {
	return s.changeAgent(ctx, id, func() (map[string]any, error) {
		return map[string]any{"password_hash": hash, "must_change": mustChange, "failed_tries": 0, "locked_until": nil}, nil
	})
}

// SignedIn records a sign-in that succeeded, and forgets failed tries.
func (s *Store) SignedIn(ctx context.Context, id ticket.AgentID, now time.Time) error {
	return s.changeAgent(ctx, id, func() (map[string]any, error) {
		return map[string]any{"last_seen": instantOf(now), "failed_tries": 0, "locked_until": nil}, nil
	})
}

func (s *Store) changeAgent(ctx context.Context, id ticket.AgentID, change func() (map[string]any, error)) error {
	return s.write(ctx, "changing agent "+string(id), func(db *gorm.DB) error {
		columns, err := change()
		if err != nil {
			return err
		}
		changed := db.Model(&agentRow{}).Where("id = ?", id).Updates(columns)
		if changed.Error == nil && changed.RowsAffected == 0 {
			return ErrNotFound
		}
		return changed.Error
	})
}

// SignInFailed counts a wrong password. At every max-th in a row the agent is
// locked out for a while; the agent as it is now comes back.
func (s *Store) SignInFailed(ctx context.Context, id ticket.AgentID, max int, lock time.Duration, now time.Time) (Agent, error) {
	var row agentRow
	err := s.inTx(ctx, "counting a failed sign-in of "+string(id), func(tx *gorm.DB) error {
		row = agentRow{}
		if err := tx.Clauses(forUpdate()).Take(&row, "id = ?", id).Error; err != nil {
			return err
		}
		row.FailedTries++
		if max > 0 && row.FailedTries%max == 0 {
			row.LockedUntil = instantOf(now.Add(lock))
		}
		return tx.Model(&row).Select("failed_tries", "locked_until").Updates(&row).Error
	})
	if err != nil {
		return Agent{}, err
	}
	return s.agent(row)
}

// Agent returns a member of staff.
func (s *Store) Agent(ctx context.Context, id ticket.AgentID) (Agent, error) {
	var row agentRow
	if err := s.read(ctx).Take(&row, "id = ?", id).Error; err != nil {
		return Agent{}, failed("reading agent "+string(id), err)
	}
	return s.agent(row)
}

// Agents lists all members of staff by their sign-in name.
func (s *Store) Agents(ctx context.Context) ([]Agent, error) {
	return s.agents(s.read(ctx))
}

// AgentsWithRoles lists the members of staff with one of the roles that are not
// disabled.
func (s *Store) AgentsWithRoles(ctx context.Context, roles ...ticket.Role) ([]Agent, error) {
	if len(roles) == 0 {
		return nil, nil
	}
	return s.agents(s.read(ctx).Where("role IN ? AND disabled = ?", roles, false))
}

func (s *Store) agents(query *gorm.DB) ([]Agent, error) {
	const doing = "listing agents"
	var rows []agentRow
	if err := query.Order("id").Find(&rows).Error; err != nil {
		return nil, failed(doing, err)
	}
	agents := make([]Agent, len(rows))
	for i, r := range rows {
		var err error
		if agents[i], err = s.agent(r); err != nil {
			return nil, failed(doing, err)
		}
	}
	return agents, nil
}

// CountAgents says how many members of staff there are, disabled ones included.
func (s *Store) CountAgents(ctx context.Context) (int, error) {
	var n int64
	err := s.read(ctx).Model(&agentRow{}).Count(&n).Error
	return int(n), failed("counting agents", err)
}
