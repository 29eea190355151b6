package ticket

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

func TestTheBuiltInPoliciesAreRight(t *testing.T) {
	for _, name := range EmbeddedPolicies() {
		p, text, err := EmbeddedPolicy(name)
		require.NoError(t, err, name)
		assert.Equal(t, name, p.Name)
		for _, k := range Kinds() {
			assert.Contains(t, p.Kinds, k, name)
		}
		again, err := ParsePolicy(text)
		require.NoError(t, err, name)
		assert.Equal(t, p.Ref(), again.Ref(), "the same text is the same policy")
		other, err := ParsePolicy(append(text, "# counsel has looked at it\n"...))
		require.NoError(t, err, name)
		assert.NotEqual(t, p.Ref().Digest, other.Ref().Digest, "another text is another one")
	}
	_, _, err := EmbeddedPolicy("../policies/cn")
	assert.ErrorContains(t, err, "not built in")
}

// changed is the Chinese policy with one value changed; a path leads to it by
// keys and, in lists, numbers.
func changed(t *testing.T, path string, value any) []byte {
	t.Helper()
	_, text, err := EmbeddedPolicy("cn")
	require.NoError(t, err)
	root := map[string]any{}
	require.NoError(t, yaml.Unmarshal(text, &root))
	var at any = root
	keys := strings.Split(path, ".")
	for _, key := range keys[:len(keys)-1] {
		switch node := at.(type) {
		case map[string]any:
			if _, ok := node[key]; !ok {
				node[key] = map[string]any{}
			}
			at = node[key]
		case []any:
			at = node[0]
		}
	}
	last := keys[len(keys)-1]
	if value == nil {
		delete(at.(map[string]any), last)
	} else {
		at.(map[string]any)[last] = value
	}
	out, err := yaml.Marshal(root)
	require.NoError(t, err)
	return out
}

func TestAWrongFieldOfAPolicyIsNamed(t *testing.T) {
	const kind = "kinds.complaint"
	for _, c := range []struct {
		path  string
		value any
		named string // in the error; empty: the path
	}{
		{"name", "Bad Name", ""}, {"name", "", ""}, {"version", nil, ""}, {"version", strings.Repeat("1", 33), ""},
		{"reminders_leave_at", 24, ""}, {"reminders_leave_at", -1, ""},
		{"kinds.complaint", nil, ""}, {"kinds.haircut", map[string]any{}, ""},
		{kind + ".deadline.count", 0, kind + ".deadline"}, {kind + ".deadline.count", -3, kind + ".deadline"}, {kind + ".deadline.unit", "fortnight", kind + ".deadline"},
		{kind + ".deadline", nil, ""},
		{kind + ".extension", map[string]any{"count": 1, "unit": "year"}, ""},
		{kind + ".clock", "stops", ""}, {kind + ".clock", nil, ""},
		{kind + ".verification.level", 0, ""}, {kind + ".verification.level", 4, ""},
		{kind + ".verification.expires_after_days", 0, ""}, {kind + ".verification.expires_after_days", 3661, ""},
		{kind + ".verification.reminder_days", []int{3, 1}, ""}, {kind + ".verification.reminder_days", []int{0}, ""},
		{kind + ".verification.reminder_days", []int{1, 1}, ""}, {kind + ".verification.reminder_days", []int{1, 3000}, ""},
		{kind + ".waiting_on_subject.silence_closes_after_days", 0, ""}, {kind + ".waiting_on_subject.reminder_days", []int{5, 4}, ""},
		{kind + ".close_after_days", 0, ""}, {kind + ".appeal.window_days", 0, ""}, {kind + ".appeal.deadline.count", 0, kind + ".appeal.deadline"},
		{kind + ".cooling_off_days", -1, ""}, {kind + ".retention_days", -1, ""}, {kind + ".retention_days", 4000, ""},
		{"fields", []any{}, ""}, {"fields.0.name", "Real Name", "fields[0].name"}, {"fields.0.level", 1, "fields[0].level"}, {"fields.0.level", 4, "fields[0].level"},
		{"limits.messages_per_ticket", 0, ""}, {"limits.messages_per_ticket", 201, ""},
		{"limits.files_per_ticket", 0, ""}, {"limits.files_per_ticket", 101, ""},
		{"limits.claim_lease_minutes", 0, ""}, {"limits.claim_lease_minutes", 1441, ""},
	} {
		named := c.named
		if named == "" {
			named = c.path
		}
		t.Run(fmt.Sprintf("%s %v", c.path, c.value), func(t *testing.T) {
			_, err := ParsePolicy(changed(t, c.path, c.value))
			assert.ErrorContains(t, err, named)
		})
	}
}

func TestAFieldNobodyKnowsIsRefused(t *testing.T) {
	for _, path := range []string{"dead_line", "kinds.complaint.dead_line", "kinds.complaint.deadline.units",
		"kinds.complaint.verification.levels", "kinds.complaint.appeal.window", "fields.0.levle", "retain.0.law", "limits.message"} {
		_, err := ParsePolicy(changed(t, path, 1))
		keys := strings.Split(path, ".")
		assert.ErrorContains(t, err, "field "+keys[len(keys)-1]+" not found", path)
		assert.ErrorContains(t, err, "line ", path)
	}
	_, text, err := EmbeddedPolicy("cn")
	require.NoError(t, err)
	_, err = ParsePolicy(append(text, "---\nname: another\n"...))
	assert.ErrorContains(t, err, "one policy a file")
	for name, text := range map[string]string{"empty": "", "no mapping": "- a\n", "no YAML": "{", "another type": "name: [x]\n", "twice": "name: a\nname: b\n"} {
		_, err := ParsePolicy([]byte(text))
		assert.ErrorContains(t, err, "policy: ", name)
	}
}

func FuzzPolicy(f *testing.F) {
	for _, name := range EmbeddedPolicies() {
		_, text, err := EmbeddedPolicy(name)
		require.NoError(f, err)
		f.Add(text)
	}
	for _, text := range []string{"", "{", "a: &a [*a]\n", "name: cn\nkinds: {}\n", "kinds: {complaint: null}\n", "x: &x {a: 1}\n<<: *x\n", "\xff\xfe"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := ParsePolicy(text)
		if err != nil {
			return
		}
		for _, k := range Kinds() { // what is taken can be kept to
			terms := p.Kinds[k]
			if terms.Deadline.Count < 1 || terms.Verification.Expires < 1 || terms.CloseAfter < 1 {
				t.Fatalf("%s: a promise of nothing: %+v", k, terms)
			}
		}
		if again, err := ParsePolicy(text); err != nil || again.Ref() != p.Ref() {
			t.Fatalf("read twice, it is two policies: %v", err)
		}
	})
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"DSR-20261123-7K3F9QXM", "dsr 20261123 7k3f9qxm", "ＤＳＲ－２０２６１１２３－7K3F9QXM", "DSR-20261332-00000000", "", "' OR 1=1 --", "DSR-20261123-OIL1UUUU", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := ParseNumber(s)
		if !ok {
			return
		}
		if again, ok := ParseNumber(string(n)); !ok || again != n {
			t.Fatalf("%q reads as %q, and that as %q", s, n, again)
		}
		if len(n) != len("DSR-20261123-7K3F9QXM") || strings.Trim(string(n), "DSR-0123456789ABCDEFGHJKMNPQRSTVWXYZ") != "" {
			t.Fatalf("%q reads as %q", s, n)
		}
	})
}
