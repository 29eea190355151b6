package store

import (
	"context"

	"gorm.io/gorm"

	"rightsdesk/ticket"
)

// policyRow is the text of a policy that tickets are pinned to. It is never
// changed or deleted.
type policyRow struct {
	Digest  string `gorm:"primaryKey"`
	Name    string
	Version string
	Text    []byte
}

func (policyRow) TableName() string { return "policies" }

// Policy returns the text of a policy by its digest.
func (s *Store) Policy(ctx context.Context, digest string) ([]byte, error) {
	var row policyRow
	err := s.read(ctx).Take(&row, "digest = ?", digest).Error
	return row.Text, failed("reading policy "+digest, err)
}

// PolicyRefs lists the policies that tickets may be pinned to.
func (s *Store) PolicyRefs(ctx context.Context) ([]ticket.PolicyRef, error) {
	var rows []policyRow
	err := s.read(ctx).Omit("text").Order("digest").Find(&rows).Error
	refs := make([]ticket.PolicyRef, len(rows))
	for i, r := range rows {
		refs[i] = ticket.PolicyRef{Name: r.Name, Version: r.Version, Digest: r.Digest}
	}
	return refs, failed("listing the policies", err)
}

// SavePolicy keeps the text of a policy; once per digest.
func (s *Store) SavePolicy(ctx context.Context, ref ticket.PolicyRef, text []byte) error {
	return s.write(ctx, "keeping policy "+ref.Name+" "+ref.Version, func(db *gorm.DB) error {
		return s.savePolicy(db, ref, text)
	})
}

// savePolicy looks a policy up until it has found it, since one that is there stays.
func (s *Store) savePolicy(db *gorm.DB, ref ticket.PolicyRef, text []byte) error {
	if _, seen := s.policies.Load(ref.Digest); seen {
		return nil
	}
	var n int64
	if err := db.Model(&policyRow{}).Where("digest = ?", ref.Digest).Count(&n).Error; err != nil {
		return err
	}
	if n > 0 {
		s.policies.Store(ref.Digest, true)
		return nil
	}
	err := db.Create(&policyRow{Digest: ref.Digest, Name: ref.Name, Version: ref.Version, Text: text}).Error
	if isDuplicate(err) {
		return nil
	}
	return err
}
