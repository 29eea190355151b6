package api

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/ticket"
)

// hasty is the usual pace in seconds instead of minutes.
func hasty(c *Config) {
	c.pace = pace{stall: 4 * time.Second, grace: 5 * time.Second, leastRate: 32 << 10, longest: 20 * time.Second,
		answer: 20 * time.Second, download: 20 * time.Second, patience: 100 * time.Millisecond}
}

// behindProxy takes the test itself for a trusted proxy, so that it can come
// from many networks.
func behindProxy(c *Config) { c.TrustedProxies = []string{"127.0.0.1"} }

// slow is an upload whose last bytes are withheld.
type slow struct {
	conn net.Conn
	done chan *http.Response // its answer; closed when there is none
}

// withhold posts a complaint with a first PDF, and half of a second one.
func (w *web) withhold(from string, size int) slow {
	w.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	require.NoError(w.t, err)
	w.t.Cleanup(func() { _ = conn.Close() })
	part := "--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.pdf\"\r\n\r\n%PDF-"
	s := slow{conn, make(chan *http.Response, 1)}
	go func() {
		fmt.Fprintf(conn, "POST /request/complaint HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: %s\r\nSec-Fetch-Site: same-origin\r\n"+
			"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n\r\n", from, 50<<20)
		_, _ = io.WriteString(conn, part)
		chunk := bytes.Repeat([]byte("x"), 64<<10)
		for sent := 0; sent < size; sent += len(chunk) {
			if _, err := conn.Write(chunk); err != nil {
				break
			}
		}
		_, _ = io.WriteString(conn, "\r\n"+part)
		_, _ = conn.Write(chunk)
	}()
	go func() {
		defer close(s.done)
		if resp, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil {
			s.done <- resp
		}
	}()
	return s
}

var tokenPattern = regexp.MustCompile(`name="form" value="([^"]{43})"`)

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestSlowUploadsTakeLittleMemoryAndNobodyElsesTurn(t *testing.T) {
	rooms := newRooms(time.Now)
	w := newWeb(t, hasty, behindProxy, func(c *Config) { c.rooms = rooms })
	before := heap()
	var held []slow
	for i := range 18 {
		held = append(held, w.withhold(fmt.Sprintf("198.51.100.%d", i/6), 9<<20))
	}
	room := rooms.strangers
	require.Eventually(t, func() bool {
		room.mu.Lock()
		defer room.mu.Unlock()
		return room.all == placesInRoom
	}, 10*time.Second, 10*time.Millisecond, "the attack fills the room")

	began := time.Now()
	_, number := w.browser(zh).fileOne(ticket.Complaint) // a form without files needs no place
	assert.NotEmpty(t, number)
	assert.Less(t, time.Since(began), 3*time.Second)
	peak := uint64(0)
	for range 10 {
		peak = max(peak, heap())
		time.Sleep(50 * time.Millisecond)
	}
	assert.Less(t, peak, before+placesInRoom*24<<20, "of 18 uploads of 50 MB each")

	statuses := map[int]int{}
	for _, s := range held {
		select {
		case resp := <-s.done:
			if resp == nil {
				continue
			}
			statuses[resp.StatusCode]++
			if resp.StatusCode != http.StatusRequestTimeout {
				assert.NotEmpty(t, resp.Header.Get("Retry-After"))
			}
		case <-time.After(20 * time.Second):
			t.Fatal("an upload without its last bytes is still held")
		}
	}
	assert.Equal(t, placesInRoom, statuses[http.StatusRequestTimeout], "%v", statuses)
	assert.NotZero(t, statuses[http.StatusTooManyRequests], "%v", statuses)

	require.Eventually(t, func() bool {
		room.mu.Lock()
		defer room.mu.Unlock()
		return room.all == 0 && len(room.taken) == 0
	}, 5*time.Second, 10*time.Millisecond, "all places are free again")
	b := w.browser(zh)
	p := b.upload("/request/complaint", b.start(ticket.Complaint), file{"a.pdf", pdf + strings.Repeat(" ", 1<<20)})
	assert.Equal(t, http.StatusOK, p.Status)
}

