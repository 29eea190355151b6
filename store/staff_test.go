package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/ticket"
)

func TestStaffAreKeptAndFound(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		a := Agent{ID: "li.wei", Name: "李伟", Email: markedStaff, Role: ticket.Agent, PasswordHash: "hash", MustChange: true, CreatedAt: noon}
		require.NoError(t, s.CreateAgent(ctx, a))
		require.ErrorIs(t, s.CreateAgent(ctx, a), ErrExists)
		for _, taken := range []ticket.AgentID{"subject", "system", "doctor"} {
			b := a
			b.ID = taken
			require.ErrorIs(t, s.CreateAgent(ctx, b), ErrExists, "it names somebody else on the trail")
		}
		require.NoError(t, s.CreateAgent(ctx, Agent{ID: "chen.po", Role: ticket.PrivacyOfficer, CreatedAt: noon}))
		require.NoError(t, s.CreateAgent(ctx, Agent{ID: "gone", Role: ticket.Agent, Disabled: true, CreatedAt: noon}))
		read, err := s.Agent(ctx, "li.wei")
		require.NoError(t, err)
		require.Equal(t, a, read)
		_, err = s.Agent(ctx, "nobody")
		require.ErrorIs(t, err, ErrNotFound)
		n, err := s.CountAgents(ctx)
		require.NoError(t, err)
		require.Equal(t, 3, n)
		all, err := s.Agents(ctx)
		require.NoError(t, err)
		require.Equal(t, []ticket.AgentID{"chen.po", "gone", "li.wei"}, []ticket.AgentID{all[0].ID, all[1].ID, all[2].ID})
		some, err := s.AgentsWithRoles(ctx, ticket.Agent, ticket.Lead)
		require.NoError(t, err)
		require.Equal(t, []Agent{a}, some)

		a.Epoch = 1 // another role ends all sessions
		a.Name, a.Email, a.Role, a.AwayUntil = "李小伟", "new@desk.example", ticket.Lead, noon.Add(time.Hour)
		changed := a
		changed.PasswordHash = "not by this way"
		require.NoError(t, s.UpdateAgent(ctx, changed))
		read, err = s.Agent(ctx, "li.wei")
		require.NoError(t, err)
		require.Equal(t, a, read)
		require.ErrorIs(t, s.UpdateAgent(ctx, Agent{ID: "nobody"}), ErrNotFound)
	})
}

func TestWrongPasswordsLockAnAgentOutForAWhile(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		require.NoError(t, s.CreateAgent(ctx, Agent{ID: "li.wei", Role: ticket.Agent}))
		for i := 1; i <= 5; i++ {
			a, err := s.SignInFailed(ctx, "li.wei", 5, 15*time.Minute, noon)
			require.NoError(t, err)
			require.Equal(t, i, a.FailedTries)
			require.Equal(t, i == 5, a.LockedUntil.Equal(noon.Add(15*time.Minute)))
		}
		require.NoError(t, s.SignedIn(ctx, "li.wei", noon.Add(time.Hour)))
		a, err := s.Agent(ctx, "li.wei")
		require.NoError(t, err)
		require.Zero(t, a.FailedTries)
		require.True(t, a.LockedUntil.IsZero())
		require.Equal(t, noon.Add(time.Hour), a.LastSeen)
		require.NoError(t, s.SetPassword(ctx, "li.wei", "new", true))
		a, err = s.Agent(ctx, "li.wei")
		require.NoError(t, err)
		require.Equal(t, []any{"new", true}, []any{a.PasswordHash, a.MustChange})
		_, err = s.SignInFailed(ctx, "nobody", 5, time.Minute, noon)
		require.ErrorIs(t, err, ErrNotFound)
	})
}

func TestPresenceIsTheLastTouch(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		seen, err := s.Presence(ctx, n, "li.wei")
		require.NoError(t, err)
		require.True(t, seen.IsZero())
		require.NoError(t, s.Touch(ctx, n, "li.wei", noon))
		require.NoError(t, s.Touch(ctx, n, "li.wei", noon.Add(time.Minute)))
		seen, err = s.Presence(ctx, n, "li.wei")
		require.NoError(t, err)
		require.Equal(t, noon.Add(time.Minute), seen)
	})
}

func TestSessionsAreKeptSealedUntilTheyExpire(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		s.now = func() time.Time { return noon }
		sessions := s.SessionStore()
		_, found, err := sessions.Find("token")
		require.NoError(t, err)
		require.False(t, found)
		require.NoError(t, sessions.Commit("token", []byte("one"), noon.Add(time.Hour)))
		require.NoError(t, sessions.Commit("token", []byte("two"), noon.Add(time.Hour)))
		data, found, err := sessions.Find("token")
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, "two", string(data))
		require.NoError(t, sessions.Delete("token"))
		require.NoError(t, sessions.Delete("token"))
		_, found, err = sessions.Find("token")
		require.NoError(t, err)
		require.False(t, found)
		require.NoError(t, sessions.Commit("old", []byte("x"), noon))
		_, found, err = sessions.Find("old")
		require.NoError(t, err)
		require.False(t, found)
		n, err := s.DeleteExpired(ctx, noon)
		require.NoError(t, err)
		require.Equal(t, 1, n)
	})
}

func TestATokenActsForItsAgentUntilRevoked(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		s.now = func() time.Time { return noon }
		require.NoError(t, s.CreateAgent(ctx, Agent{ID: "li.wei", Role: ticket.Agent}))
		secret, token, err := s.CreateAPIToken(ctx, "li.wei", "import")
		require.NoError(t, err)
		require.Equal(t, APIToken{ID: token.ID, Agent: "li.wei", Name: "import", CreatedAt: noon}, token)
		who, err := s.AgentByToken(ctx, secret)
		require.NoError(t, err)
		require.Equal(t, ticket.AgentID("li.wei"), who.ID)
		tokens, err := s.APITokens(ctx, "li.wei")
		require.NoError(t, err)
		require.Equal(t, noon, tokens[0].LastUsed)
		require.NoError(t, s.UpdateAgent(ctx, Agent{ID: "li.wei", Role: ticket.Agent, Disabled: true}))
		_, err = s.AgentByToken(ctx, secret)
		require.ErrorIs(t, err, ErrNotFound)
		require.NoError(t, s.UpdateAgent(ctx, Agent{ID: "li.wei", Role: ticket.Agent}))
		require.ErrorIs(t, s.RevokeAPIToken(ctx, "chen.po", token.ID), ErrNotFound)
		require.NoError(t, s.RevokeAPIToken(ctx, "li.wei", token.ID))
		_, err = s.AgentByToken(ctx, secret)
		require.ErrorIs(t, err, ErrNotFound)
	})
}
