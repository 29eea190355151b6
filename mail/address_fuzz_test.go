package mail

import (
	"net/mail"
	"strings"
	"testing"
	"unicode"
)

// FuzzAddress: what passes is one mailbox and nothing more, wherever in a mail
// it is written.
func FuzzAddress(f *testing.F) {
	for _, s := range []string{"a@example.com", "王@例子.中国", "a@b.c\r\nBcc: x@y.z", "a@b.c,d@e.f", "A <a@b.c>", `"a b"@c.d`, "a@[127.0.0.1]", "a@b.c (x)",
		"a@b.c\x00", "\ufeffa@b.c", "a@b.c\u2028", "@b.c", "a@", "a@xn--.c", "=?utf-8?q?a=40b.c?=", "a@b.c;", "\u202ea@b.c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out, ok := Address(s)
		if !ok {
			return
		}
		if strings.ContainsAny(out, " ,;:<>()[]\"\\") || strings.ContainsFunc(out, unicode.IsControl) || strings.ContainsFunc(out, unicode.IsSpace) || len(out) > 254 {
			t.Fatalf("%q passes as %q", s, out)
		}
		list, err := mail.ParseAddressList(out)
		if err != nil || len(list) != 1 || list[0].Name != "" {
			t.Fatalf("%q is read as %v, %v", out, list, err)
		}
		if again, ok := Address(out); !ok || again != out {
			t.Fatalf("%q becomes %q, and that %q", s, out, again)
		}
	})
}
