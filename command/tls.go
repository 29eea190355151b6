package command

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificate is a certificate and its key in two files, read anew when they
// change: whoever renews it restarts nothing.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu      sync.Mutex
	looked  time.Time
	changed [2]time.Time // the files, as they were read
	current *tls.Certificate
}

// certificateEvery is how often the files are looked at, at most.
const certificateEvery = time.Second

// serving is how the web side speaks TLS; nil: it doesn't, and stands behind a
// proxy that does, or on this machine alone.
func (t TLS) serving(log *slog.Logger) (*tls.Config, error) {
	if t.TLSCertFile == "" && t.TLSKeyFile == "" {
		return nil, nil
	}
	if t.TLSCertFile == "" || t.TLSKeyFile == "" {
		return nil, errors.New("--tls-cert-file (RIGHTSDESK_TLS_CERT_FILE), --tls-key-file (RIGHTSDESK_TLS_KEY_FILE): set both or neither")
	}
	c := &certificate{certFile: t.TLSCertFile, keyFile: t.TLSKeyFile, log: log}
	if _, err := c.get(nil); err != nil {
		return nil, fmt.Errorf("--tls-cert-file, --tls-key-file: %w", err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}, nil
}

// get gives the certificate. Files that can't be read while they are being
// replaced leave the one before in place.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current != nil && time.Since(c.looked) < certificateEvery {
		return c.current, nil
	}
	c.looked = time.Now()
	changed := [2]time.Time{modified(c.certFile), modified(c.keyFile)}
	if c.current != nil && changed == c.changed {
		return c.current, nil
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	switch {
	case err == nil:
		c.current, c.changed = &pair, changed
	case c.current == nil:
		return nil, err
	default:
		c.log.Warn("the certificate changed and can't be read; the one before is used", "why", err)
	}
	return c.current, nil
}

func modified(file string) time.Time {
	info, err := os.Stat(file)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}
