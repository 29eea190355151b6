package mail_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/mail"
	"rightsdesk/mail/mailtest"
	"rightsdesk/ticket"
)

const marked = "marked.person@example.com"

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.FixedZone("CST", 8*3600))

func sender(t *testing.T, addr string, change func(*mail.Config)) *mail.SMTP {
	t.Helper()
	c := mail.Config{Addr: addr, TLS: mail.TLSNone, From: "和信会 <desk@desk.example>", Hello: "desk.example",
		Timeout: 2 * time.Second, Now: func() time.Time { return noon }}
	if change != nil {
		change(&c)
	}
	s, err := mail.NewSMTP(c)
	require.NoError(t, err)
	return s
}

func message() mail.Message {
	const number = ticket.Number("DSR-20260302-7K3F9QXM")
	return mail.Message{
		To: marked, Subject: "我们收到了您的请求（DSR-20260302-7K3F9QXM）", Text: "您好：\n.\n一行只有一个点。\n",
		HTML: "<p>您好：</p>\n", Locale: ticket.Chinese,
		MessageID: mail.MessageID("receipt-0", number, "desk.example"),
		InReplyTo: mail.Root(number, "desk.example"), References: []string{mail.Root(number, "desk.example")},
	}
}

// deferred checks that the error is temporary and gives nothing away.
func deferred(t *testing.T, err error) *mail.TemporaryError {
	t.Helper()
	var temporary *mail.TemporaryError
	require.ErrorAs(t, err, &temporary)
	assert.NotContains(t, err.Error(), "marked")
	assert.NotContains(t, err.Error(), "as ordered")
	assert.NoError(t, errors.Unwrap(err), "Temporal writes down every cause")
	return temporary
}

func TestAMessageTheServerTakesIsWhole(t *testing.T) {
	server := mailtest.Start(t)
	receipt, err := sender(t, server.Addr, nil).Send(t.Context(), message())
	require.NoError(t, err)
	assert.Equal(t, noon, receipt.At)
	assert.Equal(t, "<receipt-0.DSR-20260302-7K3F9QXM@desk.example>", receipt.MessageID)

	require.Len(t, server.Messages(), 1)
	got := server.Messages()[0]
	assert.Equal(t, "desk@desk.example", got.From)
	assert.Equal(t, marked, got.To)
	read := mailtest.Parse(t, got.Raw)
	assert.Equal(t, message().Subject, read.Subject)
	assert.Equal(t, message().Text, read.Text)
	assert.Equal(t, message().HTML, read.HTML)
	assert.Equal(t, "<ticket.DSR-20260302-7K3F9QXM@desk.example>", read.Header.Get("In-Reply-To"))
	assert.Equal(t, "<ticket.DSR-20260302-7K3F9QXM@desk.example>", read.Header.Get("References"))
	assert.Equal(t, "auto-generated", read.Header.Get("Auto-Submitted"))
	assert.Equal(t, "All", read.Header.Get("X-Auto-Response-Suppress"))
	assert.Equal(t, "zh-CN", read.Header.Get("Content-Language"))
}

func TestATemporaryRefusalIsTriedAgainAndTaken(t *testing.T) {
	server := mailtest.Start(t)
	server.AnswerRcpt(451)
	s := sender(t, server.Addr, nil)
	_, err := s.Send(t.Context(), message())
	assert.Equal(t, mail.TemporaryError{Step: mail.StepTo, Code: 451}, *deferred(t, err))
	_, err = s.Send(t.Context(), message())
	require.NoError(t, err)
	assert.Len(t, server.Messages(), 1)
}

func TestARefusalForGoodIsToldApart(t *testing.T) {
	server := mailtest.Start(t)
	server.AnswerRcpt(550, 0)
	server.AnswerData(554)
	s := sender(t, server.Addr, nil)
	for _, want := range []mail.RefusedError{{Step: mail.StepTo, Code: 550}, {Step: mail.StepAccept, Code: 554}} {
		_, err := s.Send(t.Context(), message())
		var refused *mail.RefusedError
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, want, *refused)
		assert.NotContains(t, err.Error(), "marked")
		assert.NotContains(t, err.Error(), "as ordered")
	}
	assert.Empty(t, server.Messages())
}

func TestAServerThatHangsIsGivenUpInTime(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close() // never accepts: the kernel takes the connection, nobody speaks
	s := sender(t, listener.Addr().String(), func(c *mail.Config) { c.Timeout = 100 * time.Millisecond })

	began := time.Now()
	_, err = s.Send(t.Context(), message())
	assert.Equal(t, mail.TemporaryError{Step: mail.StepGreeting, Reason: "timeout"}, *deferred(t, err))
	assert.Less(t, time.Since(began), 2*time.Second)

	patient := sender(t, listener.Addr().String(), func(c *mail.Config) { c.Timeout = time.Minute })
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began = time.Now()
	_, err = patient.Send(ctx, message())
	deferred(t, err)
	assert.Less(t, time.Since(began), 2*time.Second, "the end of the context ends the conversation")
}

func TestAServerThatIsAwayIsTemporary(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := listener.Addr().String()
	require.NoError(t, listener.Close())
	_, err = sender(t, addr, nil).Send(t.Context(), message())
	assert.Equal(t, mail.TemporaryError{Step: mail.StepConnect, Reason: "connection refused"}, *deferred(t, err))
}

