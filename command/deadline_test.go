package command

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The table of DOMAIN.md, through the command line.
func TestDeadlinesOfTheTableAreTold(t *testing.T) {
	for received, due := range map[string]string{
		"2026-01-05": "2026-01-26", "2026-02-13": "2026-03-12", "2026-02-20": "2026-03-13", "2026-09-11": "2026-10-09",
		"2026-09-30": "2026-10-27", "2026-12-11": "2027-01-04 provisional",
	} {
		for _, at := range []string{"T00:00:00+08:00", "T10:00:00+08:00", "T23:59:59+08:00"} {
			day, provisional, _ := strings.Cut(due, " ")
			want := day + "T23:59:59+08:00\n"
			if provisional != "" {
				want = day + "T23:59:59+08:00 provisional\n"
			}
			code, out, complaint := typed("deadline", "--received", received+at)
			require.Zero(t, code, complaint)
			assert.Equal(t, want, out, received+at)
		}
	}
}

func TestTheDayOfReceiptIsShanghais(t *testing.T) {
	_, out, _ := typed("deadline", "--received", "2026-01-04T17:00:00Z") // the 5th in Shanghai
	assert.Equal(t, "2026-01-26T23:59:59+08:00\n", out)
}

func TestExplainListsEveryDayAndCountsFifteen(t *testing.T) {
	code, out, complaint := typed("deadline", "--received", "2026-02-13T10:00:00+08:00", "--explain")
	require.Zero(t, code, complaint)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	assert.Equal(t, "2026-03-12T23:59:59+08:00", lines[0])
	assert.Len(t, lines, 1+28, "each day from receipt to the last")
	assert.Contains(t, lines[1], "day of receipt: not counted")
	assert.Contains(t, lines[2], "make-up working day (春节)")
	counted := 0
	for _, l := range lines[1:] {
		if f := strings.Fields(l); f[2] != "-" {
			counted++
			assert.Equal(t, fmt.Sprint(counted), f[2])
		}
	}
	assert.Equal(t, 15, counted)

	_, out, _ = typed("deadline", "--received", "2026-12-11T10:00:00+08:00", "--explain")
	assert.Contains(t, out, "statutory holiday (元旦), schedule not published")
}

func TestOtherPoliciesCountTheirOwnWay(t *testing.T) {
	code, out, complaint := typed("deadline", "--received", "2026-01-31T10:00:00+01:00", "--policy", "gdpr")
	require.Zero(t, code, complaint)
	assert.True(t, strings.HasPrefix(out, "2026-03-02"), out) // a month ends on Saturday the 28th: the next working day
	code, out, complaint = typed("deadline", "--received", "2026-01-05T10:00:00-08:00", "--policy", "ccpa", "--kind", "account_cancellation")
	require.Zero(t, code, complaint)
	assert.True(t, strings.HasPrefix(out, "2026-02-1"), out)
}

func TestWhatIsTypedWronglyIsNamed(t *testing.T) {
	for want, args := range map[string][]string{
		"--received":                     {"deadline", "--received", "yesterday"},
		"missing flags: --received":      {"deadline"},
		"--kind must be one of":          {"deadline", "--received", "2026-01-05T10:00:00+08:00", "--kind", "haircut"},
		"--policy":                       {"deadline", "--received", "2026-01-05T10:00:00+08:00", "--policy", "atlantis"},
		"no-such.yaml":                   {"deadline", "--received", "2026-01-05T10:00:00+08:00", "--policy", "./no-such.yaml"},
		"YEAR":                           {"calendar", "show", "26"},
		"RIGHTSDESK_DATABASE":            {"agent", "list"},
		"one of the two":                 {"agent", "list", "--database", "sqlite:x.db"},
		"unexpected argument frobnicate": {"frobnicate"},
		"unknown flag --recieved":        {"deadline", "--recieved", "2026-01-05T10:00:00+08:00"},
		"there is no master key at":      {"agent", "list", "--database", "sqlite:x.db", "--master-key-file", "none.key"},
		"mysql:USER:PASSWORD@tcp":        {"agent", "list", "--master-key-file", "none.key"},
		"exists already":                 {"keys", "new", newKey(t, 0o600)},
	} {
		code, _, complaint := typed(args...)
		assert.NotZero(t, code, args)
		assert.Contains(t, complaint, want, args)
	}
}

func TestAYearIsShownWithWhetherItIsPublished(t *testing.T) {
	code, out, complaint := typed("calendar", "show", "2026")
	require.Zero(t, code, complaint)
	assert.Contains(t, out, "cn 2026, published, ")
	assert.Contains(t, out, "2026-02-14  Sat  make-up working day (春节)")
	assert.Contains(t, out, "2026-02-16  Mon  day off (春节)")
	assert.NotContains(t, out, "2026-01-05")

	_, out, _ = typed("calendar", "show", "2027")
	assert.Contains(t, out, "not published: deadlines in it are provisional")
	for _, day := range []string{"2027-01-01", "2027-02-05", "2027-02-08", "2027-04-05", "2027-05-02", "2027-06-09", "2027-09-15", "2027-10-03"} {
		assert.Contains(t, out, day)
	}
	assert.NotContains(t, out, "make-up")
}
