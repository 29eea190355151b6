package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// v1UploadHeader names the request that the files are for, by its key.
const v1UploadHeader = "Upload-For"

// v1FormToken is under which token files wait for the request with this key. A
// key counts for whose it is alone: nobody adds to, lists or takes along what
// waits under somebody else's.
func v1FormToken(scope, key string) string { return "v1/" + scope + "/" + key }

// v1Upload is a file that waits for its ticket or reply.
type v1Upload struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	Type string `json:"type" doc:"What the file is, by its content"`
	Size int64  `json:"size" doc:"Bytes"`
}

// v1Uploads are the files that wait under a key.
type v1Uploads struct {
	Uploads []v1Upload `json:"uploads" nullable:"false"`
}

type (
	V1UploadFor struct {
		For string `header:"Upload-For" required:"true" doc:"The Idempotency-Key that the ticket or reply will be posted with"`
	}
	v1UploadInput struct {
		V1UploadFor
		RawBody []byte
	}
	v1UploadInputOne struct {
		V1UploadFor
		ID int64 `path:"id" doc:"Of the upload"`
	}
	v1UploadsOutput struct{ Body v1Uploads }
	v1NoContent     struct{}
)

func (a *v1) uploadRoutes() {
	const about = "Files wait encrypted for an hour at most, under the key of the request that they are for. " +
		"Send the same Authorization as with that request, or none if it has none: a key is its owner's alone. "
	binary := func() *huma.Schema { return &huma.Schema{Type: huma.TypeString, Format: "binary"} }
	form := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{
		"file": {Type: huma.TypeArray, Items: binary(), Description: "Up to five files"}}}
	addV1(a, v1Op{id: "upload", method: http.MethodPost, path: "/uploads", tag: v1TagPublic, status: http.StatusCreated,
		who: v1Caller, may: ticket.MayHandle, body: uploadBody, summary: "Upload a file",
		about: about + "JPEG, PNG and PDF, told by their content, of 10 MB at most; five for one request, 12 MB in one call. " +
			"Images are written anew, the right way up and without what a camera noted. " +
			"Send the file as the body (its name in Content-Disposition) or as parts of a multipart form. " +
			"Of a form all files are taken or none.",
		bodies: []*v1Content{{"image/jpeg", binary()}, {"image/png", binary()}, {"application/pdf", binary()},
			{"multipart/form-data", form}}},
		a.upload)
	addV1(a, v1Op{id: "list-uploads", method: http.MethodGet, path: "/uploads", tag: v1TagPublic, who: v1Caller, may: ticket.MayHandle,
		summary: "The files that wait under a key", about: about}, a.uploadsFor)
	addV1(a, v1Op{id: "remove-upload", method: http.MethodDelete, path: "/uploads/{id}", tag: v1TagPublic, who: v1Caller, may: ticket.MayHandle, bodyless: true,
		summary: "Remove a file that waits", about: about + "Removed again it is not found."}, a.removeUpload)
}

func (a *v1) tokenFor(ctx context.Context, u V1UploadFor) (string, error) {
	if !isV1Key(u.For) {
		return "", v1Wrong{{In: "header", Field: v1UploadHeader, Code: string(v1KeyWeak)}}
	}
	return v1FormToken(a.scope(callOf(ctx)), u.For), nil
}

func (a *v1) upload(ctx context.Context, in *v1UploadInput) (*v1UploadsOutput, error) {
	token, err := a.tokenFor(ctx, in.V1UploadFor)
	if err == nil {
		err = a.limited(ctx, "form", mostPosts)
	}
	if err != nil {
		return nil, err
	}
	files, err := sentUploads(callOf(ctx).gin.Request.Header, in.RawBody)
	if err != nil {
		return nil, err
	}
	out := &v1UploadsOutput{Body: v1Uploads{Uploads: []v1Upload{}}}
	taken, err := a.takeUploads(ctx, token, files)
	if err != nil {
		return nil, err
	}
	for _, f := range taken {
		staged, err := a.Store.AddUpload(ctx, token, f.Name, f.Type, f.Content)
		switch {
		case errors.Is(err, store.ErrTooManyFiles):
			return nil, a.inputErrors(ctx, []desk.FieldError{*tooManyFiles()})
		case errors.Is(err, store.ErrNotFound): // the request they were for has been sent
			return nil, v1Fault{code: v1KeyReused, in: "header", field: v1UploadHeader}
		case err != nil:
			return nil, err
		}
		out.Body.Uploads = append(out.Body.Uploads, v1Upload{staged.ID, staged.Name, staged.Type, staged.Size})
	}
	return out, nil
}

// takeUploads sees to all files before one is kept.
func (a *v1) takeUploads(ctx context.Context, token string, files []sentFile) ([]desk.File, error) {
	waiting, err := a.Store.Uploads(ctx, token)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	var wrong []desk.FieldError
	if len(waiting)+len(files) > desk.MaxFiles {
		wrong = append(wrong, *tooManyFiles())
	}
	taken := make([]desk.File, len(files))
	for i, f := range files {
		var e *desk.FieldError
		if taken[i], e, err = a.takeFile(ctx, f); err != nil {
			return nil, err
		}
		if e != nil {
			wrong = append(wrong, *e)
		}
	}
	if len(wrong) > 0 {
		return nil, a.inputErrors(ctx, wrong)
	}
	return taken, nil
}

// sentUploads are the files of a body. They are never written to a disk as they
// came.
func sentUploads(h http.Header, body []byte) ([]sentFile, error) {
	media, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(media, "multipart/") {
		_, named, _ := mime.ParseMediaType(h.Get("Content-Disposition"))
		return []sentFile{{Name: named["filename"], Content: body, TooLarge: len(body) > mostFileSize}}, nil
	}
	var files []sentFile
	parts := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for {
		part, err := parts.NextRawPart()
		switch {
		case errors.Is(err, io.EOF) && len(files) == 0:
			return nil, v1Fault{code: v1BodyMissing}
		case errors.Is(err, io.EOF):
			return files, nil
		case err != nil || len(files) > desk.MaxFiles:
			return nil, v1Fault{code: v1BodyMalformed}
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return nil, v1Fault{code: v1BodyMalformed}
		}
		if part.FileName() != "" {
			files = append(files, sentFile{Name: part.FileName(), Content: content, TooLarge: len(content) > mostFileSize})
		}
	}
}

func (a *v1) uploadsFor(ctx context.Context, in *V1UploadFor) (*v1UploadsOutput, error) {
	token, err := a.tokenFor(ctx, *in)
	if err != nil {
		return nil, err
	}
	staged, err := a.Store.Uploads(ctx, token)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	out := &v1UploadsOutput{Body: v1Uploads{Uploads: []v1Upload{}}}
	for _, u := range staged {
		out.Body.Uploads = append(out.Body.Uploads, v1Upload{u.ID, u.Name, u.Type, u.Size})
	}
	return out, nil
}

func (a *v1) removeUpload(ctx context.Context, in *v1UploadInputOne) (*v1NoContent, error) {
	token, err := a.tokenFor(ctx, in.V1UploadFor)
	if err != nil {
		return nil, err
	}
	return &v1NoContent{}, a.Store.RemoveUpload(ctx, token, in.ID)
}
