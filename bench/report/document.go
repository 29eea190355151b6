package report

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Put writes text into a document between the markers of that name,
//
//	<!-- bench:NAME -->
//	<!-- /bench:NAME -->
//
// and leaves all else as it is. A document without these markers is not touched.
func Put(document, name, text string) error {
	info, err := os.Stat(document)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no %s to write the tables to", document)
	}
	if err != nil {
		return err
	}
	old, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	begin, end := "<!-- bench:"+name+" -->\n", "<!-- /bench:"+name+" -->"
	before, rest, ok := strings.Cut(string(old), begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return fmt.Errorf("%s has no place marked %s", document, name)
	}
	return os.WriteFile(document, []byte(before+begin+"\n"+strings.TrimSpace(text)+"\n\n"+end+after), info.Mode().Perm())
}
