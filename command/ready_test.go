package command

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestReadySaysWhatTheDeskSaysOfItself(t *testing.T) {
	status, says := http.StatusOK, "ready, but the database can be read and takes no writes"
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "/readyz", r.URL.Path)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(says + "\n"))
	}))
	ask := func() (int, string) {
		var out, errs bytes.Buffer
		code := Main([]string{"ready", "--url", srv.URL + "/readyz"}, &out, &errs)
		return code, out.String() + errs.String()
	}
	code, said := ask()
	assert.Equal(t, 0, code)
	assert.Equal(t, says+"\n", said)
	status, says = http.StatusServiceUnavailable, "not ready: Temporal does not answer"
	code, said = ask()
	assert.Equal(t, 1, code)
	assert.Contains(t, said, "503")
	assert.Contains(t, said, "Temporal does not answer")
	srv.Close()
	code, said = ask()
	assert.Equal(t, 1, code)
	assert.Contains(t, said, "nothing answers")
}
