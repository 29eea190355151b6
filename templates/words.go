package templates

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"gopkg.in/yaml.v3"

	"rightsdesk/ticket"
)

// Words is the message catalogues: every sentence the product says, by key, in
// each language. Keys are namespaced by where they stand: form.*, track.*,
// console.*, mail.*, and by what they name: kind.*, stage.*, act.*, refusal.*.
type Words struct {
	localizers map[ticket.Locale]*i18n.Localizer
	keys       map[ticket.Locale]map[string]bool
}

// LoadWords reads locales/<area>.<language>.yaml: flat maps from key to
// sentence, or to {one, other} where a count decides. Facts stand in sentences as
// {{.name}}.
func LoadWords() (*Words, error) {
	bundle := i18n.NewBundle(language.MustParse(string(ticket.Chinese)))
	bundle.RegisterUnmarshalFunc("yaml", yaml.Unmarshal)
	names, err := fs.Glob(files, "locales/*.yaml")
	if err != nil {
		return nil, err
	}
	w := &Words{localizers: map[ticket.Locale]*i18n.Localizer{}, keys: map[ticket.Locale]map[string]bool{}}
	for _, l := range ticket.Locales() {
		w.localizers[l] = i18n.NewLocalizer(bundle, string(l))
		w.keys[l] = map[string]bool{}
	}
	for _, name := range names {
		file, err := bundle.LoadMessageFileFS(files, name)
		if err != nil {
			return nil, fmt.Errorf("templates: %s: %w", name, err)
		}
		keys, ok := w.keys[ticket.Locale(file.Tag.String())]
		if !ok {
			return nil, fmt.Errorf("templates: %s is in a language the product does not speak", name)
		}
		for _, m := range file.Messages {
			if keys[m.ID] {
				return nil, fmt.Errorf("templates: %s: %s stands twice", name, m.ID)
			}
			keys[m.ID] = true
		}
	}
	return w, nil
}

// Has reports whether a language has a sentence for the key.
func (w *Words) Has(l ticket.Locale, key string) bool { return w.keys[l][key] }

// Keys lists the keys of a language, in no order.
func (w *Words) Keys(l ticket.Locale) []string {
	var out []string
	for k := range w.keys[l] {
		out = append(out, k)
	}
	return out
}

// T is the sentence for a key, with facts given as pairs of name and value. A
// fact called "count" chooses the plural. A missing key shows as itself in
// brackets, and a test finds it.
func (w *Words) T(l ticket.Locale, key string, facts ...any) string {
	data := map[string]any{}
	var count any
	for i := 0; i+1 < len(facts); i += 2 {
		name := fmt.Sprint(facts[i])
		data[name] = facts[i+1]
		if name == "count" {
			count = facts[i+1]
		}
	}
	s, err := w.localizers[l].Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data, PluralCount: count})
	if err != nil && count != nil { // a sentence whose count is never one has no singular
		s, err = w.localizers[l].Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data})
	}
	if err != nil || !w.Has(l, key) {
		return "[" + key + "]"
	}
	return s
}

// Refusal is a domain error in words. Facts that are instants are written out in
// the zone they come in, and facts that are words of the vocabulary ("stage":
// "closed") as the language says them.
func (w *Words) Refusal(l ticket.Locale, e *ticket.Error) string {
	var facts []any
	for k, v := range e.Facts {
		if at, err := time.Parse(time.RFC3339, v); err == nil {
			v = w.DateTime(l, at)
		} else if w.Has(l, k+"."+v) {
			v = w.T(l, k+"."+v)
		}
		facts = append(facts, k, v)
	}
	return w.T(l, "refusal."+e.Code, facts...)
}

var zhWeekdays = [...]string{"星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"}

// Date writes a day out with its weekday, in t's own zone.
func (w *Words) Date(l ticket.Locale, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	if l == ticket.Chinese {
		return t.Format("2006年1月2日") + zhWeekdays[t.Weekday()]
	}
	return t.Format("Monday, 2 January 2006")
}

// DateTime writes an instant out, to the minute, in t's own zone.
func (w *Words) DateTime(l ticket.Locale, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	if l == ticket.Chinese {
		return t.Format("2006年1月2日 15:04")
	}
	return t.Format("2 January 2006, 15:04")
}

func (w *Words) funcs(l ticket.Locale) map[string]any {
	return map[string]any{
		// t is a sentence of the catalogue: {{t "form.title"}}, {{t "stage.received"}},
		// {{t (print "kind." .Kind)}}, {{t "track.days_left" "count" .DaysLeft}}.
		"t":        func(key string, facts ...any) string { return w.T(l, key, facts...) },
		"date":     func(t time.Time) string { return w.Date(l, t) },
		"datetime": func(t time.Time) string { return w.DateTime(l, t) },
		"iso":      func(t time.Time) string { return t.Format(time.RFC3339) },
		"locale":   func() string { return string(l) },
		"other": func() string {
			if l == ticket.Chinese {
				return string(ticket.English)
			}
			return string(ticket.Chinese)
		},
		"basis": func(text string) string { return Basis(l, text) },
		"lines": func(s string) []string { return strings.Split(strings.TrimSpace(s), "\n") },
		"size":  fileSize,
	}
}

// bothBases matches a legal basis written in both languages.
var bothBases = regexp.MustCompile(`^(.*\p{Han}.*?) \((\P{Han}+)\)$`)

// Basis is a legal basis in one language. Policies write one as "中文 (English)";
// anything else is shown as it stands.
func Basis(l ticket.Locale, text string) string {
	m := bothBases.FindStringSubmatch(text)
	switch {
	case m == nil:
		return text
	case l == ticket.Chinese:
		return m[1]
	}
	return m[2]
}

func fileSize(bytes int64) string {
	if bytes < 1<<20 {
		return fmt.Sprintf("%d KB", (bytes+1023)/1024)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/(1<<20))
}
