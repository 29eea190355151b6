package command

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestReadySaysWhatTheDeskSaysOfItself(t *testing.T) {
	status := http.StatusOK
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "/readyz", r.URL.Path)
		w.WriteHeader(status)
		_, _ = w.Write([]byte("not ready: Temporal does not answer\n"))
	}))
	ask := func() (int, string) {
		var out, errs bytes.Buffer
		code := Main([]string{"ready", "--url", srv.URL + "/readyz"}, &out, &errs)
		return code, out.String() + errs.String()
	}
	code, said := ask()
	assert.Equal(t, 0, code)
	assert.Equal(t, "ready\n", said)
	status = http.StatusServiceUnavailable
	code, said = ask()
	assert.Equal(t, 1, code)
	assert.Contains(t, said, "503")
	assert.Contains(t, said, "Temporal does not answer")
	srv.Close()
	code, said = ask()
	assert.Equal(t, 1, code)
	assert.Contains(t, said, "nothing answers")
}
