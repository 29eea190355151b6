package desk

import (
	"bytes"
	"context"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"
)

// Limits of what is uploaded.
const (
	MaxFileBytes = 10 << 20
	MaxFiles     = 5 // with one form or one reply
	maxFileName  = 100
)

const (
	typeJPEG = "image/jpeg"
	typePNG  = "image/png"
	typePDF  = "application/pdf"
	typeJSON = "application/json" // the desk's own: evidence
)

var fileTypes = []string{typeJPEG, typePNG, typePDF}

// File is an uploaded file as it is kept.
type File struct {
	Name    string
	Type    string // by its content
	Content []byte
}

// TakeFile makes of what was uploaded what is kept: an image is written anew, so
// that neither the place where it was taken nor bytes of another type are in it,
// and its name says what it is. The error's field is "files".
func (d *Desk) TakeFile(ctx context.Context, name string, content []byte) (File, *FieldError, error) {
	mediaType, wrong := d.CheckFile(content)
	if wrong != nil {
		return File{}, wrong, nil
	}
	if mediaType != typePDF {
		var err error
		if content, wrong, err = d.pictures.anew(ctx, mediaType, content); wrong != nil || err != nil {
			return File{}, wrong, err
		}
	}
	return File{Name: FileName(d.CleanName(name), mediaType), Type: mediaType, Content: content}, nil, nil
}

// FileName is a name whose ending tells the file's type: what a computer does
// with a download goes by the ending.
func FileName(name, mediaType string) string {
	endings := map[string][]string{typeJPEG: {".jpg", ".jpeg"}, typePNG: {".png"}, typePDF: {".pdf"}, typeJSON: {".json"}}[mediaType]
	if len(endings) == 0 {
		endings = []string{".bin"}
	}
	if slices.Contains(endings, strings.ToLower(path.Ext(name))) {
		return name
	}
	return name + endings[0]
}

// CheckFile tells what a file is by its content; its name is not asked. The
// error's field is "files".
func (d *Desk) CheckFile(content []byte) (mediaType string, _ *FieldError) {
	switch {
	case len(content) == 0:
		return "", &FieldError{Field: InputFiles, Code: CodeFileEmpty}
	case len(content) > MaxFileBytes:
		return "", &FieldError{Field: InputFiles, Code: CodeFileTooLarge, Facts: facts("max_mb", strconv.Itoa(MaxFileBytes>>20))}
	}
	found := mimetype.Detect(content)
	for _, t := range fileTypes {
		// A PDF is looked for a good way into the file, behind what may be a
		// file of another type: only one that begins as such is taken.
		if found.Is(t) && (t != typePDF || bytes.HasPrefix(content, []byte("%PDF-"))) {
			return t, nil
		}
	}
	return "", &FieldError{Field: InputFiles, Code: CodeFileType}
}

// CleanName is a file's name without folders, line breaks or what can't be
// seen, short enough to show.
func (d *Desk) CleanName(name string) string {
	name = strings.TrimLeft(path.Base(strings.ReplaceAll(line(name), `\`, "/")), "/")
	name = strings.Trim(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`<>:"/|?*`, r) {
			return '_'
		}
		return r
	}, name), " .")
	if n := utf8.RuneCountInString(name); n > maxFileName {
		runes := []rune(name)
		ext := []rune(path.Ext(name))
		if len(ext) > 10 {
			ext = nil
		}
		name = strings.TrimRight(string(runes[:maxFileName-len(ext)]), " .") + string(ext)
	}
	if name == "" {
		return "file"
	}
	return name
}
