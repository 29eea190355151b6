package templates

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

func loadWords(t *testing.T) *Words {
	t.Helper()
	w, err := LoadWords()
	require.NoError(t, err)
	return w
}

func TestBothLanguagesHaveTheSameKeys(t *testing.T) {
	w := loadWords(t)
	zh, en := w.Keys(ticket.Chinese), w.Keys(ticket.English)
	slices.Sort(zh)
	slices.Sort(en)
	assert.Equal(t, zh, en)
}

// vocabulary is every word of the product that a page or mail may have to say.
func vocabulary() map[string][]string {
	p, _, err := ticket.EmbeddedPolicy("cn")
	if err != nil {
		panic(err)
	}
	v := map[string][]string{
		"kind": list(ticket.Kinds()), "stage": list(ticket.Stages()), "track.stage": list(ticket.Stages()),
		"category": list(ticket.Categories()), "form.category": list(ticket.Categories()),
		"channel":  append(list(ticket.StaffChannels()), string(ticket.ChannelWeb), string(ticket.ChannelAPI)),
		"relation": list(ticket.Relations()), "form.relation": list(ticket.Relations()),
		"reason": list(ticket.RefusalReasons()), "sla": list(ticket.SLAStates()), "role": list(ticket.Roles()),
		"letter":       list(contract.Letters()),
		"awaiting":     {"subject", "agent", "approver", "account_system", "mail", "time", "nobody"},
		"outcome":      {"accepted", "partly", "refused", "no_reply", "withdrawn", "not_verified", "none"},
		"level":        {"0", "1", "2", "3"},
		"method":       list(ticket.Methods()),
		"proof":        list(ticket.ProofKinds()),
		"clock_rule":   {string(ticket.ClockRuns), string(ticket.ClockPauses)},
		"actor":        {string(contract.BySubject), string(contract.ByStaff), string(contract.BySystem)},
		"recipient":    {string(contract.ToTyped), string(contract.ToOnFile), string(contract.ToProved)},
		"unit":         {"working_day", "calendar_day", "month", "hour", "minute"},
		"act":          declared("../contract/record.go", "Act"),
		"rung":         declared("../ticket/clock.go", "Rung"),
		"clock":        declared("../ticket/clock.go", "ClockEvent"),
		"account_step": declared("../contract/state.go", "AccountStep"),
		"staff_act":    declared("../store/staff_events.go", "StaffAct"),
		"trouble":      declared("../contract/trouble.go", "TroubleCode"),
		"activity":     append(contract.Activities(), contract.TaskItself),
		"mail_status":  {"pending", "accepted", "refused"},
		"message":      {"reply", "appeal", "question", "answer", "extension", "reason", "lost"},
		"repaired":     list(repaired()),
	}
	for _, k := range []string{"title", "lead", "name", "about"} {
		for _, kind := range ticket.Kinds() {
			v["form"] = append(v["form"], string(kind)+"."+k)
		}
	}
	for _, f := range p.Fields {
		v["field"] = append(v["field"], f.Name)
	}
	for _, f := range p.Retain {
		v["field"] = append(v["field"], f.Field)
	}
	for _, status := range []int{400, 403, 404, 405, 413, 422, 429, 500, 503} {
		v["fault"] = append(v["fault"], fmt.Sprintf("%d.title", status), fmt.Sprintf("%d.text", status))
	}
	return v
}

// repaired is all that the doctor may put on an audit trail.
func repaired() []contract.Code {
	out := []contract.Code{contract.EntriesLost}
	for _, d := range contract.Drifts() {
		if d.OnTrail() {
			out = append(out, contract.Code(d))
		}
	}
	return out
}

func list[T ~string](in []T) (out []string) {
	for _, v := range in {
		out = append(out, string(v))
	}
	return out
}

