package command

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"

	"rightsdesk/accounts"
)

// A desk that serves people does not start with settings that were only made for
// trying it out. make run is for that, and fills its own settings in.

// check says what must not stay as it is before the desk serves people.
func (s Service) check() error {
	if err := s.Operator.check(); err != nil {
		return err
	}
	if strings.TrimSpace(s.MailFrom) == "" || strings.Contains(s.MailFrom, "@localhost") {
		return errors.New("--mail-from (RIGHTSDESK_MAIL_FROM): is not set; give the desk an address of your own, such as: Privacy desk <privacy@example.com>")
	}
	if err := s.Verifiers.check(); err != nil {
		return err
	}
	return s.Database.checkKey()
}

func (v Verifiers) check() error {
	for _, one := range []struct{ url, setting, secret string }{
		{v.TextsURL, "--texts-secret (RIGHTSDESK_TEXTS_SECRET)", v.TextsSecret},
		{v.RealNamesURL, "--real-names-secret (RIGHTSDESK_REAL_NAMES_SECRET)", v.RealNamesSecret},
		{v.PaymentsURL, "--payments-secret (RIGHTSDESK_PAYMENTS_SECRET)", v.PaymentsSecret},
	} {
		if one.url == "" {
			continue
		}
		if err := strongSecret(one.setting, one.secret); err != nil {
			return err
		}
	}
	return nil
}

func (o Operator) check() error {
	if strings.Contains(o.OperatorContact, "@example.com") || strings.TrimSpace(o.OperatorContact) == "" {
		return errors.New("--operator-contact (RIGHTSDESK_OPERATOR_CONTACT): is not set; give a telephone number or an address of yours, for people who can't use the desk")
	}
	if strings.TrimSpace(o.OperatorName) == "" {
		return errors.New("--operator-name (RIGHTSDESK_OPERATOR_NAME): is not set; give the name by which people know you")
	}
	u, err := url.Parse(o.BaseURL)
	if err != nil || u.Scheme != "http" || o.AllowPlainHTTP || isLoopback(u.Hostname()) {
		return nil // what is wrong otherwise is said where it is read
	}
	return errors.New("--base-url (RIGHTSDESK_BASE_URL): is http, so that personal data and sessions travel unencrypted; make it https (with --tls-cert-file, or behind a TLS proxy), or say --allow-plain-http")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// checkKey sees to it that nobody else of the machine reads the master key.
func (d Database) checkKey() error {
	if d.MasterKeyFile == "" {
		return nil
	}
	file, err := os.Stat(d.MasterKeyFile)
	if err != nil {
		return nil // said where it is opened
	}
	if mode := file.Mode().Perm(); mode&forbidden(ownedByRoot(file), os.Geteuid() == 0) != 0 {
		return fmt.Errorf("--master-key-file (RIGHTSDESK_MASTER_KEY_FILE): %s can be read by others (%#o); do: chmod 600 %s", d.MasterKeyFile, mode, d.MasterKeyFile)
	}
	return nil
}

// forbidden is what nobody may do with the key file. Kubernetes and systemd hand a
// secret to a program that is not root as a file of root's, which the program
// reads by its group: there the group may read, and no more.
func forbidden(rootsFile, root bool) os.FileMode {
	if rootsFile && !root {
		return 0o037
	}
	return 0o077
}

func (a Accounts) check() error {
	if a.AccountsURL == "" {
		return nil
	}
	return strongSecret("--accounts-secret (RIGHTSDESK_ACCOUNTS_SECRET)", a.AccountsSecret)
}

// strongSecret refuses a shared secret that could be guessed. The secret itself
// is never repeated.
func strongSecret(setting, secret string) error {
	const draw = "; draw one with: openssl rand -base64 32"
	if len(secret) < accounts.MinSecret {
		return fmt.Errorf("%s: must have at least %d bytes"+draw, setting, accounts.MinSecret)
	}
	lower := strings.ToLower(secret)
	for _, word := range []string{"changeme", "change-me", "change_me", "password", "example", "default", "secret", "rightsdesk"} {
		if strings.Contains(lower, word) {
			return fmt.Errorf("%s: holds the word %q, as one that was never drawn does"+draw, setting, word)
		}
	}
	if plain(secret) {
		return fmt.Errorf("%s: repeats itself, and could be guessed"+draw, setting)
	}
	return nil
}

// plain reports a text of few different characters, or of one piece repeated.
func plain(s string) bool {
	different := map[rune]bool{}
	for _, r := range s {
		different[r] = true
	}
	if len(different) < 10 {
		return true
	}
	for n := 1; n <= len(s)/2; n++ {
		if strings.HasPrefix(strings.Repeat(s[:n], len(s)/n+1), s) {
			return true
		}
	}
	return false
}
