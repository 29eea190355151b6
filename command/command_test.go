package command

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/store/mariadbtest"
	"rightsdesk/ticket"
)

func TestMain(m *testing.M) { os.Exit(mariadbtest.Run(m)) }

// server is a machine with a key file and a database, at whose command line the
// test sits.
type server struct {
	t        *testing.T
	dir      string
	key, dsn string
	running  *store.Store // as an api process has it open
}

func onBoth(t *testing.T, test func(t *testing.T, s *server)) {
	for name, dsn := range map[string]func(*testing.T, string) string{
		"sqlite":  func(_ *testing.T, dir string) string { return "sqlite:" + filepath.Join(dir, "desk.db") },
		"mariadb": func(t *testing.T, _ string) string { return mariadbtest.Start(t) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := &server{t: t, dir: dir, key: filepath.Join(dir, "keys", "master.key"), dsn: dsn(t, dir)}
			require.NoError(t, os.Mkdir(filepath.Dir(s.key), 0o700))
			s.works("keys", "new", s.key)
			s.works("migrate")
			vault, err := seal.OpenFile(s.key)
			require.NoError(t, err)
			s.running, err = store.Open(s.dsn, vault)
			require.NoError(t, err)
			t.Cleanup(func() { _ = s.running.Close() })
			test(t, s)
		})
	}
}

// run runs a command and returns its exit code and all it wrote.
func (s *server) run(args ...string) (int, string) {
	s.t.Helper()
	var out, log bytes.Buffer
	switch {
	case args[0] == "keys" && args[1] != "rotate" && args[1] != "retire", args[0] == "evidence" && args[1] == "verify":
	default:
		args = append(args, "--database", s.dsn, "--master-key-file", s.key)
	}
	code := Main(args, &out, &log)
	return code, out.String() + log.String()
}

func (s *server) works(args ...string) string {
	s.t.Helper()
	code, said := s.run(args...)
	require.Zero(s.t, code, said)
	return said
}

func (s *server) fails(args ...string) string {
	s.t.Helper()
	code, said := s.run(args...)
	require.Equal(s.t, 1, code, said)
	return said
}

// filed files a ticket whose words are marked.
func (s *server) filed() ticket.Number {
	s.t.Helper()
	policy, text, err := ticket.EmbeddedPolicy("cn")
	require.NoError(s.t, err)
	now := time.Now()
	f := store.Filing{Number: ticket.NewNumber(now), Kind: ticket.Complaint, Category: ticket.CategoryPrivacy, Channel: ticket.ChannelWeb,
		Relation: ticket.Self, Locale: ticket.Chinese, ReceivedAt: now, FiledAt: now, Policy: policy.Ref(), PolicyText: text,
		ReplyDue: now.AddDate(0, 0, 21), Content: store.Content{Person: store.Person{Name: "MARK-王小明"}, Text: "MARK"}}
	f.Start = contract.Start{Number: f.Number, Kind: f.Kind}
	_, _, err = s.running.File(context.Background(), f)
	require.NoError(s.t, err)
	return f.Number
}

func (s *server) chained() {
	s.t.Helper()
	_, err := s.running.NewAuditChainer().Run(context.Background(), time.Now())
	require.NoError(s.t, err)
}
