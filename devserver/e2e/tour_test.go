package e2e

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/store"
	"rightsdesk/ticket"
)

// trackingLink stands in every letter to a person.
var trackingLink = regexp.MustCompile(`http://127\.0\.0\.1:\d+/track/[A-Za-z0-9_-]{20,}`)

// A key of the catalogues that shows on a page is a word somebody forgot.
var missingWord = regexp.MustCompile(`\[[a-z_0-9]+(\.[a-z_0-9]+)+\]|<no value>|ZgotmplZ|%!`)

// TestEveryPageHoldsUpOnAPhoneAndOnADesk walks a living desk page by page, in both
// languages and both widths.
func TestEveryPageHoldsUpOnAPhoneAndOnADesk(t *testing.T) {
	w := begin(t, "")
	require.NoError(t, w.Demonstrate(t.Context()))
	tickets := w.examples()
	w.loadPartOfASchedule()
	for _, language := range []string{"zh-CN", "en"} {
		for _, width := range []int{360, 1280} {
			t.Run(fmt.Sprintf("%s %d", language, width), func(t *testing.T) {
				w.t = t
				b := openBrowser(t, language, width)
				look := func(name, url string) {
					b.open(url)
					b.holdsUp(url)
					b.shot(fmt.Sprintf("%s-%s-%d", name, language, width))
				}
				for _, page := range []string{"", "privacy", "request/complaint", "request/account_cancellation", "request/info_correction", "track"} {
					look("public-"+page[max(0, len(page)-8):], w.Form+page)
				}
				for _, one := range tickets {
					if link := w.linkOf(one.Number); link != "" {
						look(fmt.Sprintf("tracking-%s-%s", one.Kind, one.Stage), link)
						if b.has(`form[action="/track/open"] button`) {
							b.send(`form[action="/track/open"] button`)
							b.holdsUp("the tracking page of a ticket in " + string(one.Stage))
							b.shot(fmt.Sprintf("tracked-%s-%s-%s-%d", one.Kind, one.Stage, language, width))
						}
					}
				}
				look("sign-in", w.Desk)
				w.signIn(b)
				for _, page := range []string{"", "/tickets/new", "/tickets/new?kind=complaint", "/tickets/new?kind=info_correction",
					"/team", "/tokens", "/calendar", "/password", "/recovery-codes", "/retained"} {
					look("desk"+regexp.MustCompile(`\W`).ReplaceAllString(page, "-"), w.Desk+page)
				}
				for _, one := range tickets {
					look(fmt.Sprintf("ticket-%s-%s", one.Kind, one.Stage), w.Desk+"/tickets/"+string(one.Number))
				}
			})
		}
	}
}

// holdsUp is what every page has: all its words, one heading of the first order,
// and nothing wider than the window.
func (b *browser) holdsUp(where string) {
	b.t.Helper()
	text := b.text()
	assert.Empty(b.t, missingWord.FindAllString(text, -1), "%s: a word is missing", where)
	assert.Equal(b.t, 1, ask[int](b, "counting headings", `document.querySelectorAll("h1").length`), "%s: headings\n%s", where, text)
	assert.Zero(b.t, ask[int](b, "measuring", `document.documentElement.scrollWidth-document.documentElement.clientWidth`),
		"%s is wider than the window", where)
	assert.NotEmpty(b.t, ask[string](b, "asking for the language", `document.documentElement.lang`), where)
	assert.Zero(b.t, ask[int](b, "looking for inputs without a label", `[...document.querySelectorAll("input:not([type=hidden]),select,textarea")]
		.filter(i=>!i.labels.length&&!i.getAttribute("aria-label")&&!i.getAttribute("aria-labelledby")).length`), "%s: an input has no label", where)
}

