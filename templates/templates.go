// Package templates holds every word and page the product shows: pages, mails,
// the message catalogues in Chinese and English, and the stylesheet. Templates
// have loops and conditions only; what they need is computed in view structs.
package templates

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"strings"
	texttemplate "text/template"

	"rightsdesk/ticket"
)

//go:embed all:pages all:mails locales static
var files embed.FS

// Operator is the company whose desk this is, as every page and mail names it.
type Operator struct {
	Name    map[ticket.Locale]string
	Contact string // telephone or address for people who can't use the desk
	Site    string // its web site
	BaseURL string // where this desk is reached, without a slash at the end
}

// NameIn returns the operator's name in a language.
func (o Operator) NameIn(l ticket.Locale) string {
	if n := o.Name[l]; n != "" {
		return n
	}
	return o.Name[ticket.Chinese]
}

// Set is every template, parsed once for each language.
type Set struct {
	operator Operator
	words    *Words
	assets   map[string]string
	pages    map[ticket.Locale]map[string]*template.Template
	htmlMail map[ticket.Locale]map[string]*template.Template
	textMail map[ticket.Locale]map[string]*texttemplate.Template
}

// Load parses every template and catalogue; a mistake in one stops the start.
func Load(operator Operator) (*Set, error) {
	words, err := LoadWords()
	if err != nil {
		return nil, err
	}
	assets, err := assetVersions()
	if err != nil {
		return nil, err
	}
	s := &Set{operator: operator, words: words, assets: assets,
		pages:    map[ticket.Locale]map[string]*template.Template{},
		htmlMail: map[ticket.Locale]map[string]*template.Template{},
		textMail: map[ticket.Locale]map[string]*texttemplate.Template{},
	}
	for _, l := range ticket.Locales() {
		funcs := words.funcs(l)
		funcs["asset"] = asset(assets)
		if s.pages[l], err = parseHTML(funcs, "pages"); err != nil {
			return nil, err
		}
		if s.htmlMail[l], err = parseHTML(funcs, "mails"); err != nil {
			return nil, err
		}
		if s.textMail[l], err = parseText(funcs, "mails"); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Words gives access to the catalogues.
func (s *Set) Words() *Words { return s.words }

// Operator returns whose desk this is.
func (s *Set) Operator() Operator { return s.operator }

// Page writes the page pages/<name>.html inside the layout. View is what the
// layout and the page both see; it embeds a Frame.
func (s *Set) Page(w io.Writer, name string, l ticket.Locale, view any) error {
	t, ok := s.pages[l][name]
	if !ok {
		return fmt.Errorf("templates: no page %q", name)
	}
	return t.ExecuteTemplate(w, "layout.html", view)
}

// Mail renders mails/<name>.html and mails/<name>.txt; the subject is the
// catalogue's "mail.<name>.subject".
func (s *Set) Mail(name string, l ticket.Locale, view any) (text, html string, err error) {
	var t, h strings.Builder
	tt, ok := s.textMail[l][name]
	if !ok {
		return "", "", fmt.Errorf("templates: no mail %q", name)
	}
	if err := tt.ExecuteTemplate(&t, "layout.txt", view); err != nil {
		return "", "", err
	}
	if err := s.htmlMail[l][name].ExecuteTemplate(&h, "layout.html", view); err != nil {
		return "", "", err
	}
	return t.String(), h.String(), nil
}

// Static is the stylesheet, scripts and icons.
func Static() fs.FS {
	sub, err := fs.Sub(files, "static")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}

// parseHTML parses every page of a folder together with the folder's layout and
// partials (files beginning with an underscore).
func parseHTML(funcs map[string]any, folder string) (map[string]*template.Template, error) {
	base := template.New("").Funcs(funcs)
	names, err := templateNames(folder, ".html")
	if err != nil {
		return nil, err
	}
	out := map[string]*template.Template{}
	for _, name := range names {
		if shared(name) {
			if _, err := base.ParseFS(files, name); err != nil {
				return nil, fmt.Errorf("templates: %w", err)
			}
		}
	}
	for _, name := range names {
		if shared(name) {
			continue
		}
		t, err := template.Must(base.Clone()).ParseFS(files, name)
		if err != nil {
			return nil, fmt.Errorf("templates: %w", err)
		}
		out[pageName(folder, name)] = t
	}
	return out, nil
}

func parseText(funcs map[string]any, folder string) (map[string]*texttemplate.Template, error) {
	base := texttemplate.New("").Funcs(funcs)
	names, err := templateNames(folder, ".txt")
	if err != nil {
		return nil, err
	}
	out := map[string]*texttemplate.Template{}
	for _, name := range names {
		if shared(name) {
			if _, err := base.ParseFS(files, name); err != nil {
				return nil, fmt.Errorf("templates: %w", err)
			}
		}
	}
	for _, name := range names {
		if shared(name) {
			continue
		}
		t, err := texttemplate.Must(base.Clone()).ParseFS(files, name)
		if err != nil {
			return nil, fmt.Errorf("templates: %w", err)
		}
		out[pageName(folder, name)] = t
	}
	return out, nil
}

func templateNames(folder, ending string) (names []string, err error) {
	err = fs.WalkDir(files, folder, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(p, ending) {
			names = append(names, p)
		}
		return err
	})
	return names, err
}

// shared reports a layout or a partial: parsed into every page of its folder.
func shared(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(base, "_") || strings.HasPrefix(base, "layout.")
}

// pageName turns pages/track/ticket.html into track/ticket.
func pageName(folder, name string) string {
	return strings.TrimSuffix(strings.TrimPrefix(name, folder+"/"), path.Ext(name))
}