func TestABodyThatTricklesIsCutOff(t *testing.T) {
	w := newWeb(t, hasty)
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	began := time.Now()
	fmt.Fprint(conn, "POST /track HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\nnumber=")
	go func() {
		for {
			if _, err := conn.Write([]byte("x")); err != nil {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	assert.Equal(t, http.StatusRequestTimeout, resp.StatusCode)
	assert.Less(t, time.Since(began), 15*time.Second)
}

func TestAStreamOfHTTP2ThatStallsIsCutOffAndItsNeighboursAreNot(t *testing.T) {
	w := newWeb(t, hasty)
	server := httptest.NewUnstartedServer(w.http)
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	stalled, last := io.Pipe()
	defer last.Close()
	go func() { _, _ = last.Write([]byte("number=x")) }()
	req, err := http.NewRequest("POST", server.URL+"/track", stalled)
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	began := time.Now()
	cut := make(chan error, 1)
	go func() {
		resp, err := server.Client().Do(req)
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode != http.StatusRequestTimeout || resp.ProtoMajor != 2 {
				err = fmt.Errorf("%s %s", resp.Proto, resp.Status)
			}
		}
		cut <- err
	}()
	for range 5 {
		resp, err := server.Client().Get(server.URL + "/?lang=en")
		require.NoError(t, err)
		_ = resp.Body.Close()
		assert.Equal(t, http.StatusOK, resp.StatusCode)
	}
	assert.NoError(t, <-cut)
	assert.Less(t, time.Since(began), 15*time.Second)
}

func TestTheHoursBytesAreCountedBeforeTheyAreRead(t *testing.T) {
	w := newWeb(t, behindProxy)
	spend := func(key string, amount int64) {
		_, _, err := w.store.Spend(t.Context(), "upload-bytes/"+key, amount, 1, time.Hour, w.now)
		require.NoError(t, err)
	}
	large := file{"a.pdf", pdf + strings.Repeat(" ", 1<<20)}
	b := w.browser(en)
	spend("network/127.0.0.1", bytesOfNetwork-4<<20)
	form := b.start(ticket.Complaint)
	require.Equal(t, http.StatusOK, b.upload("/request/complaint", with(form, url.Values{"do": {"upload"}}), large, large, large).Status)
	p := b.upload("/request/complaint", with(form, url.Values{"do": {"upload"}}), large, large)
	assert.Equal(t, http.StatusTooManyRequests, p.Status)
	assert.NotEmpty(t, p.Header.Get("Retry-After"))
	assert.Equal(t, form.Get("text"), p.form("again").Get("text"), "what was typed is kept")
	kept, err := w.store.Uploads(t.Context(), form.Get("form"))
	require.NoError(t, err)
	assert.Len(t, kept, 3, "nothing more was kept")
	assert.Equal(t, http.StatusOK, b.upload("/request/complaint", form, file{"b.pdf", pdf}).Status, "small files are no burden")

	_, n := b.fileOne(ticket.Complaint)
	w.proved(b, n)
	spend("network/127.0.0.1", -bytesOfNetwork)
	require.Equal(t, http.StatusOK, b.upload("/ticket/reply", url.Values{"text": {"x"}, "do": {"upload"}}, large).Status)
	spend("ticket/"+string(n), bytesOfTicket)
	assert.Equal(t, http.StatusTooManyRequests, b.upload("/ticket/reply", url.Values{"text": {"x"}, "do": {"upload"}}, large).Status)
}

func TestABodyThatSaysItIsTooLargeCostsNothing(t *testing.T) {
	w := newWeb(t, hasty)
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	fmt.Fprintf(conn, "POST /request/complaint HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nAccept-Language: en\r\n"+
		"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n\r\n"+
		"--b\r\nContent-Disposition: form-data; name=\"subject\"\r\n\r\nA long film\r\n"+
		"--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.pdf\"\r\n\r\n%s", 4<<30, strings.Repeat("x", quietBody))
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	assert.Equal(t, http.StatusRequestEntityTooLarge, resp.StatusCode)
	page := make([]byte, 64<<10)
	n, _ := io.ReadAtLeast(resp.Body, page, 4<<10)
	assert.Contains(t, string(page[:n]), "A long film", "what was typed is kept")
	ok, _, err := w.store.Spend(t.Context(), "upload-bytes/network/127.0.0.1", 1, 1, time.Hour, w.now)
	require.NoError(t, err)
	assert.True(t, ok, "nothing was counted")
}

func TestASessionHasOneReplyBeingWritten(t *testing.T) {
	w := newWeb(t)
	b := w.browser(en)
	_, n := b.fileOne(ticket.Complaint)
	w.proved(b, n)
	stage := func(b *browser) string {
		p := b.upload("/ticket/reply", url.Values{"text": {"x"}, "do": {"upload"}}, file{"a.pdf", pdf})
		require.Equal(t, http.StatusOK, p.Status)
		token := tokenPattern.FindStringSubmatch(p.Body)
		require.NotNil(t, token)
		return token[1]
	}
	first, second := stage(b), stage(b)
	gone, err := w.store.Uploads(t.Context(), first)
	require.NoError(t, err)
	assert.Empty(t, gone)
	kept, err := w.store.Uploads(t.Context(), second)
	require.NoError(t, err)
	assert.Len(t, kept, 1)

	other := w.browser(en) // the same person at another computer
	w.proved(other, n)
	stage(other)
	kept, err = w.store.Uploads(t.Context(), second)
	require.NoError(t, err)
	assert.Len(t, kept, 1)
}
