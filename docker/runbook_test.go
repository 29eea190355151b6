package docker_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	_ "github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/command"
	"rightsdesk/seal"
	"rightsdesk/store/mariadbtest"
)

func TestMain(m *testing.M) { os.Exit(mariadbtest.Run(m)) }

const runbook = "../docs/runbook.md"

// section is a section of the runbook: its heading and its text.
type section struct{ heading, text string }

// sections are those of level 3 below a heading of level 2.
func sections(t *testing.T, below string) []section {
	t.Helper()
	_, part, found := strings.Cut(read(t, runbook), "\n## "+below+"\n")
	require.True(t, found, below)
	part, _, _ = strings.Cut(part, "\n## ")
	var all []section
	for _, piece := range strings.Split("\n"+part, "\n### ")[1:] {
		heading, text, _ := strings.Cut(piece, "\n")
		all = append(all, section{heading, text})
	}
	require.NotEmpty(t, all)
	return all
}

func TestEveryAlertHasItsSectionAndEverySectionItsAlert(t *testing.T) {
	var raised, described []string
	for _, a := range alerts(t) {
		raised = append(raised, a.Alert)
	}
	for _, s := range sections(t, "Alerts") {
		described = append(described, s.heading)
	}
	slices.Sort(raised)
	slices.Sort(described)
	assert.Equal(t, raised, described)
}

func TestEverySectionOfAnAlertSaysWhatToDoFirstAndTheRest(t *testing.T) {
	leads := []string{"**Do first.**", "**What it means.**", "**See.**", "**Mend.**", "**Tell.**", "**Over when.**"}
	for _, s := range sections(t, "Alerts") {
		at := -1
		for _, lead := range leads {
			next := strings.Index(s.text, lead)
			assert.Greater(t, next, at, "%s: %s is missing or out of order", s.heading, lead)
			at = next
		}
	}
}

// anchor is what a heading is linked by.
func anchor(heading string) string {
	kept := regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(strings.ToLower(heading), "")
	return strings.ReplaceAll(kept, " ", "-")
}

func TestLinksOfTheOperatorsPagesLeadSomewhere(t *testing.T) {
	pages := []string{runbook, "README.md", "kubernetes/README.md"}
	links := 0
	for _, page := range pages {
		for _, m := range regexp.MustCompile(`\]\(([^)#\s]*)(#[^)\s]+)?\)`).FindAllStringSubmatch(read(t, page), -1) {
			file, fragment := m[1], strings.TrimPrefix(m[2], "#")
			if strings.Contains(file, "://") {
				continue
			}
			links++
			target := page
			if file != "" {
				target = filepath.Join(filepath.Dir(page), file)
			}
			if _, err := os.Stat(target); !assert.NoError(t, err, "%s: %s", page, m[0]) || fragment == "" {
				continue
			}
			found := false
			for _, h := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(read(t, target), -1) {
				found = found || anchor(h[1]) == fragment
			}
			assert.True(t, found, "%s: %s leads to no heading", page, m[0])
		}
	}
	assert.Greater(t, links, 20)
}

// Commands of ours, as they stand in code: rightsdesk keys rotate --new. That
// rightsdesk is a namespace of Kubernetes too is taken out before.
var called = regexp.MustCompile("(?m)(?:^|[`/(]|&& |; ) *rightsdesk ([a-z-][^\n`|;&>)]*)")

func TestTheOperatorsPagesCallCommandsThatThereAre(t *testing.T) {
	known := append(commands(t), notYet...)
	calls := 0
	for _, page := range []string{runbook, "README.md", "kubernetes/README.md"} {
		code := regexp.MustCompile("(?s)```(?:sh)?\n.*?```|`[^`\n]+`").FindAllString(read(t, page), -1)
		for _, piece := range code {
			piece = strings.ReplaceAll(piece, "-n rightsdesk ", "")
			for _, m := range called.FindAllStringSubmatch(piece, -1) {
				words, _, _ := strings.Cut(m[1], "#")
				calls++
				checkCall(t, page, strings.Fields(words), known)
			}
		}
	}
	assert.Greater(t, calls, 25)
}

func checkCall(t *testing.T, page string, words, known []string) {
	t.Helper()
	call := "rightsdesk " + strings.Join(words, " ")
	var command []string
	for n := min(2, len(words)); n > 0 && command == nil; n-- {
		if slices.Contains(known, strings.Join(words[:n], " ")) {
			command = words[:n]
		}
	}
	if !assert.NotNil(t, command, "%s: %s is no command", page, call) || slices.Contains(notYet, strings.Join(command, " ")) {
		return
	}
	said, ok := help(command...)
	require.True(t, ok, call)
	for _, w := range words[len(command):] {
		if flag, _, _ := strings.Cut(w, "="); strings.HasPrefix(flag, "--") {
			assert.Regexp(t, `\s`+regexp.QuoteMeta(flag)+`[=\s]`, said, "%s: %s", page, call)
		}
	}
}

// The queue's filters that the runbook leads to are those of the console. It reads
// them in the console's own source: there is no list of them for others.
func TestTheRunbookLeadsToFiltersOfTheQueue(t *testing.T) {
	source := read(t, "../api/console_queue_filter.go")
	found := regexp.MustCompile(`/desk\?show=([a-z_]+)`).FindAllStringSubmatch(read(t, runbook), -1)
	assert.NotEmpty(t, found)
	for _, m := range found {
		assert.True(t, strings.Contains(source, `"`+m[1]+`"`) || slices.Contains(notYet, m[1]), "the queue has no filter %s", m[1])
	}
}

func TestTheRunbooksStatementsAreOnesThatTheDatabaseTakes(t *testing.T) {
	dsn, key := mariadbtest.Start(t), filepath.Join(t.TempDir(), "master.key")
	require.NoError(t, seal.CreateFile(key))
	require.NoError(t, command.Migrate(t.Context(), command.Database{Database: dsn, MasterKeyFile: key}))
	db, err := sql.Open("mysql", strings.TrimPrefix(dsn, "mysql:"))
	require.NoError(t, err)
	defer db.Close()
	statements := regexp.MustCompile(`sql <<< (?:"([^"]+)"|'([^']+)')`).FindAllStringSubmatch(read(t, runbook), -1)
	looked := 0
	for _, m := range statements {
		statement := m[1] + m[2]
		if strings.HasPrefix(statement, "PURGE ") || strings.HasSuffix(statement, "…") { // no binary logs in tests
			continue
		}
		rows, err := db.Query(statement)
		if assert.NoError(t, err, statement) {
			looked++
			assert.NoError(t, rows.Close())
		}
	}
	assert.GreaterOrEqual(t, looked, 4)
}
