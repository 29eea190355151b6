package store

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/seal"
	"rightsdesk/store/mariadbtest"
	"rightsdesk/ticket"
)

func TestMain(m *testing.M) { os.Exit(mariadbtest.Run(m)) }

var ctx = context.Background()

// noon is when everything in these tests begins.
var noon = time.Date(2026, 11, 23, 4, 0, 0, 123456000, time.UTC)

// onBoth runs a test on SQLite and on MariaDB, each on empty tables.
func onBoth(t *testing.T, test func(t *testing.T, s *Store)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, openForTest(t, "sqlite:"+filepath.Join(t.TempDir(), "desk.db")))
	})
	t.Run("mariadb", func(t *testing.T) {
		t.Parallel()
		test(t, openForTest(t, mariadbtest.Start(t)))
	})
}

func newVault(t testing.TB) *seal.Vault {
	t.Helper()
	vault, err := seal.Open(seal.NewMasterKey())
	require.NoError(t, err)
	return vault
}

func openForTest(t testing.TB, dsn string) *Store {
	t.Helper()
	s, err := Open(dsn, newVault(t))
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	require.NoError(t, s.Migrate(ctx))
	return s
}

// words that must never be found in a database file or an error.
const (
	markedName   = "MARK-王小明-NAME"
	markedEmail  = "Mark.Wang@Marked-Mail.Example"
	markedPhone  = "+86-139-MARK-0000"
	markedText   = "MARK-请注销我的账户-TEXT"
	markedFile   = "MARK-身份证.png"
	markedBytes  = "MARK-FILE-CONTENT"
	markedReply  = "MARK-REPLY-补充材料"
	markedNote   = "MARK-NOTE-打过电话"
	markedDraft  = "MARK-DRAFT-尊敬的"
	markedField  = "MARK-FIELD-110101199001011234"
	markedTyped  = "MARK-TYPED-未发送"
	markedStaff  = "MARK-staff@desk.example"
	markedReason = "MARK-REASON-监管要求"
)

func aFiling(number ticket.Number) Filing {
	return Filing{
		FormToken: seal.NewToken(), Number: number, Kind: ticket.AccountCancellation, Channel: ticket.ChannelWeb,
		Relation: ticket.Self, Locale: ticket.Chinese, ReceivedAt: noon, FiledAt: noon,
		Policy:     ticket.PolicyRef{Name: "cn", Version: "1", Digest: "d1"},
		PolicyText: []byte("name: cn"), ReplyDue: noon.Add(21 * 24 * time.Hour),
		Content: Content{Person: Person{Name: markedName, Email: markedEmail, Phone: markedPhone, Account: "acct-" + markedName},
			Subject: markedText, Text: markedText},
		Start: contract.Start{Number: number, Kind: ticket.AccountCancellation},
	}
}

// file files a ticket, changed as the test needs it.
func file(t testing.TB, s *Store, change ...func(*Filing)) Ticket {
	t.Helper()
	f := aFiling(ticket.NewNumber(noon))
	for _, c := range change {
		c(&f)
	}
	filed, start, err := s.File(ctx, f)
	require.NoError(t, err)
	require.NotNil(t, start)
	return filed
}

// aState is the state of an open ticket at a revision.
func aState(rev int64) contract.State {
	return contract.State{Rev: rev, Stage: ticket.InProgress, Awaiting: ticket.AwaitingAgent,
		Clock: contract.Clock{From: noon, Due: noon.Add(20 * 24 * time.Hour), SLA: ticket.OnTrack}}
}

func count(t testing.TB, s *Store, row any) int {
	t.Helper()
	var n int64
	require.NoError(t, s.db.Model(row).Count(&n).Error)
	return int(n)
}
