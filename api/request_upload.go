package api

import (
	"context"
	"errors"
	"strconv"

	"github.com/gin-gonic/gin"

	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/templates"
	"rightsdesk/ticket"
)

// stage keeps uploaded files under the form's token, each as soon as it has
// come. A file that can't be taken becomes a problem that names it; the others
// are kept.
func (s *server) stage(c *gin.Context, token string, form *sentForm) (problems []templates.Problem, err error) {
	ctx := c.Request.Context()
	err = form.eachFile(func(sent sentFile) error {
		file, wrong, err := s.takeFile(ctx, sent)
		if err != nil {
			return err
		}
		if wrong == nil {
			_, err = s.Store.AddUpload(ctx, token, file.Name, file.Type, file.Content)
			if errors.Is(err, store.ErrTooManyFiles) {
				wrong, err = tooManyFiles(), nil
			}
		}
		if wrong != nil {
			problems = append(problems, s.fileProblem(c, s.Desk.CleanName(sent.Name), wrong))
		}
		return err
	})
	return problems, err
}

func (s *server) takeFile(ctx context.Context, f sentFile) (desk.File, *desk.FieldError, error) {
	if f.TooLarge {
		return desk.File{}, &desk.FieldError{Field: desk.InputFiles, Code: desk.CodeFileTooLarge,
			Facts: map[string]string{"max_mb": strconv.Itoa(desk.MaxFileBytes >> 20)}}, nil
	}
	return s.Desk.TakeFile(ctx, f.Name, f.Content)
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
