package stack

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"rightsdesk/command"
	"rightsdesk/seal"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// firstManagerID signs in first and adds the others.
const firstManagerID = "manager"

// Records opens the desk's database a second time, for demonstrations and tests.
func (s *Stack) Records() (*store.Store, error) {
	vault, err := seal.OpenFile(s.Database.MasterKeyFile)
	if err != nil {
		return nil, err
	}
	return store.Open(s.Database.Database, vault)
}

// firstManager adds the first manager when there is nobody yet. The one-time
// password is kept in a file beside the data until it has been used.
func (s *Stack) firstManager(ctx context.Context) error {
	records, err := s.Records()
	if err != nil {
		return err
	}
	defer records.Close()
	s.FirstManager = firstManagerID
	file := filepath.Join(s.options.DataDir, "first-manager.txt")
	known, err := records.Agent(ctx, firstManagerID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		if n, err := records.CountAgents(ctx); err != nil || n > 0 {
			return err
		}
		s.FirstPassword, err = command.AddAgent(ctx, records, firstManagerID, "First manager", "manager@rightsdesk.example", ticket.Manager)
		if err != nil {
			return err
		}
		return os.WriteFile(file, []byte(s.FirstPassword+"\n"), 0o600)
	case err != nil:
		return err
	case !known.MustChange:
		_ = os.Remove(file)
		return nil
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	s.FirstPassword = strings.TrimSpace(string(text))
	return err
}