// examples is one ticket of each kind and stage.
func (w *world) examples() []store.Ticket {
	records, err := w.Records()
	require.NoError(w.t, err)
	defer records.Close()
	page, err := records.Queue(w.t.Context(), store.Filter{Limit: 200}, time.Now())
	require.NoError(w.t, err)
	seen, out := map[string]bool{}, []store.Ticket(nil)
	for _, one := range page.Tickets {
		if key := string(one.Kind) + string(one.Stage); !seen[key] && one.Stage != ticket.Retained {
			seen[key] = true
			out = append(out, one)
		}
	}
	require.GreaterOrEqual(w.t, len(out), 10, "the demonstration shows every stage")
	return out
}

// loadPartOfASchedule has the calendar page doubt a year, one that no deadline of the
// demonstration reaches.
func (w *world) loadPartOfASchedule() {
	records, err := w.Records()
	require.NoError(w.t, err)
	defer records.Close()
	year := time.Now().Year() + 2
	_, err = records.LoadCalendar(w.t.Context(), "cn", fmt.Appendf(nil, "# covers: %d\n%d-10-01\tholiday\t国庆节\n", year, year), ticket.Nobody, time.Now())
	require.NoError(w.t, err)
}

// linkOf is the newest tracking link mailed for a ticket.
func (w *world) linkOf(number ticket.Number) string {
	messages, err := w.Mails.Messages(context.Background(), "", 500)
	require.NoError(w.t, err)
	for _, m := range messages {
		if regexp.MustCompile(regexp.QuoteMeta(string(number))).MatchString(m.Subject) {
			if link := trackingLink.FindString(m.Text); link != "" {
				return link
			}
		}
	}
	return ""
}

// TestTheTemporalUITellsTheStory opens what managers watch: the list by the
// console's own link, and the page of a ticket.
func TestTheTemporalUITellsTheStory(t *testing.T) {
	w := begin(t, "")
	require.NoError(t, w.Demonstrate(t.Context()))
	b := openBrowser(t, "en", 1280)
	w.signIn(b)
	overdue := ask[string](b, "looking for the link", fmt.Sprintf(`[...document.links].map(a=>a.href).find(h=>h.startsWith(%q)&&h.includes("breached"))||""`, w.TemporalUI))
	require.Contains(t, overdue, "/namespaces/"+w.Namespace+"/workflows?query=")
	b.open(overdue)
	var number string
	b.await("an overdue ticket is listed", func() bool {
		number = regexp.MustCompile(`DSR-\d{8}-[0-9A-Z]{8}`).FindString(b.text())
		return number != ""
	})
	b.shot("temporal-ui-overdue")
	ui := w.TemporalUI + "/namespaces/" + w.Namespace + "/workflows/" + number
	b.open(ui)
	b.await("the timeline names the steps", func() bool {
		return strings.Contains(b.drawn(), "mail: ") && strings.Contains(b.drawn(), "reply clock: ")
	})
	b.shot("temporal-ui-timeline")
	b.follow("User Metadata")
	b.await("the details say what the desk waits for", func() bool {
		return regexp.MustCompile(`(?s)Reply due.*Clock.*breached.*Waits for`).MatchString(b.drawn())
	})
	b.shot("temporal-ui")
}

// drawn is all text of the page and of the small frames in which the Temporal UI
// shows summaries.
func (b *browser) drawn() string {
	return ask[string](b, "reading summaries", `[document,...[...document.querySelectorAll("iframe")].map(f=>f.contentDocument)].map(d=>d&&d.body?d.body.textContent:"").join(" ")`)
}

// follow clicks a link by its words; the Temporal UI renders it late.
func (b *browser) follow(words string) {
	b.t.Helper()
	b.await("there is a link "+words, func() bool {
		return ask[bool](b, "following "+words, fmt.Sprintf(
			`(()=>{const a=[...document.querySelectorAll("a,button")].find(x=>x.innerText.trim()===%q);a&&a.click();return !!a})()`, words))
	})
}

// await asks again until something is so.
func (b *browser) await(what string, so func() bool) {
	b.t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if so() {
			return
		}
	}
	b.shot("failed")
	b.t.Fatalf("%s: not so; the page says:\n%s", what, b.text())
}
