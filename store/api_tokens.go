package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"rightsdesk/seal"
	"rightsdesk/ticket"
)

// APIToken is a secret by which a program acts for an agent. Only a keyed hash
// is stored.
type APIToken struct {
	ID        int64
	Agent     ticket.AgentID
	Name      string
	CreatedAt time.Time
	LastUsed  time.Time
	RevokedAt time.Time
}

type apiTokenRow struct {
	ID        int64
	TokenHash string
	Agent     ticket.AgentID
	Name      string
	CreatedAt instant `gorm:"autoCreateTime:false"`
	LastUsed  instant
	RevokedAt instant
}

func (apiTokenRow) TableName() string { return "api_tokens" }

func (r apiTokenRow) token() APIToken {
	return APIToken{ID: r.ID, Agent: r.Agent, Name: r.Name, CreatedAt: r.CreatedAt.time(), LastUsed: r.LastUsed.time(),
		RevokedAt: r.RevokedAt.time()}
}

// APITokenPrefix begins every token, so that one that leaked is recognised.
const APITokenPrefix = "rightsdesk_"

// CreateAPIToken makes a token. It can't be shown again.
func (s *Store) CreateAPIToken(ctx context.Context, agent ticket.AgentID, name string) (string, APIToken, error) {
	secret := APITokenPrefix + seal.NewToken()
	var row apiTokenRow
	err := s.write(ctx, "making a token for "+string(agent), func(db *gorm.DB) error {
		row = apiTokenRow{TokenHash: s.vault.Hash("api-token", secret), Agent: agent, Name: name, CreatedAt: instantOf(s.now())}
		return db.Create(&row).Error
	})
	if err != nil {
		return "", APIToken{}, err
	}
	return secret, row.token(), nil
}

// AgentByToken returns whom a token belongs to; ErrNotFound for one that is
// unknown or revoked, and for an agent that is disabled.
func (s *Store) AgentByToken(ctx context.Context, token string) (Agent, error) {
	const doing = "looking up a token"
	var row struct {
		Agent     agentRow `gorm:"embedded"`
		TokenID   int64
		TokenUsed instant
	}
	err := s.read(ctx).Table("api_tokens").Select("agents.*, api_tokens.id AS token_id, api_tokens.last_used AS token_used").
		Joins("JOIN agents ON agents.id = api_tokens.agent").
		Where("api_tokens.token_hash = ? AND api_tokens.revoked_at IS NULL", s.vault.Hash("api-token", token)).Take(&row).Error
	if err != nil {
		return Agent{}, failed(doing, err)
	}
	agent, err := s.agent(row.Agent)
	if err != nil {
		return Agent{}, err
	}
	if agent.Disabled {
		return Agent{}, failed(doing, ErrNotFound)
	}
	if now := s.now(); now.Sub(row.TokenUsed.time()) > time.Minute { // not at every request
		err := s.write(ctx, doing, func(db *gorm.DB) error {
			return db.Model(&apiTokenRow{}).Where("id = ?", row.TokenID).Update("last_used", instantOf(now)).Error
		})
		if err != nil && !errors.Is(err, ErrUnavailable) {
			return Agent{}, err
		}
	}
	return agent, nil
}

// APITokens lists an agent's tokens, revoked ones included, newest first.
func (s *Store) APITokens(ctx context.Context, agent ticket.AgentID) ([]APIToken, error) {
	var rows []apiTokenRow
	err := s.read(ctx).Order("id DESC").Find(&rows, "agent = ?", agent).Error
	tokens := make([]APIToken, len(rows))
	for i, r := range rows {
		tokens[i] = r.token()
	}
	return tokens, failed("listing the tokens of "+string(agent), err)
}

// RevokeAPIToken makes an agent's token worthless.
func (s *Store) RevokeAPIToken(ctx context.Context, agent ticket.AgentID, id int64) error {
	return s.write(ctx, "revoking a token of "+string(agent), func(db *gorm.DB) error {
		revoked := db.Model(&apiTokenRow{}).Where("id = ? AND agent = ?", id, agent).
			Update("revoked_at", gorm.Expr("COALESCE(revoked_at, ?)", instantOf(s.now())))
		if revoked.Error == nil && revoked.RowsAffected == 0 {
			return ErrNotFound
		}
		return revoked.Error
	})
}

// revokeAPITokens ends all tokens of a member of staff.
func (s *Store) revokeAPITokens(ctx context.Context, agent ticket.AgentID) error {
	return s.write(ctx, "revoking the tokens of "+string(agent), func(db *gorm.DB) error {
		return db.Model(&apiTokenRow{}).Where("agent = ? AND revoked_at IS NULL", agent).Update("revoked_at", instantOf(s.now())).Error
	})
}
