package store

import (
	"context"
	"errors"
	"strings"
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
	Queues       ticket.Queues // they are limited to; see Sees
	Epoch        int           // counts what has ended all their sessions
	Subject      string        // keyed hash of who they are at the single sign-on; empty: they have never come that way
	FactorAt     time.Time     // the second factor was enrolled; zero: there is none
}

// Limits are the queues beyond which the member sees nothing; none: no limit.
func (a Agent) Limits() ticket.Queues { return a.Queues.Of(a.Role) }

// Sees reports whether the member may know of the ticket. One outside their
// queues is to them as one that is not there.
func (a Agent) Sees(t Ticket) bool { return a.Limits().Hold(t.Kind, t.Category) }

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
	Queues       string
	Epoch        int
	Subject      string
	FactorSecret []byte // sealed with the vault
	FactorStep   int64  // of the last code that was taken
	FactorAt     instant
}

func (agentRow) TableName() string { return "agents" }

func emailPlace(id ticket.AgentID) string { return "agents/email/" + string(id) }

func (s *Store) agentRow(a Agent) (agentRow, error) {
	email, err := s.vault.Seal([]byte(a.Email), emailPlace(a.ID))
	return agentRow{ID: a.ID, Name: a.Name, Email: email, Role: a.Role, PasswordHash: a.PasswordHash, MustChange: a.MustChange,
		Disabled: a.Disabled, AwayUntil: instantOf(a.AwayUntil), CreatedAt: instantOf(a.CreatedAt),
		LastSeen: instantOf(a.LastSeen), FailedTries: a.FailedTries, LockedUntil: instantOf(a.LockedUntil),
		Queues: a.Queues.String(), Epoch: a.Epoch, Subject: a.Subject}, err
}

func (s *Store) agent(r agentRow) (Agent, error) {
	email, err := s.vault.Open(r.Email, emailPlace(r.ID))
	var queues ticket.Queues
	if r.Queues != "" {
		var known bool
		if queues, known = ticket.ParseQueues(strings.Split(r.Queues, ",")); !known && err == nil {
			err = errors.New("unknown queue of agent " + string(r.ID)) // never read as no limit
		}
	}
	return Agent{ID: r.ID, Name: r.Name, Email: string(email), Role: r.Role, PasswordHash: r.PasswordHash, MustChange: r.MustChange,
		Disabled: r.Disabled, AwayUntil: r.AwayUntil.time(), CreatedAt: r.CreatedAt.time(),
		LastSeen: r.LastSeen.time(), FailedTries: r.FailedTries, LockedUntil: r.LockedUntil.time(),
		Queues: queues, Epoch: r.Epoch, Subject: r.Subject, FactorAt: r.FactorAt.time()}, err
}

// CreateAgent adds a member of staff, or returns ErrExists: the name is somebody's, or
// reserved. What is to go on record about it is stored with it.
func (s *Store) CreateAgent(ctx context.Context, a Agent, events ...StaffEvent) error {
	if a.ID.Reserved() {
		return ErrExists
	}
	if a.CreatedAt.IsZero() {
		a.CreatedAt = s.now()
	}
	return s.inTx(ctx, "adding agent "+string(a.ID), func(tx *gorm.DB) error {
		row, err := s.agentRow(a)
		if err != nil {
			return err
		}
		if err := tx.Create(&row).Error; isDuplicate(err) {
			return ErrExists
		} else if err != nil {
			return err
		}
		return s.recordStaff(tx, a.ID, events)
	})
}

// UpdateAgent changes name, e-mail address, role, queues, disabled and
// away-until. What belongs to signing in has methods of its own. Another role,
// and being disabled, end all sessions.
func (s *Store) UpdateAgent(ctx context.Context, a Agent, events ...StaffEvent) error {
	return s.changeAgent(ctx, a.ID, events, func(was agentRow) (map[string]any, error) {
		row, err := s.agentRow(a)
		if was.Role != row.Role || was.Disabled != row.Disabled {
			was.Epoch++
		}
		return map[string]any{"name": row.Name, "email": row.Email, "role": row.Role, "queues": row.Queues,
			"disabled": row.Disabled, "away_until": row.AwayUntil, "epoch": was.Epoch}, err
	})
}

// SetPassword stores the hash of a password, ends all sessions, and forgets
// failed tries.
func (s *Store) SetPassword(ctx context.Context, id ticket.AgentID, hash string, mustChange bool, events ...StaffEvent) error {
	if mustChange { // a reset: what was made with the access there was before ends with it
		if err := s.revokeAPITokens(ctx, id); err != nil {
			return err
		}
	}
	return s.changeAgent(ctx, id, events, func(was agentRow) (map[string]any, error) {
		return map[string]any{"password_hash": hash, "must_change": mustChange, "failed_tries": 0, "locked_until": nil,
			"epoch": was.Epoch + 1}, nil
	})
}

// SignedIn records a sign-in that succeeded, and forgets failed tries.
func (s *Store) SignedIn(ctx context.Context, id ticket.AgentID, now time.Time) error {
	return s.changeAgent(ctx, id, nil, func(agentRow) (map[string]any, error) {
		return map[string]any{"last_seen": instantOf(now), "failed_tries": 0, "locked_until": nil}, nil
	})
}

// EndSessions ends all sessions of a member.
func (s *Store) EndSessions(ctx context.Context, id ticket.AgentID) error {
	return s.changeAgent(ctx, id, nil, func(was agentRow) (map[string]any, error) {
		return map[string]any{"epoch": was.Epoch + 1}, nil
	})
}

// changeAgent changes columns of one member, going by how they stand, and puts
// on record what it was, in one transaction.
func (s *Store) changeAgent(ctx context.Context, id ticket.AgentID, events []StaffEvent, change func(was agentRow) (map[string]any, error)) error {
	return s.inTx(ctx, "changing agent "+string(id), func(tx *gorm.DB) error {
		var was agentRow
		if err := tx.Clauses(forUpdate()).Take(&was, "id = ?", id).Error; err != nil {
			return err
		}
		columns, err := change(was)
		if err != nil {
			return err
		}
		if err := tx.Model(&agentRow{}).Where("id = ?", id).Updates(columns).Error; err != nil {
			return err
		}
		return s.recordStaff(tx, id, events)
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
