package store

import (
	"strings"

	"rightsdesk/seal"
	"rightsdesk/ticket"
)

// sealedColumn is a column whose values the vault itself has sealed: what a
// rotation of its keys has to seal anew.
type sealedColumn struct {
	table  string
	keys   []string // of the row
	column string
	place  func(keys []string) string // nil: it is a wrapped data key
}

// sealedColumns lists them all. A column left out is not rewrapped, and keeps the
// old keys from being retired.
func sealedColumns() []sealedColumn {
	return []sealedColumn{
		{table: "ticket_secrets", keys: []string{"number"}, column: "data_key"},
		{table: "proofs", keys: []string{"id"}, column: "data_key"},
		{table: "forms", keys: []string{"token_hash"}, column: "data_key"},
		{table: "agents", keys: []string{"id"}, column: "email",
			place: func(k []string) string { return emailPlace(ticket.AgentID(k[0])) }},
		{table: "agents", keys: []string{"id"}, column: "factor_secret",
			place: func(k []string) string { return factorPlace(ticket.AgentID(k[0])) }},
		{table: "sessions", keys: []string{"token_hash"}, column: "data",
			place: func(k []string) string { return sessionPlace(k[0]) }},
		{table: "idempotent_requests", keys: []string{"scope", "key_hash"}, column: "body",
			place: func(k []string) string { return idempotentRow{Scope: k[0], KeyHash: k[1]}.place() }},
		{table: "signing_keys", keys: []string{"id"}, column: "private",
			place: func([]string) string { return signingKeyPlace }},
	}
}

// otherBytes lists the columns of bytes that the vault's keys have nothing to do
// with: sealed under a data key, or not sealed.
func otherBytes() []string {
	return strings.Fields(`
		ticket_secrets.content ticket_secrets.account ticket_secrets.kept
		messages.body notes.body drafts.body attachments.name attachments.content verifications.contact
		proof_files.name proof_files.content forms.typed uploads.name uploads.content
		signing_keys.public_key deliveries.payload calendars.text policies.text`)
}

// under reads off the key that a value is sealed under.
func (c sealedColumn) under(value []byte) (seal.KeyID, bool) {
	if c.place == nil {
		return seal.WrappedUnder(value)
	}
	return seal.SealedUnder(value)
}

// again seals a value under the primary key.
func (c sealedColumn) again(v *seal.Vault, keys []string, value []byte) ([]byte, error) {
	if c.place == nil {
		return v.Rewrap(value)
	}
	plain, err := v.Open(value, c.place(keys))
	if err != nil {
		return nil, err
	}
	return v.Seal(plain, c.place(keys))
}
