package command

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"

	"rightsdesk/api"
)

// Staff says how members of staff sign in.
type Staff struct {
	StaffOIDCIssuer           string `name:"staff-oidc-issuer" help:"OpenID provider at which staff sign in; empty: with passwords of the desk only." placeholder:"URL"`
	StaffOIDCClientID         string `name:"staff-oidc-client-id" help:"The desk's name at the provider." placeholder:"ID"`
	StaffOIDCClientSecret     string `name:"staff-oidc-client-secret" help:"The desk's secret at the provider." placeholder:"SECRET"`
	StaffOIDCClientSecretFile string `name:"staff-oidc-client-secret-file" help:"File with that secret, instead." placeholder:"FILE"`
	StaffOIDCRoleClaim        string `name:"staff-oidc-role-claim" default:"roles" help:"Claim that names the role: agent, lead, manager, privacy_officer, auditor or administrator."`
	StaffOIDCRolePrefix       string `name:"staff-oidc-role-prefix" help:"What stands before these names there." placeholder:"PREFIX"`
	StaffPasswordSignIn       bool   `name:"staff-password-sign-in" default:"true" help:"Let staff sign in with passwords of the desk; =false only together with a provider."`
}

// signOn reads the settings; nil if there is no provider.
func (s Staff) signOn() (*api.SignOn, error) {
	if s.StaffOIDCIssuer == "" {
		switch {
		case s.StaffOIDCClientID+s.StaffOIDCClientSecret+s.StaffOIDCClientSecretFile+s.StaffOIDCRolePrefix != "":
			return nil, errors.New("--staff-oidc-issuer (RIGHTSDESK_STAFF_OIDC_ISSUER): is not set, but other --staff-oidc settings are")
		case !s.StaffPasswordSignIn:
			return nil, errors.New("--staff-password-sign-in (RIGHTSDESK_STAFF_PASSWORD_SIGN_IN): without --staff-oidc-issuer nobody could sign in")
		}
		return nil, nil
	}
	u, err := url.Parse(s.StaffOIDCIssuer)
	if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
		return nil, errors.New("--staff-oidc-issuer (RIGHTSDESK_STAFF_OIDC_ISSUER): must be like https://id.example.com, as the provider itself writes it")
	}
	if s.StaffOIDCClientID == "" {
		return nil, errors.New("--staff-oidc-client-id (RIGHTSDESK_STAFF_OIDC_CLIENT_ID): is not set")
	}
	secret, err := s.secret()
	if err != nil {
		return nil, err
	}
	return &api.SignOn{Issuer: s.StaffOIDCIssuer, ClientID: s.StaffOIDCClientID, ClientSecret: secret,
		RoleClaim: s.StaffOIDCRoleClaim, RolePrefix: s.StaffOIDCRolePrefix}, nil
}

func (s Staff) secret() (string, error) {
	if (s.StaffOIDCClientSecret == "") == (s.StaffOIDCClientSecretFile == "") {
		return "", errors.New("--staff-oidc-client-secret-file (RIGHTSDESK_STAFF_OIDC_CLIENT_SECRET_FILE): set it or --staff-oidc-client-secret, one of the two")
	}
	if s.StaffOIDCClientSecretFile == "" {
		return s.StaffOIDCClientSecret, nil
	}
	text, err := os.ReadFile(s.StaffOIDCClientSecretFile)
	if err != nil {
		return "", fmt.Errorf("--staff-oidc-client-secret-file: %w", err)
	}
	secret := strings.TrimSpace(string(text))
	if secret == "" {
		return "", errors.New("--staff-oidc-client-secret-file: the file is empty")
	}
	return secret, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
