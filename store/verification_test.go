package store

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

const codeTTL = 15 * time.Minute

func issue(t *testing.T, s *Store, n ticket.Number, step contract.Step, level ticket.Level, contact string) string {
	t.Helper()
	_, code, err := s.IssueCode(ctx, n, step, level, contract.ToTyped, contact, noon, codeTTL)
	require.NoError(t, err)
	require.Regexp(t, `^\d{6}$`, code)
	return code
}

func try(t *testing.T, s *Store, n ticket.Number, code string, now time.Time) (Verification, CodeResult) {
	t.Helper()
	v, result, err := s.TryCode(ctx, n, code, now)
	require.NoError(t, err)
	return v, result
}

// wrong is a code that is not the right one.
func wrong(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

func TestTenThousandGuessesAtOnceAreFiveTries(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		guess := wrong(issue(t, s, n, "code-1", ticket.LevelContact, markedEmail))
		var looked, usedUp atomic.Int64
		guesses := make(chan struct{}, 10_000)
		for range cap(guesses) {
			guesses <- struct{}{}
		}
		close(guesses)
		var all sync.WaitGroup
		for range 64 {
			all.Go(func() {
				for range guesses {
					switch _, result, err := s.TryCode(ctx, n, guess, noon); {
					case err != nil:
						t.Error(err)
					case result == CodeWrong:
						looked.Add(1)
					case result == CodeUsedUp:
						usedUp.Add(1)
					}
				}
			})
		}
		all.Wait()
		require.EqualValues(t, MaxTries, looked.Load())
		require.EqualValues(t, 10_000-MaxTries, usedUp.Load())
		v, err := s.LatestVerification(ctx, n)
		require.NoError(t, err)
		require.Equal(t, MaxTries, v.Tries)
	})
}

func TestTheRightCodeProvesOnceAndStaysRightWithinItsTime(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		code := issue(t, s, n, "code-1", ticket.LevelContact, markedEmail)
		_, err := s.ProvedContact(ctx, n)
		require.ErrorIs(t, err, ErrNotFound)
		_, result := try(t, s, n, wrong(code), noon)
		require.Equal(t, CodeWrong, result)
		v, result := try(t, s, n, code, noon.Add(time.Minute))
		require.Equal(t, CodeOK, result)
		for range 10 {
			again, result := try(t, s, n, code, noon.Add(2*time.Minute))
			require.Equal(t, CodeOK, result)
			require.Equal(t, v, again)
		}
		require.Equal(t, noon.Add(time.Minute), v.ProvedAt)
		require.Equal(t, 1, v.Tries)
		_, result = try(t, s, n, code, noon.Add(codeTTL))
		require.Equal(t, CodeExpired, result)
		contact, err := s.ProvedContact(ctx, n)
		require.NoError(t, err)
		require.Equal(t, markedEmail, contact)
	})
}

func TestAProvedCodeCannotBeGuessedEither(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		code := issue(t, s, n, "code-1", ticket.LevelContact, markedEmail)
		try(t, s, n, code, noon)
		for range MaxTries {
			_, result := try(t, s, n, wrong(code), noon)
			require.Equal(t, CodeWrong, result)
		}
		_, result := try(t, s, n, code, noon)
		require.Equal(t, CodeUsedUp, result)
	})
}

func TestANewCodeMakesTheLastOneWorthless(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		first := issue(t, s, n, "code-1", ticket.LevelContact, markedEmail)
		second := issue(t, s, n, "code-2", ticket.LevelContact, markedEmail)
		for second == first {
			second = issue(t, s, n, "code-2", ticket.LevelContact, markedEmail)
		}
		_, result := try(t, s, n, first, noon)
		require.Equal(t, CodeWrong, result)
		_, result = try(t, s, n, second, noon)
		require.Equal(t, CodeOK, result)
		_, result = try(t, s, file(t, s).Number, second, noon)
		require.Equal(t, CodeWrong, result, "a code is its ticket's own")
		_, result = try(t, s, "DSR-20261123-00000000", second, noon)
		require.Equal(t, CodeWrong, result)
	})
}

func TestTheContactProvedHighestIsTheOneToTrust(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		try(t, s, n, issue(t, s, n, "code-1", ticket.LevelAccount, "on-file@example.org"), noon)
		try(t, s, n, issue(t, s, n, "code-2", ticket.LevelContact, markedEmail), noon)
		contact, err := s.ProvedContact(ctx, n)
		require.NoError(t, err)
		require.Equal(t, "on-file@example.org", contact)
	})
}

func TestACodeIsDeliveredWhenItsMailIs(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		issue(t, s, n, "code-1", ticket.LevelContact, markedEmail)
		_, err := s.TryMail(ctx, contract.MailOrder{Number: n, Step: "code-1", Letter: contract.LetterCode, To: contract.ToTyped}, noon)
		require.NoError(t, err)
		require.NoError(t, s.MailAccepted(ctx, contract.MailOrder{Number: n, Step: "code-1", Code: true}, "<c@desk>", noon))
		v, err := s.LatestVerification(ctx, n)
		require.NoError(t, err)
		require.True(t, v.Delivered)
	})
}

func TestALinkWorksUntilItExpiresOrIsRevoked(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		n := file(t, s).Number
		token, err := s.NewLink(ctx, n, LinkTrack, true, noon, time.Hour)
		require.NoError(t, err)
		link, err := s.LinkByToken(ctx, token, noon.Add(59*time.Minute))
		require.NoError(t, err)
		require.Equal(t, Link{ID: link.ID, Number: n, Purpose: LinkTrack, Proved: true, ExpiresAt: noon.Add(time.Hour)}, link)
		_, err = s.LinkByToken(ctx, token, noon.Add(time.Hour))
		require.ErrorIs(t, err, ErrNotFound)
		_, err = s.LinkByToken(ctx, "unknown", noon)
		require.ErrorIs(t, err, ErrNotFound)
		require.NoError(t, s.RevokeLinks(ctx, n))
		_, err = s.LinkByToken(ctx, token, noon)
		require.ErrorIs(t, err, ErrNotFound)
	})
}
