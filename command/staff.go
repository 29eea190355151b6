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
	if !isIssuer(s.StaffOIDCIssuer) {
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

// Person says where people sign in, to prove that an account is theirs.
type Person struct {
	PersonOIDCIssuer           string `name:"person-oidc-issuer" help:"OpenID provider at which people sign in to their accounts; empty: not offered." placeholder:"URL"`
	PersonOIDCClientID         string `name:"person-oidc-client-id" help:"The desk's name at the provider." placeholder:"ID"`
	PersonOIDCClientSecret     string `name:"person-oidc-client-secret" help:"The desk's secret at the provider." placeholder:"SECRET"`
	PersonOIDCClientSecretFile string `name:"person-oidc-client-secret-file" help:"File with that secret, instead." placeholder:"FILE"`
	PersonOIDCAccountClaim     string `name:"person-oidc-account-claim" default:"sub" help:"Claim that names the account, by the account system's own key (ref)."`
}

// signIn reads the settings; nil if there is no provider.
func (p Person) signIn() (*api.SignIn, error) {
	if p.PersonOIDCIssuer == "" {
		if p.PersonOIDCClientID+p.PersonOIDCClientSecret+p.PersonOIDCClientSecretFile != "" {
			return nil, errors.New("--person-oidc-issuer (RIGHTSDESK_PERSON_OIDC_ISSUER): is not set, but other --person-oidc settings are")
		}
		return nil, nil
	}
	if !isIssuer(p.PersonOIDCIssuer) {
		return nil, errors.New("--person-oidc-issuer (RIGHTSDESK_PERSON_OIDC_ISSUER): must be like https://id.example.com, as the provider itself writes it")
	}
	if p.PersonOIDCClientID == "" {
		return nil, errors.New("--person-oidc-client-id (RIGHTSDESK_PERSON_OIDC_CLIENT_ID): is not set")
	}
	secret, err := clientSecret("person", "PERSON", p.PersonOIDCClientSecret, p.PersonOIDCClientSecretFile)
	if err != nil {
		return nil, err
	}
	return &api.SignIn{Issuer: p.PersonOIDCIssuer, ClientID: p.PersonOIDCClientID, ClientSecret: secret, AccountClaim: p.PersonOIDCAccountClaim}, nil
}

func isIssuer(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()))
}

func (s Staff) secret() (string, error) {
	return clientSecret("staff", "STAFF", s.StaffOIDCClientSecret, s.StaffOIDCClientSecretFile)
}

// clientSecret is the one given, or that of the file.
func clientSecret(flag, env, given, file string) (string, error) {
	name := "--" + flag + "-oidc-client-secret"
	if (given == "") == (file == "") {
		return "", fmt.Errorf("%s-file (RIGHTSDESK_%s_OIDC_CLIENT_SECRET_FILE): set it or %s, one of the two", name, env, name)
	}
	if file == "" {
		return given, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("%s-file: %w", name, err)
	}
	secret := strings.TrimSpace(string(text))
	if secret == "" {
		return "", fmt.Errorf("%s-file: the file is empty", name)
	}
	return secret, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
