package api

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
)

var missing = regexp.MustCompile(`\[[a-z_]+\.[a-zA-Z0-9_.-]+\]|<no value>|&lt;no value&gt;|%!`)

// speaks checks that every sentence of the page was found in the catalogue.
func (p answerPage) speaks() {
	p.t.Helper()
	assert.Empty(p.t, missing.FindAllString(p.Body, -1), "sentences that are missing")
}

// form reads the values of a form by its id, as a browser would send them.
func (p answerPage) form(id string) url.Values {
	p.t.Helper()
	node := find(p.doc, func(n *html.Node) bool { return n.Data == "form" && attr(n, "id") == id })
	require.NotNil(p.t, node, "no form %q in:\n%s", id, p.Body)
	out := url.Values{}
	walk(node, func(n *html.Node) {
		name := attr(n, "name")
		switch {
		case name == "" || n.Data == "button" || attr(n, "type") == "file":
		case n.Data == "input" && (attr(n, "type") == "radio" || attr(n, "type") == "checkbox"):
			if hasAttr(n, "checked") {
				out.Add(name, attr(n, "value"))
			}
		case n.Data == "input":
			out.Add(name, attr(n, "value"))
		case n.Data == "textarea":
			out.Add(name, strings.TrimPrefix(text(n), "\n"))
		case n.Data == "select":
			chosen := ""
			walk(n, func(o *html.Node) {
				if o.Data == "option" && hasAttr(o, "selected") {
					chosen = attr(o, "value")
				}
			})
			out.Add(name, chosen)
		}
	})
	return out
}

// problems are the ids the error summary links to.
func (p answerPage) problems() (out []string) {
	box := find(p.doc, func(n *html.Node) bool { return attr(n, "id") == "problems" })
	if box == nil {
		return nil
	}
	walk(box, func(n *html.Node) {
		if n.Data == "a" {
			id := strings.TrimPrefix(attr(n, "href"), "#")
			assert.NotNil(p.t, find(p.doc, func(m *html.Node) bool { return attr(m, "id") == id }), "the summary links to nothing: %s", id)
			out = append(out, id)
		}
	})
	return out
}

func (p answerPage) title() string {
	return text(find(p.doc, func(n *html.Node) bool { return n.Data == "title" }))
}

func walk(n *html.Node, visit func(*html.Node)) {
	if n.Type == html.ElementNode {
		visit(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, visit)
	}
}

func find(n *html.Node, fits func(*html.Node) bool) (found *html.Node) {
	walk(n, func(n *html.Node) {
		if found == nil && fits(n) {
			found = n
		}
	})
	return found
}

func text(n *html.Node) string {
	if n == nil {
		return ""
	}
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(text(c))
	}
	return b.String()
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func hasAttr(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}