// The server keeps the message and the line breaks before it can say so: the
// retry sends it again, under the same Message-ID.
func TestAnUnknownFateIsTemporaryAndTheRetryCarriesTheSameID(t *testing.T) {
	server := mailtest.Start(t)
	ctx, cancel := context.WithCancel(t.Context())
	server.BeforeAccept(func() { cancel(); time.Sleep(50 * time.Millisecond) })
	s := sender(t, server.Addr, nil)
	_, err := s.Send(ctx, message())
	assert.Equal(t, mail.StepAccept, deferred(t, err).Step)
	server.BeforeAccept(nil)
	_, err = s.Send(t.Context(), message())
	require.NoError(t, err)
	taken := server.Messages()
	require.Len(t, taken, 2)
	assert.Equal(t, mailtest.Parse(t, taken[0].Raw).Header.Get("Message-Id"), mailtest.Parse(t, taken[1].Raw).Header.Get("Message-Id"))
}

func TestSTARTTLSWithItsOwnAuthorityAndSignIn(t *testing.T) {
	certificate, pool := authority(t)
	server := mailtest.Start(t, mailtest.WithTLS(&tls.Config{Certificates: []tls.Certificate{certificate}}),
		mailtest.WithUser("desk", "secret", false))
	trusted := func(c *mail.Config) {
		c.TLS, c.RootCAs, c.User, c.Password = mail.STARTTLS, pool, "desk", "secret"
	}
	_, err := sender(t, server.Addr, trusted).Send(t.Context(), message())
	require.NoError(t, err)
	require.Len(t, server.Messages(), 1)
	assert.Equal(t, "desk", server.Messages()[0].User)

	for name, c := range map[string]struct {
		change func(*mail.Config)
		want   mail.TemporaryError
	}{
		"an authority nobody trusts": {func(c *mail.Config) { trusted(c); c.RootCAs = x509.NewCertPool() },
			mail.TemporaryError{Step: mail.StepTLS, Reason: "certificate not trusted"}},
		"a wrong password is the operator's to mend": {func(c *mail.Config) { trusted(c); c.Password = "wrong" },
			mail.TemporaryError{Step: mail.StepAuth, Code: 535}},
		"nobody signed in": {func(c *mail.Config) { trusted(c); c.User = "" },
			mail.TemporaryError{Step: mail.StepFrom, Code: 530}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := sender(t, server.Addr, c.change).Send(t.Context(), message())
			assert.Equal(t, c.want, *deferred(t, err))
		})
	}
	assert.Len(t, server.Messages(), 1)
}

func TestAServerWithoutSTARTTLSIsNotUsed(t *testing.T) {
	server := mailtest.Start(t)
	_, err := sender(t, server.Addr, func(c *mail.Config) { c.TLS = mail.STARTTLS }).Send(t.Context(), message())
	assert.Equal(t, mail.StepTLS, deferred(t, err).Step)
	assert.Empty(t, server.Messages())
}

func TestSignInOverPlainTextStaysOnThisMachine(t *testing.T) {
	server := mailtest.Start(t, mailtest.WithUser("desk", "secret", true))
	_, err := sender(t, server.Addr, func(c *mail.Config) { c.User, c.Password = "desk", "secret" }).Send(t.Context(), message())
	require.NoError(t, err)
	_, err = mail.NewSMTP(mail.Config{Addr: "mail.example.com:25", TLS: mail.TLSNone, User: "desk", Password: "secret", From: "a@b.example"})
	assert.ErrorContains(t, err, "without TLS")
}

func TestLettersOutsideASCIIInAnAddress(t *testing.T) {
	m := message()
	m.To = "用户@例子.中国"
	able := mailtest.Start(t, mailtest.WithUTF8())
	_, err := sender(t, able.Addr, nil).Send(t.Context(), m)
	require.NoError(t, err)
	assert.Equal(t, "用户@xn--fsqu00a.xn--fiqs8s", able.Messages()[0].To)

	unable := mailtest.Start(t)
	_, err = sender(t, unable.Addr, nil).Send(t.Context(), m)
	var refused *mail.RefusedError
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, 553, refused.Code)
}

// authority makes a certificate for 127.0.0.1, signed by itself.
func authority(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true,
		BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func TestAWrongConfigurationNamesTheMend(t *testing.T) {
	for want, c := range map[string]mail.Config{
		"mail.example.com:587":      {Addr: "mail.example.com", From: "a@b.example"},
		"From must be like":         {Addr: "m:25", From: "desk"},
		"none of none, starttls":    {Addr: "m:25", From: "a@b.example", TLS: "ssl"},
		"must be a plain domain":    {Addr: "m:25", From: "a@b.example", Domain: "b.example>\r\nBcc: x"},
		"must be a plain host name": {Addr: "m:25", From: "a@b.example", Hello: "desk\r\nMAIL"},
	} {
		_, err := mail.NewSMTP(c)
		assert.ErrorContains(t, err, want)
	}
	assert.True(t, strings.HasPrefix(mail.Root("DSR-20260302-7K3F9QXM", "d"), "<ticket."))
}
