package command

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// writeCertificate puts a certificate of its own into the two files.
func writeCertificate(t *testing.T, serial int64, certFile, keyFile string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	c := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "desk"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	require.NoError(t, err)
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}), 0o600))
	require.NoError(t, os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	pool := x509.NewCertPool()
	parsed, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	pool.AddCert(parsed)
	return pool
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

// serveTLS runs a whole web side with a certificate until the test ends.
func serveTLS(t *testing.T, certFile, keyFile string) (addr string) {
	t.Helper()
	addr = freeAddress(t)
	d := Database{Database: "sqlite:" + filepath.Join(t.TempDir(), "desk.db"), MasterKeyFile: newKey(t, 0o600)}
	require.NoError(t, Migrate(t.Context(), d))
	web := API{Service: Service{Database: d, Temporal: Temporal{TemporalAddress: "127.0.0.1:1", TemporalNamespace: "desk"},
		Operator: Operator{OperatorName: "示例", OperatorContact: "010-12345678", BaseURL: "https://localhost"},
		Mail:     Mail{SMTPAddress: "127.0.0.1:1", SMTPTLS: "none", MailFrom: "desk@desk.test", SMTPTimeout: time.Second}},
		Policy: Policy{Policy: "cn"}, Staff: Staff{StaffPasswordSignIn: true}, TLS: TLS{TLSCertFile: certFile, TLSKeyFile: keyFile}, Listen: addr}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- web.Run(ctx, slog.New(slog.NewTextHandler(io.Discard, nil))) }()
	t.Cleanup(func() {
		stop()
		assert.NoError(t, <-done)
	})
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	}, 10*time.Second, 20*time.Millisecond)
	return addr
}

func TestTheDeskServesByTLSAndTakesANewCertificateWithoutARestart(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	pool := writeCertificate(t, 1, certFile, keyFile)
	addr := serveTLS(t, certFile, keyFile)
	get := func(pool *x509.CertPool, most uint16) (*http.Response, error) {
		client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, ForceAttemptHTTP2: most == 0,
			TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "localhost", MinVersion: tls.VersionTLS10, MaxVersion: most}}}
		resp, err := client.Get("https://" + addr + "/?lang=en")
		if err == nil {
			_ = resp.Body.Close()
		}
		return resp, err
	}
	resp, err := get(pool, 0)
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	assert.Equal(t, 2, resp.ProtoMajor)
	assert.Contains(t, resp.Header.Get("Set-Cookie"), "__Host-")
	assert.Contains(t, resp.Header.Get("Set-Cookie"), "Secure")
	assert.NotEmpty(t, resp.Header.Get("Strict-Transport-Security"))
	_, err = get(pool, tls.VersionTLS11)
	assert.Error(t, err, "TLS 1.1 is refused")
	_, err = get(pool, tls.VersionTLS12)
	assert.NoError(t, err)

	time.Sleep(certificateEvery + 50*time.Millisecond)
	require.NoError(t, os.WriteFile(certFile, []byte("half written"), 0o600))
	_, err = get(pool, 0)
	assert.NoError(t, err, "the one before holds while it is being replaced")
	renewed := writeCertificate(t, 2, certFile, keyFile)
	require.Eventually(t, func() bool {
		resp, err := get(renewed, 0)
		return err == nil && resp.TLS.PeerCertificates[0].SerialNumber.Int64() == 2
	}, 5*time.Second, 100*time.Millisecond)
}