// declared reads the constants of a type out of the source, so that a new one
// without a sentence is found.
func declared(file, typ string) (out []string) {
	text, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^\s+\w+\s+`+typ+`\s+= "([a-z_]+)"`).FindAllSubmatch(text, -1) {
		out = append(out, string(m[1]))
	}
	if len(out) == 0 {
		panic(file + " declares no " + typ)
	}
	return out
}

func TestEveryWordOfTheVocabularyHasASentence(t *testing.T) {
	w := loadWords(t)
	for area, words := range vocabulary() {
		for _, word := range words {
			for _, l := range ticket.Locales() {
				assert.True(t, w.Has(l, area+"."+word), "%s: %s.%s", l, area, word)
			}
		}
	}
}

// Facts may be missing: a refusal that waited in the outbox keeps its code only.
func TestRefusalsMakeSenseWithoutTheirFacts(t *testing.T) {
	w := loadWords(t)
	for _, l := range ticket.Locales() {
		for _, key := range w.Keys(l) {
			if code, ok := strings.CutPrefix(key, "refusal."); ok {
				s := w.Refusal(l, &ticket.Error{Code: code})
				assert.NotContains(t, s, "<no value>", "%s %s", l, key)
				assert.NotContains(t, s, "{{", "%s %s", l, key)
				assert.NotEmpty(t, strings.TrimSpace(s))
			}
		}
	}
}

func TestRefusalsNameWhoAndWhen(t *testing.T) {
	w := loadWords(t)
	at := time.Date(2026, 3, 3, 10, 0, 0, 0, time.FixedZone("", 8*3600))
	e := ticket.Refuse("already_answered", "agent", "li.wei", "at", at.Format(time.RFC3339))
	assert.Equal(t, "这个工单已由 li.wei 于 2026年3月3日 10:00 答复", w.Refusal(ticket.Chinese, e))
	assert.Equal(t, "This was already answered by li.wei on 3 March 2026, 10:00", w.Refusal(ticket.English, e))
	ended := ticket.Refuse("ticket_ended", "stage", "withdrawn")
	assert.Contains(t, w.Refusal(ticket.Chinese, ended), "已撤回")
	assert.Contains(t, w.Refusal(ticket.English, ended), "Withdrawn")
}

// Counts choose the plural; a sentence with a count knows both.
func TestCountsReadRight(t *testing.T) {
	w := loadWords(t)
	assert.Equal(t, "还剩 1 个工作日", w.T(ticket.Chinese, "deadline.left", "count", 1))
	assert.Equal(t, "1 working day left", w.T(ticket.English, "deadline.left", "count", 1))
	assert.Equal(t, "15 working days left", w.T(ticket.English, "deadline.left", "count", 15))
	for _, key := range w.Keys(ticket.English) {
		said := w.T(ticket.English, key, "count", 1)
		assert.NotRegexp(t, `\b1 (working )?(days|months|hours|minutes)\b`, said, key)
	}
}

var (
	literalKey = regexp.MustCompile(`\bt "([a-zA-Z0-9_.-]+)"`)
	builtKey   = regexp.MustCompile(`\(print "([a-zA-Z0-9_.]+\.?)" [$.\w]+(?: "([a-zA-Z0-9_.]+)")?\)`)
)

// Every key a template names exists, and every key it builds has at least one.
func TestTemplatesNameOnlyKeysThatExist(t *testing.T) {
	w := loadWords(t)
	seen := 0
	for _, folder := range []string{"pages", "mails"} {
		err := fs.WalkDir(files, folder, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := fs.ReadFile(files, name)
			if err != nil {
				return err
			}
			for _, m := range literalKey.FindAllStringSubmatch(string(text), -1) {
				seen++
				assert.True(t, w.Has(ticket.Chinese, m[1]), "%s: %s", name, m[1])
			}
			for _, m := range builtKey.FindAllStringSubmatch(string(text), -1) {
				fits := func(k string) bool { return strings.HasPrefix(k, m[1]) && strings.HasSuffix(k, m[2]) }
				assert.True(t, slices.ContainsFunc(w.Keys(ticket.Chinese), fits), "%s: %s…%s", name, m[1], m[2])
			}
			return nil
		})
		require.NoError(t, err)
	}
	assert.Greater(t, seen, 100)
}
