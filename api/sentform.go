package api

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
)

// errBadForm: the body is no form.
var errBadForm = errors.New("not a form")

const (
	mostValues   = 200     // inputs of one form
	mostFormText = 1 << 20 // bytes of all of them
	mostFileSize = 10 << 20
	mostFiles    = 20 // parts with a file in one post; what a ticket may hold is the desk's affair
	mostInMemory = 2  // files that readForm keeps
)

// sentForm is a form as it was sent. A file is read in memory, one at a time:
// what a person uploads never touches the disk unencrypted.
type sentForm struct {
	Values url.Values
	Files  []sentFile // by readForm

	parts   *multipart.Reader
	next    *multipart.Part // with a file, not read yet
	raw     url.Values
	text, n int
	files   int // parts with a file met so far
}

// sentFile is an uploaded file. TooLarge files have no content.
type sentFile struct {
	Name     string
	Content  []byte
	TooLarge bool
}

// Get is the first value of an input, or nothing.
func (f *sentForm) Get(name string) string { return f.Values.Get(name) }

// readForm reads a posted form of either encoding, with at most mostInMemory
// files. When the body is larger than the route allows, the values read so far
// come with the *http.MaxBytesError: our forms put their files last.
func readForm(c *gin.Context) (*sentForm, error) {
	f, err := beginForm(c)
	if err != nil {
		return f, err
	}
	return f, f.eachFile(func(file sentFile) error {
		if len(f.Files) >= mostInMemory {
			file = sentFile{Name: file.Name, TooLarge: true}
		}
		f.Files = append(f.Files, file)
		return nil
	})
}

// beginForm reads a posted form up to its first file; eachFile reads on.
func beginForm(c *gin.Context) (*sentForm, error) {
	f := &sentForm{Values: url.Values{}, raw: url.Values{}}
	c.Set(typedKey, f)
	kind, _, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	switch {
	case err != nil:
		return f, errBadForm
	case kind == "application/x-www-form-urlencoded":
		if err := c.Request.ParseForm(); err != nil {
			return f, orBadForm(err)
		}
		f.Values = cleanValues(c.Request.PostForm)
		return f, nil
	case kind == "multipart/form-data":
		if f.parts, err = c.Request.MultipartReader(); err != nil {
			return f, errBadForm
		}
		return f, f.readValues()
	}
	return f, errBadForm
}

// eachFile hands over the form's files one after the other; each may be gone
// from memory when the next is read. Then all values are there.
func (f *sentForm) eachFile(take func(sentFile) error) error {
	for f.next != nil {
		file, err := readFile(f.next)
		if err != nil {
			return err
		}
		if f.files++; f.files <= mostFiles {
			if err := take(file); err != nil {
				return err
			}
		}
		if err := f.readValues(); err != nil {
			return err
		}
	}
	return nil
}

// readValues reads on to the next part with a file, or to the end.
func (f *sentForm) readValues() error {
	f.next = nil
	defer func() { f.Values = cleanValues(f.raw) }()
	for {
		part, err := f.parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return orBadForm(err)
		}
		if part.FileName() != "" {
			f.next = part
			return nil
		}
		raw, err := io.ReadAll(io.LimitReader(part, mostFormText+1))
		if err != nil {
			return orBadForm(err)
		}
		f.text, f.n = f.text+len(raw), f.n+1
		if f.text > mostFormText || f.n > mostValues {
			return errBadForm
		}
		if !isFileInput(part) {
			f.raw.Add(part.FormName(), string(raw))
		}
	}
}

func readFile(part *multipart.Part) (sentFile, error) {
	content, err := io.ReadAll(io.LimitReader(part, mostFileSize+1))
	switch {
	case err != nil:
		return sentFile{}, orBadForm(err)
	case len(content) > mostFileSize:
		return sentFile{Name: part.FileName(), TooLarge: true}, nil // the reader skips the rest of the part
	}
	return sentFile{Name: part.FileName(), Content: content}, nil
}

// isFileInput reports the empty part of a file input in which nothing was chosen.
func isFileInput(p *multipart.Part) bool {
	return strings.Contains(p.Header.Get("Content-Disposition"), "filename")
}

// cleanValues drops what can be neither stored nor shown: broken UTF-8 and zero
// bytes. Line ends become \n.
func cleanValues(in url.Values) url.Values {
	out := url.Values{}
	ends := strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "")
	n := 0
	for name, values := range in {
		for _, v := range values {
			if n++; n > mostValues || len(name) > 100 || !utf8.ValidString(name) {
				continue
			}
			out.Add(name, ends.Replace(strings.ToValidUTF8(v, "\uFFFD")))
		}
	}
	return out
}

func orBadForm(err error) error {
	var full *crowded
	if isTooLarge(err) || errors.As(err, &full) || errors.Is(err, errSlowBody) {
		return err
	}
	return errBadForm
}

// isTooLarge reports a body that is larger than its route takes.
func isTooLarge(err error) bool {
	var tooLarge *http.MaxBytesError
	return errors.As(err, &tooLarge)
}
