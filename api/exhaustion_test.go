package api

import (
	"context"
	"database/sql"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/store/mariadbtest"
	"rightsdesk/ticket"
)

func TestMain(m *testing.M) { os.Exit(mariadbtest.Run(m)) }

const connections = 4

// holdAll takes all of the store's connections: each is in a transaction that waits
// for a ticket which somebody else has locked. It returns what lets them go.
func (w *web) holdAll(dsn string, n ticket.Number) (release func()) {
	w.t.Helper()
	outside, err := sql.Open("mysql", strings.TrimPrefix(dsn, "mysql:"))
	require.NoError(w.t, err)
	lock, err := outside.Begin()
	require.NoError(w.t, err)
	_, err = lock.Exec("SELECT number FROM tickets WHERE number = ? FOR UPDATE", n)
	require.NoError(w.t, err)
	var waiting sync.WaitGroup
	for range connections {
		waiting.Go(func() {
			assert.NoError(w.t, w.store.AppendEvent(context.Background(), n, contract.Event{At: w.now, Actor: contract.BySystem, Act: contract.ActStage}))
		})
	}
	require.Eventually(w.t, func() bool {
		var n int
		err := outside.QueryRow("SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'").Scan(&n)
		return err == nil && n == connections
	}, 30*time.Second, 250*time.Millisecond) // that table is made anew when nobody has read it for a tenth of a second
	return func() {
		require.NoError(w.t, lock.Rollback())
		waiting.Wait()
		_ = outside.Close()
	}
}

func TestWhenAllConnectionsAreInUseTheDeskSaysSoAndRecovers(t *testing.T) {
	dsn := mariadbtest.Start(t)
	w := newWebOn(t, dsn+"?innodb_lock_wait_timeout=300", []store.Option{store.WithConnections(connections)})
	b := w.browser(zh)
	b.client.Timeout = time.Minute // an answer never comes later: without a bound it would come when they are let go
	_, held := b.fileOne(ticket.Complaint)
	v := b.start(ticket.Complaint)
	check := b.upload("/request/complaint", v).form("check")
	other := w.browser(zh)
	other.client.Timeout = time.Minute
	link, err := w.store.NewLink(t.Context(), held, store.LinkTrack, true, w.now, time.Hour)
	require.NoError(t, err)
	require.Equal(t, http.StatusSeeOther, other.get("/track/"+link).Status)
	reply := url.Values{"form": {seal.NewToken()}, "text": {"请尽快处理"}}

	release := w.holdAll(dsn, held)
	p := b.upload("/request/complaint", v)
	assert.Equal(t, http.StatusServiceUnavailable, p.Status)
	assert.Equal(t, v.Get("text"), p.form("request").Get("text"))
	p = b.post("/request/complaint/send", check)
	assert.Equal(t, http.StatusServiceUnavailable, p.Status)
	assert.Equal(t, v.Get("text"), p.form("check").Get("text"))
	assert.NotEmpty(t, p.Header.Get("Retry-After"))
	assert.Equal(t, http.StatusServiceUnavailable, other.get("/ticket").Status)
	p = other.upload("/ticket/reply?of="+string(held), reply)
	assert.Equal(t, http.StatusServiceUnavailable, p.Status)
	assert.Contains(t, p.Body, "请尽快处理")
	assert.Equal(t, http.StatusServiceUnavailable, other.get("/readyz").Status)
	assert.Equal(t, http.StatusOK, other.get("/").Status, "what needs no database is there")
	release()

	page, err := w.store.Queue(t.Context(), store.Filter{}, w.now)
	require.NoError(t, err)
	assert.Len(t, page.Tickets, 1, "nothing was filed")
	messages, err := w.store.Messages(t.Context(), held)
	require.NoError(t, err)
	assert.Empty(t, messages)
	receipt := b.post("/request/complaint/send", check)
	require.Equal(t, http.StatusOK, receipt.Status, receipt.Body)
	assert.NotEmpty(t, numberPattern.FindString(receipt.Body))
	assert.Equal(t, http.StatusOK, other.get("/ticket").Status)
	assert.Equal(t, http.StatusSeeOther, other.upload("/ticket/reply?of="+string(held), reply).Status)
	assert.Equal(t, http.StatusOK, other.get("/readyz").Status)
	assert.Contains(t, w.log.String(), "all connections are in use")
}
