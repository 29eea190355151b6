package mailcatcher

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

//go:embed pages.html
var pagesHTML string

//go:embed style.css
var styleCSS []byte

var pages = template.Must(template.New("pages").Parse(pagesHTML))

// The message page shows strangers' HTML: in a frame without scripts, forms
// and origin, and under a policy that lets nothing be loaded from anywhere.
const (
	listPolicy    = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	messagePolicy = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.listPage)
	mux.HandleFunc("GET /messages", s.listJSON)
	mux.HandleFunc("GET /messages/{id}", s.messagePage)
	mux.HandleFunc("GET /messages/{id}/raw", s.source)
	mux.HandleFunc("GET /style.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write(styleCSS)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	})
}

// maxWait bounds how long listJSON waits, in seconds.
const maxWait = 60

// listJSON serves GET /messages?to=address&limit=n&after=id&wait=seconds, newest
// first: what came after the mail of that id, and where there is none yet, waits
// for it.
func (s *Server) listJSON(w http.ResponseWriter, r *http.Request) {
	limit, ok := number(w, r, "limit", 1, 1<<53)
	if !ok {
		return
	}
	after, ok := number(w, r, "after", 0, 1<<53)
	if !ok {
		return
	}
	wait, ok := number(w, r, "wait", 0, maxWait)
	if !ok {
		return
	}
	list, err := s.box.listNext(r.Context(), r.FormValue("to"), after, int(min(limit, maxKept)), time.Duration(wait)*time.Second)
	if err != nil {
		http.Error(w, "the mails cannot be read", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(list)
}

// number reads a parameter; absent is 0. It answers for one that is none.
func number(w http.ResponseWriter, r *http.Request, name string, least, most int64) (int64, bool) {
	text := r.FormValue(name)
	if text == "" {
		return 0, true
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < least || n > most {
		http.Error(w, fmt.Sprintf("%s must be a number from %d to %d", name, least, most), http.StatusUnprocessableEntity)
		return 0, false
	}
	return n, true
}

func (s *Server) listPage(w http.ResponseWriter, r *http.Request) {
	to := r.FormValue("to")
	list, err := s.box.list(r.Context(), to, 0, 200)
	if err != nil {
		http.Error(w, "the mails cannot be read", http.StatusInternalServerError)
		return
	}
	show(w, "list", listPolicy, struct {
		To       string
		Messages []Message
	}{to, list})
}

func (s *Server) messagePage(w http.ResponseWriter, r *http.Request) {
	m, _, ok := s.find(w, r)
	if ok {
		show(w, "message", messagePolicy, struct {
			Message
			Links []string
		}{m, links(m)})
	}
}

func (s *Server) source(w http.ResponseWriter, r *http.Request) {
	if _, raw, ok := s.find(w, r); ok {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
		_, _ = w.Write(raw)
	}
}

func (s *Server) find(w http.ResponseWriter, r *http.Request) (m Message, raw []byte, ok bool) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err == nil {
		m, raw, ok, err = s.box.get(r.Context(), id)
	}
	if !ok || err != nil {
		http.NotFound(w, r)
	}
	return m, raw, ok
}

var linkPattern = regexp.MustCompile(`https?://[^\s<>"'，。；、）)]+`)

// links are the addresses in a mail's text: the frame with its HTML does not
// let them be followed.
func links(m Message) []string {
	text := m.Text
	if text == "" {
		text = m.HTML
	}
	var list []string
	seen := map[string]bool{}
	for _, l := range linkPattern.FindAllString(text, 20) {
		if !seen[l] {
			seen[l] = true
			list = append(list, l)
		}
	}
	return list
}

func show(w http.ResponseWriter, name, policy string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", policy)
	_ = pages.ExecuteTemplate(w, name, data)
}
