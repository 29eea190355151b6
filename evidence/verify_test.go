package evidence

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
)

const aNumber = "DSR-20261123-7K3F9QXM"

func newKey(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	return private
}

// aFile is a file with something in every part.
func aFile() File {
	f := File{Product: "test", MadeAt: noon.Add(3 * time.Hour), MadeBy: "sun.officer",
		Ticket: Ticket{Number: aNumber, Kind: "account_cancellation", Stage: "closed", ReceivedAt: noon, FiledAt: noon, ReplyDue: noon.Add(time.Hour)},
		Policy: Policy{"cn", "2026.1", "d"}, Calendar: Calendar{"cn", 1, []Schedule{{1, "d", noon}}},
		Mails:        []Mail{{Letter: "receipt", To: "typed", Status: "accepted", Attempts: 1, Code: 250, QueuedAt: noon}},
		Verification: []Check{{Method: "mail_code", Level: 2, To: "on_file", Tries: 1, SentAt: noon, ExpiresAt: noon}},
		Decision:     &Decision{By: "li.wei", At: noon, Outcome: "accepted", Fields: []FieldDecision{{"real_name", true, ""}}},
		Workflow:     History{Available: true, Runs: 1, Events: 41, Digest: "d"}, Chain: Head{12, "h"}}
	var previous string
	for i, act := range []contract.Act{contract.ActReceived, contract.ActDecided, contract.ActApproved, contract.ActPurged} {
		e := Entry{Seq: int64(i) + 1, Rev: int64(i), At: noon.Add(time.Duration(i) * time.Minute), Actor: "staff", Agent: "li.wei", Act: act, Code: "<&>"}
		e.Hash = e.Digest(aNumber, previous)
		f.Trail, previous = append(f.Trail, e), e.Hash
	}
	previous = ""
	for i, running := range []bool{true, false, true, false} {
		e := ClockEntry{Seq: int64(i) + 1, At: noon.Add(time.Duration(i*i) * time.Minute), Event: "moved", Running: running, Due: noon}
		e.Hash = e.Digest(aNumber, previous)
		f.Clock.Entries, previous = append(f.Clock.Entries, e), e.Hash
	}
	return f
}

func TestASignedFileIsWholeAndSaysWhatWasChecked(t *testing.T) {
	private := newKey(t)
	text, err := Sign(aFile(), private)
	require.NoError(t, err)
	f, said, err := Verify(text, private.Public().(ed25519.PublicKey))
	require.NoError(t, err)
	require.Equal(t, int64(6*time.Minute/time.Microsecond), f.Clock.Ran)
	require.Equal(t, int64((174)*time.Minute/time.Microsecond), f.Clock.Stood)
	require.Len(t, f.Approvals, 2)
	words := strings.Join(said, "\n")
	require.Contains(t, words, "that is the key you gave")
	require.Contains(t, words, "the 4 entries of the trail are chained")
	require.Contains(t, words, "ran for 6m0s and stood for 2h54m0s")

	_, said, err = Verify(text, nil)
	require.NoError(t, err)
	require.Contains(t, strings.Join(said, "\n"), "compare it")
	_, _, err = Verify(text, newKey(t).Public().(ed25519.PublicKey))
	require.ErrorContains(t, err, "another key")

	none := aFile()
	none.Trail, none.Clock, none.Decision, none.Workflow = nil, Clock{}, nil, History{Why: "Temporal did not answer"}
	text, err = Sign(none, private)
	require.NoError(t, err)
	_, said, err = Verify(text, nil)
	require.NoError(t, err)
	require.Contains(t, strings.Join(said, "\n"), "no digest of the workflow's history: Temporal did not answer")
}

// Anybody can check the signature without this program: it is over what stands
// before its line.
func TestTheSignatureIsOverTheBytesBeforeItsLine(t *testing.T) {
	private := newKey(t)
	text, err := Sign(aFile(), private)
	require.NoError(t, err)
	before, line, found := bytes.Cut(text, []byte("\n  \"signature\": \""))
	require.True(t, found)
	signature, err := hex.DecodeString(strings.TrimSuffix(string(line), "\"\n}\n"))
	require.NoError(t, err)
	require.True(t, ed25519.Verify(private.Public().(ed25519.PublicKey), before, signature))
}

func TestAFileWithAnyByteFlippedFails(t *testing.T) {
	text, err := Sign(aFile(), newKey(t))
	require.NoError(t, err)
	for i := range text {
		for bit := range 8 {
			changed := bytes.Clone(text)
			changed[i] ^= 1 << bit
			_, _, err := Verify(changed, nil)
			require.Error(t, err, "byte %d, %q became %q", i, text[max(0, i-20):i+1], changed[i])
		}
		short := append(bytes.Clone(text[:i]), text[i+1:]...)
		_, _, err := Verify(short, nil)
		require.Error(t, err, "byte %d left out", i)
	}
	for _, more := range []string{" ", "\n", "{}"} {
		_, _, err := Verify(append(bytes.Clone(text), more...), nil)
		require.Error(t, err)
	}
}

// Whoever has the signing key, such as a desk whose database was tampered with
// before the export, still can't hide it.
func TestASignedFileWithABrokenTrailOrClockFails(t *testing.T) {
	private := newKey(t)
	for name, c := range map[string]struct {
		do   func(*File)
		want string
	}{
		"entry changed":    {func(f *File) { f.Trail[1].Agent = "zhao.liu" }, "entry 2 of the trail"},
		"first removed":    {func(f *File) { f.Trail = f.Trail[1:] }, "entry 2 of the trail stands behind 0"},
		"middle removed":   {func(f *File) { f.Trail = append(f.Trail[:1], f.Trail[2:]...) }, "entry 3 of the trail stands behind 1"},
		"swapped":          {func(f *File) { f.Trail[1], f.Trail[2] = f.Trail[2], f.Trail[1] }, "stands behind"},
		"another ticket's": {func(f *File) { f.Ticket.Number = "DSR-20261123-00000000" }, "entry 1 of the trail"},
		"line changed":     {func(f *File) { f.Clock.Entries[2].Running = false }, "ledger entry 3"},
		"line removed":     {func(f *File) { f.Clock.Entries = f.Clock.Entries[1:] }, "ledger entry 2 stands behind 0"},
	} {
		f := aFile()
		c.do(&f)
		text, err := Sign(f, private)
		require.NoError(t, err, name)
		_, _, err = Verify(text, nil)
		require.ErrorContains(t, err, c.want, name)
	}
}
