package command

import (
	"context"
	"database/sql"
	"regexp"
	"strings"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
)

// sql changes the database as somebody without the desk does.
func (s *server) sql(statement string, args ...any) {
	s.t.Helper()
	driver, address, _ := strings.Cut(s.dsn, ":")
	db, err := sql.Open(driver, address)
	require.NoError(s.t, err)
	defer db.Close()
	_, err = db.Exec(statement, args...)
	require.NoError(s.t, err)
}

func TestAuditVerifyNamesWhatWasTamperedWith(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		first, second := s.filed(), s.filed()
		require.Contains(t, s.works("audit", "verify"), "2 of them wait to be chained")
		s.chained()
		said := s.works("audit", "verify")
		require.Contains(t, said, "looked at 2 entries of 2 tickets and 0 lines of their clocks: 2 in all")
		head := regexp.MustCompile(`head (2:[0-9a-f]{64})`).FindStringSubmatch(said)[1]
		require.Contains(t, s.works("audit", "verify", "--head", head), "nothing up to position 2 was cut off")

		s.sql("UPDATE events SET act = 'closed' WHERE number = '" + string(second) + "'")
		said = s.fails("audit", "verify")
		require.Contains(t, said, "ticket "+string(second)+", entry 2, no. 1 of its ticket: was changed")
		require.NotContains(t, said, string(first))
		require.NotContains(t, said, "head 2:")
		s.sql("UPDATE events SET act = 'received' WHERE number = '" + string(second) + "'")
		s.works("audit", "verify")

		require.NoError(t, s.running.AppendEvent(context.Background(), first, contract.Event{At: time.Now(), Actor: contract.BySystem, Act: contract.ActClosed}))
		s.chained()
		s.works("audit", "verify", "--head", head)
		require.Contains(t, s.fails("audit", "verify", "--head", "2:"+strings.Repeat("0", 64)), "it was written anew")
		require.Contains(t, s.fails("audit", "verify", "--head", "9:"+strings.Repeat("0", 64)), "it was cut off")
		for _, wrong := range []string{"2", "x:" + strings.Repeat("0", 64), "0:" + strings.Repeat("0", 64), "2:abc", "2:" + strings.Repeat("G", 64)} {
			require.Contains(t, s.fails("audit", "verify", "--head", wrong), "POSITION:HASH")
		}
	})
}
