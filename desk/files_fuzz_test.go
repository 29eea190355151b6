package desk

import (
	"bytes"
	"image"
	"image/color"
	"path"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzFile: what is taken is what its type says, from its first byte, under a
// name that says so; whatever is sent, nothing panics and no file grows past
// what can be stored.
func FuzzFile(f *testing.F) {
	picture := asPNG(f, image.NewPaletted(image.Rect(0, 0, 4, 4), color.Palette{color.Black, color.White}))
	for name, content := range map[string][]byte{
		"a.png": picture, "b.png": claims(picture, 29000, 29000), "../a.pdf": []byte("%PDF-1.4\n%%EOF"), "x.svg": []byte("<svg/>"),
		"cut.png": picture[:20], "": nil, "a\x00.jpg": {0xff, 0xd8, 0xff, 0xe1, 0, 8, 'E', 'x', 'i', 'f', 0, 0, 0xff, 0xd9}, "gif.png": []byte("GIF89a"),
	} {
		f.Add(name, content)
	}
	f.Add("photo.jpg", withEXIF([]byte("\xff\xd8\xff\xd9"), 6))
	d := New(Config{})
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		file, wrong, err := d.TakeFile(t.Context(), name, content)
		if err != nil {
			t.Fatal(err)
		}
		if wrong != nil {
			if len(file.Content) > 0 || wrong.Field != InputFiles {
				t.Fatalf("refused (%s), and kept", wrong.Code)
			}
			return
		}
		begins := map[string][]string{typePDF: {"%PDF-", ".pdf"}, typePNG: {"\x89PNG\r\n", ".png"}, typeJPEG: {"\xff\xd8", ".jpg", ".jpeg"}}[file.Type]
		if len(begins) == 0 || !bytes.HasPrefix(file.Content, []byte(begins[0])) || len(file.Content) > mostWritten {
			t.Fatalf("%q: %d bytes", file.Type, len(file.Content))
		}
		if ext := strings.ToLower(path.Ext(file.Name)); !strings.Contains(strings.Join(begins[1:], " "), ext) || ext == "" {
			t.Fatalf("%q is a %s", file.Name, file.Type)
		}
		if !utf8.ValidString(file.Name) || strings.ContainsAny(file.Name, "/\\\r\n\x00<>:\"|?*") || utf8.RuneCountInString(file.Name) > maxFileName+5 {
			t.Fatalf("a name like %q", file.Name)
		}
	})
}

// FuzzFileName: a name is one that any system can store, and stays as it is.
func FuzzFileName(f *testing.F) {
	for _, s := range []string{"证明.png", "../../etc/passwd", `C:\x\y.pdf`, "", ".", "a\u202egnp.exe", "\xff", strings.Repeat("长", 300) + ".jpeg", "a. . .", "//"} {
		f.Add(s)
	}
	d := New(Config{})
	f.Fuzz(func(t *testing.T, s string) {
		name := d.CleanName(s)
		if name == "" || name == "." || name == ".." || !utf8.ValidString(name) || strings.ContainsAny(name, "/\\\r\n\x00<>:\"|?*\u202e") ||
			utf8.RuneCountInString(name) > maxFileName {
			t.Fatalf("%q is cleaned to %q", s, name)
		}
		if again := d.CleanName(name); again != name {
			t.Fatalf("%q is cleaned to %q, and that to %q", s, name, again)
		}
	})
}
