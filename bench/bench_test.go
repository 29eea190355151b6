package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestALetterIsKnownByItsStepAndTicket(t *testing.T) {
	l := letter{MessageID: "<receipt-1.DSR-20261123-7K3F9QXM@desk.example>", Text: "Your code:\n\n    123456\n\nTicket 654321"}
	assert.True(t, l.is("receipt", "DSR-20261123-7K3F9QXM"))
	assert.False(t, l.is("answer", "DSR-20261123-7K3F9QXM"))
	assert.False(t, l.is("receipt", "DSR-20261123-00000000"))
	code, err := l.code()
	require.NoError(t, err)
	assert.Equal(t, "123456", code)
	_, err = letter{Text: "Nothing to enter."}.code()
	assert.Error(t, err)
}

func TestOneLetterIsWaitedForAmongOthers(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.FormValue("after"))
		if len(asked) == 1 {
			fmt.Fprint(w, `[{"id":7,"message_id":"<code-2.DSR-1@d>"}]`)
			return
		}
		fmt.Fprint(w, `[{"id":9,"message_id":"<answer-5.DSR-1@d>"},{"id":8,"message_id":"<answer-3.DSR-2@d>"}]`)
	}))
	defer server.Close()
	b := newInbox(server.URL)
	l, err := b.await(t.Context(), "a@example.net", 3, "answer", "DSR-1")
	require.NoError(t, err)
	assert.Equal(t, int64(9), l.ID)
	assert.Equal(t, []string{"3", "7"}, asked)
	assert.Equal(t, int64(9), b.mark())
}

func TestEveryTicketComesFromANetworkOfItsOwn(t *testing.T) {
	w := newWeb("")
	seen := map[string]bool{}
	for range 1000 {
		seen[w.network()] = true
	}
	assert.Len(t, seen, 1000)
	for n := range seen {
		assert.NotNil(t, net.ParseIP(n), n)
	}
}

func TestAProblemIsNamedByItsCode(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "Bearer t", r.Header.Get("Authorization"))
		assert.NotEmpty(t, r.Header.Get("Idempotency-Key"))
		w.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprint(w, `{"code":"too_many_tries"}`)
	}))
	defer server.Close()
	err := newWeb(server.URL).do(t.Context(), ask{method: "POST", path: "/tickets", token: "t", key: true, body: 1}, nil)
	assert.EqualError(t, err, "POST /tickets: 429 too_many_tries")
}

func TestFullRoundsAreCountedOnceEveryClientHasBeenThrough(t *testing.T) {
	s := &stand{}
	var n atomic.Int64
	r, err := s.run(t.Context(), block{clients: 4, window: 200 * time.Millisecond}, func(ctx context.Context) (times, error) {
		time.Sleep(time.Millisecond)
		return times{number: fmt.Sprint(n.Add(1)), accepted: time.Millisecond, answered: 2 * time.Millisecond}, ctx.Err()
	})
	require.NoError(t, err)
	assert.Positive(t, r.n)
	assert.Zero(t, r.n%4, "full rounds")
	assert.GreaterOrEqual(t, r.window, 200*time.Millisecond)
	assert.LessOrEqual(t, r.n, len(r.numbers)-4, "each client's first is not counted")
	assert.Len(t, r.accepted, r.n)
	assert.Equal(t, 2*time.Millisecond, r.answered.Median())
	assert.Contains(t, r.cpu, bench)
}

func TestAnErrorEndsABlock(t *testing.T) {
	s, broken := &stand{}, errors.New("broken")
	_, err := s.run(t.Context(), block{clients: 2, window: time.Hour}, func(context.Context) (times, error) { return times{}, broken })
	assert.ErrorIs(t, err, broken)
}

func TestProcessorTimeAndMemoryAreThisProcesss(t *testing.T) {
	used, err := cpu(os.Getpid())
	require.NoError(t, err)
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); {
		now, err := cpu(os.Getpid())
		require.NoError(t, err)
		if now > used {
			break
		}
	}
	now, err := cpu(os.Getpid())
	require.NoError(t, err)
	assert.Greater(t, now, used)
	bytes, err := memory(os.Getpid())
	require.NoError(t, err)
	assert.Greater(t, bytes, int64(1<<20))
}

func TestAProcessIsStoppedByItsOwnNumber(t *testing.T) {
	p, err := spawn("sleeper", t.TempDir(), true, "/bin/sh", "-c", "echo ready; exec sleep 600")
	require.NoError(t, err)
	assert.Equal(t, "ready\n", p.first)
	p.stop()
	select {
	case <-p.ended:
	default:
		t.Error("it runs on")
	}
	_, err = spawn("fails", t.TempDir(), true, "/bin/sh", "-c", "echo why >&2; exit 1")
	assert.ErrorContains(t, err, "why")
}

// echo answers each line by itself.
func echo(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				lines := bufio.NewReader(c)
				for {
					line, err := lines.ReadString('\n')
					if err != nil {
						c.Close()
						return
					}
					fmt.Fprint(c, line)
				}
			}()
		}
	}()
	return l.Addr().String()
}

func TestADoorIsOpenShutOrSilent(t *testing.T) {
	d, err := openDoor(echo(t))
	require.NoError(t, err)
	defer d.close()
	c, err := net.Dial("tcp", d.address)
	require.NoError(t, err)
	answers := bufio.NewReader(c)
	say := func() { _, err := fmt.Fprintln(c, "hello"); require.NoError(t, err) }
	hear := func(within time.Duration) error {
		require.NoError(t, c.SetReadDeadline(time.Now().Add(within)))
		_, err := answers.ReadString('\n')
		return err
	}
	say()
	require.NoError(t, hear(10*time.Second))

	d.hush()
	say()
	assert.ErrorIs(t, hear(50*time.Millisecond), os.ErrDeadlineExceeded)
	require.NoError(t, d.open())
	require.NoError(t, hear(10*time.Second), "what was said meanwhile comes through")

	d.shut()
	assert.Error(t, hear(10*time.Second))
	_, err = net.Dial("tcp", d.address)
	assert.Error(t, err)
	require.NoError(t, d.open())
	again, err := net.Dial("tcp", d.address)
	require.NoError(t, err)
	again.Close()
}
