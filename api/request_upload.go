package api

import (
	"errors"
	"strconv"

	"github.com/gin-gonic/gin"

	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// stage keeps uploaded files under the form's token. A file that can't be taken
// becomes a problem that names it; the others are kept.
func (s *server) stage(c *gin.Context, token string, files []sentFile) (problems []templates.Problem, err error) {
	for _, f := range files {
		mediaType, wrong := s.checkFile(f)
		name := s.Desk.CleanName(f.Name)
		if wrong != nil {
			problems = append(problems, s.fileProblem(c, name, wrong))
			continue
		}
		_, err := s.Store.AddUpload(c.Request.Context(), token, name, mediaType, f.Content)
		if errors.Is(err, store.ErrTooManyFiles) {
			problems = append(problems, s.fileProblem(c, name, tooManyFiles()))
			continue
		}
		if err != nil {
			return nil, err
		}
	}
	return problems, nil
}

func (s *server) checkFile(f sentFile) (mediaType string, wrong *desk.FieldError) {
	if f.TooLarge {
		return "", &desk.FieldError{Field: desk.InputFiles, Code: desk.CodeFileTooLarge,
			Facts: map[string]string{"max_mb": strconv.Itoa(desk.MaxFileBytes >> 20)}}
	}
	return s.Desk.CheckFile(f.Content)
}

// fileProblem names the file by its own name: on this page it is read by who
// sent it.
func (s *server) fileProblem(c *gin.Context, name string, e *desk.FieldError) templates.Problem {
	why := s.Templates.Words().Refusal(locale(c), &ticket.Error{Code: e.Code, Facts: e.Facts})
	return s.problem(c, desk.InputFiles, "form.files.wrong", "name", name, "why", why)
}

func tooManyFiles() *desk.FieldError {
	return &desk.FieldError{Field: desk.InputFiles, Code: desk.CodeTooManyFiles,
		Facts: map[string]string{"max": strconv.Itoa(desk.MaxFiles)}}
}
