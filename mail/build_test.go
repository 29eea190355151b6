package mail_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/mail"
	"rightsdesk/mail/mailtest"
	"rightsdesk/ticket"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with testdata/<name>.golden, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, got, 0o644))
		return
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "run with -update once")
	assert.Equal(t, string(want), string(got))
}

var boundary = regexp.MustCompile(`boundary=([0-9a-f]+)`)

// settled makes what the library draws at random the same each time: the
// boundary and the order of the headers.
func settled(raw []byte) []byte {
	if m := boundary.FindSubmatch(raw); m != nil {
		raw = bytes.ReplaceAll(raw, m[1], []byte("BOUNDARY"))
	}
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	head, body, _ := bytes.Cut(raw, []byte("\n\n"))
	lines := strings.Split(strings.ReplaceAll(string(head), "\n ", " "), "\n")
	slices.SortFunc(lines, strings.Compare)
	return []byte(strings.Join(lines, "\n") + "\n\n" + string(body))
}

func TestTheBytesOfAMessage(t *testing.T) {
	english := message()
	english.Locale, english.Subject = ticket.English, "We have received your request (DSR-20260302-7K3F9QXM)"
	english.Text, english.HTML = "Hello,\n\nthis is plain.\n", "<p>Hello,</p>\n<p>this is plain.</p>\n"
	for name, m := range map[string]mail.Message{"message.zh-CN": message(), "message.en": english} {
		t.Run(name, func(t *testing.T) {
			server := mailtest.Start(t)
			_, err := sender(t, server.Addr, nil).Send(t.Context(), m)
			require.NoError(t, err)
			golden(t, name, settled(server.Messages()[0].Raw))
		})
	}
}

func TestNothingWithALineBreakReachesAHeader(t *testing.T) {
	const injection = "\r\nBcc: thief@example.org\r\n"
	fields := map[string]func(*mail.Message, string){
		"from":        func(m *mail.Message, s string) { m.From = "desk" + s + "@desk.example" },
		"from name":   func(m *mail.Message, s string) { m.From = "\"Desk" + s + "\" <desk@desk.example>" },
		"to":          func(m *mail.Message, s string) { m.To = "a@b.example" + s },
		"to inside":   func(m *mail.Message, s string) { m.To = "a" + s + "@b.example" },
		"subject":     func(m *mail.Message, s string) { m.Subject = "Hello" + s },
		"message id":  func(m *mail.Message, s string) { m.MessageID = "<a" + s + "@b.example>" },
		"in reply to": func(m *mail.Message, s string) { m.InReplyTo = "<a@b.example>" + s },
		"reference":   func(m *mail.Message, s string) { m.References = []string{"<a@b.example>", "<c@d.example>" + s} },
		"locale":      func(m *mail.Message, s string) { m.Locale = ticket.Locale("en" + s) },
		"header":      func(m *mail.Message, s string) { m.Headers = map[string]string{"X-Desk": "1" + s} },
		"header name": func(m *mail.Message, s string) { m.Headers = map[string]string{"X-Desk" + s: "1"} },
	}
	server := mailtest.Start(t)
	s := sender(t, server.Addr, nil)
	for name, set := range fields {
		for _, bad := range []string{injection, "\n", "\r", "\x00"} {
			m := message()
			set(&m, bad)
			_, err := s.Send(t.Context(), m)
			var refused *mail.RefusedError
			if assert.ErrorAs(t, err, &refused, "%s with %q", name, bad) {
				assert.Equal(t, mail.StepCheck, refused.Step)
				assert.NotContains(t, err.Error(), "thief")
			}
		}
	}
	assert.Empty(t, server.Messages())

	m := message() // in a body it is only text
	m.Text, m.HTML = "Hello"+injection+".\r\nMAIL FROM:<x@y.example>\r\n", "<p>Hello"+injection+"</p>"
	_, err := s.Send(t.Context(), m)
	require.NoError(t, err)
	require.Len(t, server.Messages(), 1)
	assert.Empty(t, mailtest.Parse(t, server.Messages()[0].Raw).Header.Get("Bcc"))
}

func TestWhichAddressesAreTaken(t *testing.T) {
	for s, want := range map[string]string{
		"li.ming@example.com":                    "li.ming@example.com",
		"Li.Ming+desk@EXAMPLE.com":               "Li.Ming+desk@example.com",
		"desk@localhost":                         "desk@localhost",
		"用户@例子.中国":                               "用户@xn--fsqu00a.xn--fiqs8s",
		"Li Ming <li@example.com>":               "",
		"<li@example.com>":                       "",
		"li@example.com, x@y.example":            "",
		"li@example.com,x@y.example":             "",
		`"li ming"@example.com`:                  "",
		"li@[127.0.0.1]":                         "",
		"li@example.com\r\nBcc: x@y":             "",
		"li@exa\u2028mple.com":                   "",
		"li":                                     "",
		"@example.com":                           "",
		"li@":                                    "",
		"":                                       "",
		strings.Repeat("x", 65) + "@example.com": "",
	} {
		got, ok := mail.Address(s)
		assert.Equal(t, want, got, "%q", s)
		assert.Equal(t, want != "", ok, "%q", s)
	}
}

func TestAnOperatorWithACommaInItsName(t *testing.T) {
	server := mailtest.Start(t)
	m := message()
	m.From = `"Example, Inc." <desk@desk.example>`
	_, err := sender(t, server.Addr, nil).Send(t.Context(), m)
	require.NoError(t, err)
	from, err := mailtest.Parse(t, server.Messages()[0].Raw).Header.AddressList("From")
	require.NoError(t, err)
	require.Len(t, from, 1)
	assert.Equal(t, "desk@desk.example", from[0].Address)
}
