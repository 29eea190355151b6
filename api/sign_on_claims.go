package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"

	"rightsdesk/mail"
	"rightsdesk/ticket"
)

// claimed is who somebody is by the provider's word.
type claimed struct {
	subject string
	id      ticket.AgentID
	name    string // safe to show; the sign-in name if theirs is not
	email   string // empty if theirs is not one address
	role    ticket.Role
}

// read takes of the claims what the desk needs. They come from people who may
// have chosen them: a sign-in name must be one of ours as it stands, exactly one
// role of ours must be named, and nothing may be said twice.
func (s *signOn) read(claims claims) (claimed, error) {
	var c claimed
	c.subject = claims.text("sub")
	if c.subject == "" || len(c.subject) > 255 {
		return claimed{}, fmt.Errorf("%w: no subject", signOnInvalid)
	}
	id, ok := ticket.CheckAgentID(claims.text("preferred_username"))
	if !ok {
		return claimed{}, signOnBadName
	}
	c.id = id
	var err error
	if c.role, err = s.role(claims); err != nil {
		return c, err // whose role is gone is known all the same
	}
	c.name = shownName(claims.text("name"), id)
	c.email, _ = mail.Address(claims.text("email"))
	return c, nil
}

// role is the one role of ours that the claim names.
func (s *signOn) role(claims claims) (ticket.Role, error) {
	var role ticket.Role
	for _, name := range claims.texts(s.RoleClaim) {
		ours, prefixed := strings.CutPrefix(name, s.RolePrefix)
		r, known := ticket.ParseOne(ours, ticket.Roles())
		switch {
		case !prefixed || !known || r == role:
		case role != "":
			return "", signOnManyRole
		default:
			role = r
		}
	}
	if role == "" {
		return "", signOnNoRole
	}
	return role, nil
}

// shownName is a name as colleagues see it: one line of at most 60 characters
// that show, or the sign-in name.
func shownName(s string, id ticket.AgentID) string {
	s = strings.TrimSpace(s)
	for _, r := range s {
		if !unicode.IsGraphic(r) {
			return string(id)
		}
	}
	if n := len([]rune(s)); n == 0 || n > 60 {
		return string(id)
	}
	return s
}

// claims are the claims by their exact names.
type claims map[string]json.RawMessage

// claimsOf reads a JSON object in which nothing is said twice: which of the two
// holds would depend on who reads.
func claimsOf(raw []byte) (claims, error) {
	bad := fmt.Errorf("%w: the claims can't be read", signOnInvalid)
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, bad
	}
	out := claims{}
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return nil, bad
		}
		if _, twice := out[name]; twice {
			return nil, fmt.Errorf("%w: a claim is made twice", signOnInvalid)
		}
		var v json.RawMessage
		if d.Decode(&v) != nil {
			return nil, bad
		}
		out[name] = v
	}
	if _, err := d.Token(); err != nil {
		return nil, bad
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, bad
	}
	return out, nil
}

// text is a claim that is a text, or nothing.
func (c claims) text(name string) string {
	var s string
	if json.Unmarshal(c[name], &s) != nil {
		return ""
	}
	return s
}

// texts is a claim that is a list of texts, or one text.
func (c claims) texts(name string) []string {
	var list []string
	if json.Unmarshal(c[name], &list) == nil {
		return list
	}
	if s := c.text(name); s != "" {
		return []string{s}
	}
	return nil
}
