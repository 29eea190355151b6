package ticket

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Policy is what the operator promises, as data: one YAML file. A ticket keeps
// the policy it was received under for all its life (clause 九).
type Policy struct {
	Name     string         `yaml:"name" json:"name"`
	Version  string         `yaml:"version" json:"version"`
	Law      string         `yaml:"law" json:"law"`           // where the numbers come from
	Calendar string         `yaml:"calendar" json:"calendar"` // name of the working-day calendar; it brings the time zone
	Morning  int            `yaml:"reminders_leave_at" json:"reminders_leave_at"`
	Kinds    map[Kind]Terms `yaml:"kinds" json:"kinds"`
	Fields   []FieldRule    `yaml:"fields" json:"fields"` // what may be corrected
	Retain   []RetainRule   `yaml:"retain" json:"retain"` // what is kept after a cancellation
	Limits   Limits         `yaml:"limits" json:"limits"`

	Verifiers    Verifiers `yaml:"verifiers" json:"verifiers"`
	ContactRests int       `yaml:"changed_contact_rests_days" json:"changed_contact_rests_days"` // a changed contact proves nothing for so long

	digest string
}

// PolicyRef pins a policy: its name, version and the digest of its text.
type PolicyRef struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Digest  string `json:"digest"`
}

// Terms are the promises for one kind of ticket. Days are calendar days unless
// a Term says otherwise.
type Terms struct {
	Deadline     Term         `yaml:"deadline" json:"deadline"`
	Roll         bool         `yaml:"ends_on_working_day" json:"ends_on_working_day,omitempty"`
	Clock        ClockRule    `yaml:"clock" json:"clock"`
	Extension    Term         `yaml:"extension" json:"extension,omitzero"` // zero: not allowed
	Verification Verification `yaml:"verification" json:"verification"`
	Waiting      Waiting      `yaml:"waiting_on_subject" json:"waiting_on_subject"`
	CloseAfter   int          `yaml:"close_after_days" json:"close_after_days"` // silence after the answer
	Appeal       Appeal       `yaml:"appeal" json:"appeal"`
	CoolingOff   int          `yaml:"cooling_off_days" json:"cooling_off_days,omitempty"`
	FourEyes     bool         `yaml:"four_eyes" json:"four_eyes,omitempty"` // a second person approves the decision to fulfil
	Retention    int          `yaml:"retention_days" json:"retention_days,omitempty"`
}

// Verification says how the person proves who they are, and how long they have.
type Verification struct {
	Level     Level `yaml:"level" json:"level"`
	Reminders []int `yaml:"reminder_days" json:"reminder_days"`
	Expires   int   `yaml:"expires_after_days" json:"expires_after_days"`
}

// Waiting says how long the desk waits for a person it asked something.
type Waiting struct {
	Reminders []int `yaml:"reminder_days" json:"reminder_days"`
	Silence   int   `yaml:"silence_closes_after_days" json:"silence_closes_after_days"`
}

// Appeal says for how long "not solved" may be said, and the clock it starts.
type Appeal struct {
	Window   int  `yaml:"window_days" json:"window_days"`
	Deadline Term `yaml:"deadline" json:"deadline"`
}

// FieldRule is a field of the account that may be corrected.
type FieldRule struct {
	Name     string `yaml:"name" json:"name"`
	Level    Level  `yaml:"level" json:"level"`
	FourEyes bool   `yaml:"four_eyes" json:"four_eyes,omitempty"`
}

// RetainRule is a field kept after a cancellation, and the law that says so.
type RetainRule struct {
	Field string `yaml:"field" json:"field"`
	Basis string `yaml:"basis" json:"basis"`
}

// Limits bound what one ticket may take in.
type Limits struct {
	Messages     int `yaml:"messages_per_ticket" json:"messages_per_ticket"` // from the person
	Files        int `yaml:"files_per_ticket" json:"files_per_ticket"`
	LeaseMinutes int `yaml:"claim_lease_minutes" json:"claim_lease_minutes"`
}

//go:embed policies/*.yaml
var embedded embed.FS

// words lists words of the vocabulary for a message.
func words[T ~string](list []T) string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return strings.Join(out, ", ")
}

// EmbeddedPolicies names the policies that are built in.
func EmbeddedPolicies() []string { return []string{"cn", "gdpr", "ccpa"} }

// EmbeddedPolicy returns a built-in policy, and its text.
func EmbeddedPolicy(name string) (*Policy, []byte, error) {
	text, err := embedded.ReadFile("policies/" + name + ".yaml")
	if err != nil {
		return nil, nil, fmt.Errorf("policy %q is not built in; the built-in ones are %s. One of your own is given as a file, such as ./my-policy.yaml", name, words(EmbeddedPolicies()))
	}
	p, err := ParsePolicy(text)
	return p, text, err
}

// ParsePolicy reads a policy and says which field is wrong and why. Fields it
// does not know are refused: a misspelt promise must not be dropped silently.
func ParsePolicy(text []byte) (*Policy, error) {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	p := &Policy{ContactRests: 7}
	if err := dec.Decode(p); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("policy: the file is empty")
		}
		return nil, fmt.Errorf("policy: %w", err)
	}
	if p.Verifiers == nil {
		p.Verifiers = builtInVerifiers()
	}
	if err := dec.Decode(&struct{}{}); !errors.Is(err, io.EOF) {
		return nil, errors.New("policy: there is more behind the policy; write one policy a file")
	}
	sum := sha256.Sum256(text)
	p.digest = hex.EncodeToString(sum[:])
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	return p, nil
}

