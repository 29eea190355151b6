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
)

// sentForm is a form as it was sent. Files are read in memory: what a person
// uploads never touches the disk unencrypted.
type sentForm struct {
	Values url.Values
	Files  []sentFile
}

// sentFile is an uploaded file. TooLarge files have no content.
type sentFile struct {
	Name     string
	Content  []byte
	TooLarge bool
}

// Get is the first value of an input, or nothing.
func (f *sentForm) Get(name string) string { return f.Values.Get(name) }

// readForm reads a posted form of either encoding. When the body is larger than
// the route allows, the values read so far come with the *http.MaxBytesError:
// our forms put their files last.
func readForm(c *gin.Context) (*sentForm, error) {
	f := &sentForm{Values: url.Values{}}
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
		r, err := c.Request.MultipartReader()
		if err != nil {
			return f, errBadForm
		}
		return f, f.readParts(r)
	}
	return f, errBadForm
}

func (f *sentForm) readParts(r *multipart.Reader) error {
	text, values := 0, 0
	for {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			f.Values = cleanValues(f.Values)
			return nil
		}
		if err != nil {
			return orBadForm(err)
		}
		if part.FileName() != "" {
			if err := f.readFile(part); err != nil {
				return err
			}
			continue
		}
		raw, err := io.ReadAll(io.LimitReader(part, mostFormText+1))
		if err != nil {
			return orBadForm(err)
		}
		text, values = text+len(raw), values+1
		if text > mostFormText || values > mostValues {
			return errBadForm
		}
		if !isFileInput(part) {
			f.Values.Add(part.FormName(), string(raw))
		}
	}
}

func (f *sentForm) readFile(part *multipart.Part) error {
	content, err := io.ReadAll(io.LimitReader(part, mostFileSize+1))
	if err != nil {
		return orBadForm(err)
	}
	if len(f.Files) >= mostFiles {
		return nil
	}
	if len(content) > mostFileSize {
		f.Files = append(f.Files, sentFile{Name: part.FileName(), TooLarge: true})
		return nil // the reader skips the rest of the part
	}
	f.Files = append(f.Files, sentFile{Name: part.FileName(), Content: content})
	return nil
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
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return err
	}
	return errBadForm
}
