package desk

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// FuzzNormalise: a cleaned value is clean, and cleaning it again changes nothing.
func FuzzNormalise(f *testing.F) {
	for _, s := range []string{"", " 王小明 ", "ｗａｎｇ＠Ｅxample。ＣＯＭ", "a@例子.中国", "１３８ 1234 5678", "+44 20 7946 0958", "x\r\nBcc: y@z.w", "\u202eevil",
		"e\u0301\u200d\u200c", "\xff\xfe", "a@b.c\x00", "\"a b\"@c.de", "a@[127.0.0.1]", "a@xn--.de", "０", "A\u030a\u3000B", "\u2028x\u0085", "\u3164", "\u2800 \u2800"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, clean := range map[string]func(string) string{"line": line, "prose": prose, "code": code, "account": account} {
			out := clean(s)
			if again := clean(out); again != out {
				t.Errorf("%s: %q becomes %q, and that %q", name, s, out, again)
			}
			if !utf8.ValidString(out) || out != strings.TrimSpace(out) {
				t.Errorf("%s: %q is not clean", name, out)
			}
			for _, r := range out {
				if r != '\n' && r != '\t' && (unicode.IsControl(r) || r == '\u202e') || name != "prose" && r == '\n' {
					t.Errorf("%s: %q holds %q", name, out, r)
				}
			}
		}
		if e, ok := email(s); ok {
			if again, ok := email(e); !ok || again != e {
				t.Errorf("email: %q becomes %q, and that %q", s, e, again)
			}
			if strings.Count(e, "@") != 1 || strings.ContainsAny(e, " \r\n\t<>,;:\"()[]\\\x00") || len(e) > maxEmail || !utf8.ValidString(e) {
				t.Errorf("email: %q is not one mailbox", e)
			}
		}
		if p, ok := phone(s); ok {
			if again, ok := phone(p); !ok || again != p {
				t.Errorf("phone: %q becomes %q, and that %q", s, p, again)
			}
			if p[0] != '+' || strings.Trim(p[1:], "0123456789") != "" || len(p) > 16 {
				t.Errorf("phone: %q", p)
			}
		}
	})
}

func TestATextThatShowsNothingIsNone(t *testing.T) {
	for _, s := range []string{"\u3164", "\u2800", " \u115f\u1160 ", "\uffa0", "\u200d\n\u200c", "\u00ad\u200b"} {
		if out := prose(s); out != "" {
			t.Errorf("%q becomes %q", s, out)
		}
	}
}
