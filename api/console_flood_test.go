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
	const strangers = 40
	held, right := make(chan struct{}), newPasswords()
	compare := right.compare
	right.compare = func(password, hash string) (bool, error) {
		if password != goodPassword {
			<-held // for as long as the flood lasts
		}
		return compare(password, hash)
	}
	o := newOffice(t, behindProxy, func(c *Config) { c.passwords = right })
	b := o.as("li.wei")
	require.Equal(t, http.StatusSeeOther, b.post("/desk/sign-out", nil).Status)

	var flood sync.WaitGroup
	for i := range strangers {
		flood.Go(func() { o.browser(en).signIn(fmt.Sprintf("nobody.%d", i), "wrong password") })
	}
	defer flood.Wait()
	release := sync.OnceFunc(func() { close(held) })
	defer release()
	require.Eventually(t, func() bool { return right.waiting.Load() >= strangers/2 }, time.Minute, 10*time.Millisecond)
	patience := time.AfterFunc(time.Minute, release)
	assert.Equal(t, http.StatusSeeOther, b.signIn("li.wei", goodPassword).Status)
	assert.True(t, patience.Stop(), "it waited for the strangers")
}
