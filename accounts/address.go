package accounts

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"
)

// CheckAddress says what is wrong with the address of a service that personal data
// is sent to: it must be https, or http to a loopback address, or http anywhere
// when that is allowed (a private container network).
func CheckAddress(base string, allowPlainHTTP bool) error {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("the address must be like https://service.example.com/rightsdesk")
	}
	if u.Scheme == "https" || u.Scheme == "http" && (allowPlainHTTP || loopback(u.Hostname())) {
		return nil
	}
	return errors.New("the address must be https")
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// NewClient calls such a service: it follows no redirect, which would lead signed
// personal data elsewhere, and gives up in time.
func NewClient(timeout time.Duration) *http.Client {
	return &http.Client{
		Timeout:       timeout,
		Transport:     http.DefaultTransport.(*http.Transport).Clone(),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
