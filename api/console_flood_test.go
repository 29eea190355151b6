package api

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAFloodOfSignInsKeepsNobodyOutWhoSignedInBefore(t *testing.T) {
	o := newOffice(t, behindProxy)
	b := o.as("li.wei")
	require.Equal(t, http.StatusSeeOther, b.post("/desk/sign-out", nil).Status)

	stop := make(chan struct{})
	var flood sync.WaitGroup
	for i := range 40 {
		flood.Go(func() {
			stranger := o.browser(en)
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
					stranger.signIn(fmt.Sprintf("nobody.%d.%d", i, n), "wrong password")
				}
			}
		})
	}
	time.Sleep(time.Second) // the strangers' turns are taken, and many wait
	began := time.Now()
	p := b.signIn("li.wei", goodPassword)
	took := time.Since(began)
	close(stop)
	flood.Wait()
	assert.Equal(t, http.StatusSeeOther, p.Status)
	assert.Less(t, took, 1500*time.Millisecond, "forty strangers at a fifth of a second each are eight seconds")
}