// Ref pins the policy as it was parsed.
func (p *Policy) Ref() PolicyRef {
	return PolicyRef{Name: p.Name, Version: p.Version, Digest: p.digest}
}

// Field returns the rule for a field that may be corrected.
func (p *Policy) Field(name string) (FieldRule, bool) {
	i := slices.IndexFunc(p.Fields, func(f FieldRule) bool { return f.Name == name })
	if i < 0 {
		return FieldRule{}, false
	}
	return p.Fields[i], true
}

var plainName = regexp.MustCompile(`^[a-z][a-z0-9_.-]{0,31}$`)

func (p *Policy) check() error {
	if !plainName.MatchString(p.Name) {
		return fmt.Errorf("name: %q must be 1 to 32 of a-z, 0-9, dot, hyphen, underscore", p.Name)
	}
	if p.Version == "" || len(p.Version) > 32 {
		return errors.New("version: must have 1 to 32 characters")
	}
	if p.Morning < 0 || p.Morning > 23 {
		return fmt.Errorf("reminders_leave_at: %d is not an hour from 0 to 23", p.Morning)
	}
	for _, k := range Kinds() {
		t, ok := p.Kinds[k]
		if !ok {
			return fmt.Errorf("kinds.%s: is missing", k)
		}
		if err := t.check("kinds." + string(k)); err != nil {
			return err
		}
	}
	for k := range p.Kinds {
		if !slices.Contains(Kinds(), k) {
			return fmt.Errorf("kinds.%s: there is no such kind; the kinds are %s", k, words(Kinds()))
		}
	}
	if len(p.Fields) == 0 {
		return errors.New("fields: name at least one field that may be corrected")
	}
	for i, f := range p.Fields {
		if !plainName.MatchString(f.Name) {
			return fmt.Errorf("fields[%d].name: %q must be 1 to 32 of a-z, 0-9, underscore", i, f.Name)
		}
		if f.Level < LevelAccount || f.Level > LevelReal {
			return fmt.Errorf("fields[%d].level: %d must be 2 or 3", i, f.Level)
		}
	}
	if err := p.Verifiers.check(); err != nil {
		return err
	}
	if p.ContactRests < 0 || p.ContactRests > 365 {
		return fmt.Errorf("changed_contact_rests_days: %d is not between 0 and 365", p.ContactRests)
	}
	l := p.Limits
	if l.Messages < 1 || l.Messages > 200 {
		return fmt.Errorf("limits.messages_per_ticket: %d is not between 1 and 200", l.Messages)
	}
	if l.Files < 1 || l.Files > 100 {
		return fmt.Errorf("limits.files_per_ticket: %d is not between 1 and 100", l.Files)
	}
	if l.LeaseMinutes < 1 || l.LeaseMinutes > 24*60 {
		return fmt.Errorf("limits.claim_lease_minutes: %d is not between 1 and 1440", l.LeaseMinutes)
	}
	return nil
}

func (t Terms) check(at string) error {
	if err := t.Deadline.Check(at + ".deadline"); err != nil {
		return err
	}
	if !t.Extension.IsZero() {
		if err := t.Extension.Check(at + ".extension"); err != nil {
			return err
		}
	}
	if err := t.Appeal.Deadline.Check(at + ".appeal.deadline"); err != nil {
		return err
	}
	if t.Clock != ClockRuns && t.Clock != ClockPauses {
		return fmt.Errorf("%s.clock: %q is neither %s nor %s", at, t.Clock, ClockRuns, ClockPauses)
	}
	if v := t.Verification.Level; v < LevelContact || v > LevelReal {
		return fmt.Errorf("%s.verification.level: %d must be 1, 2 or 3", at, v)
	}
	for _, d := range []struct {
		field     string
		days, min int
	}{
		{"verification.expires_after_days", t.Verification.Expires, 1},
		{"waiting_on_subject.silence_closes_after_days", t.Waiting.Silence, 1},
		{"close_after_days", t.CloseAfter, 1},
		{"appeal.window_days", t.Appeal.Window, 1},
		{"cooling_off_days", t.CoolingOff, 0},
		{"retention_days", t.Retention, 0},
	} {
		if d.days < d.min || d.days > 3660 {
			return fmt.Errorf("%s.%s: %d is not between %d and 3660", at, d.field, d.days, d.min)
		}
	}
	if err := ascending(at+".verification.reminder_days", t.Verification.Reminders, t.Verification.Expires); err != nil {
		return err
	}
	return ascending(at+".waiting_on_subject.reminder_days", t.Waiting.Reminders, t.Waiting.Silence)
}

func ascending(field string, days []int, end int) error {
	last := 0
	for _, d := range days {
		if d <= last || d >= end {
			return fmt.Errorf("%s: %v must rise and stay below %d", field, days, end)
		}
		last = d
	}
	return nil
}
