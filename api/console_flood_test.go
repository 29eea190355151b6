package api

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAFloodOfSignInsKeepsNobodyOutWhoSignedInBefore(t *testing.T) {
	o := newOffice(t, behindProxy)
	b := o.as("li.wei")
	require.Equal(t, http.StatusSeeOther, b.post("/desk/sign-out", nil).Status)

	const strangers = 40
	stop := make(chan struct{})
	var flood sync.WaitGroup
	var answered atomic.Int64
	for i := range strangers {
		flood.Go(func() {
			stranger := o.browser(en)
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
					stranger.signIn(fmt.Sprintf("nobody.%d.%d", i, n), "wrong password")
					answered.Add(1)
				}
			}
		})
	}
	require.Eventually(t, func() bool { return answered.Load() > 0 }, time.Minute, 10*time.Millisecond)
	time.Sleep(time.Second) // the strangers' turns are taken, and many wait
	before := answered.Load()
	p := b.signIn("li.wei", goodPassword)
	served := answered.Load() - before
	close(stop)
	flood.Wait()
	assert.Equal(t, http.StatusSeeOther, p.Status)
	assert.Less(t, served, int64(strangers/2), "strangers served first, of those who waited")
}
