package command

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode"

	"rightsdesk/desk"
	"rightsdesk/evidence"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

type evidenceCommand struct {
	Export evidenceExport `cmd:"" help:"Write the signed file that proves how a ticket was handled; goes on record."`
	Verify evidenceVerify `cmd:"" help:"Check such a file offline: without the database and the master key."`
	Key    evidenceKey    `cmd:"" help:"Print the public part of the key that signs evidence."`
}

type evidenceExport struct {
	Database `embed:""`
	Temporal `embed:""`
	Number   string `arg:"" help:"Of the ticket."`
	Out      string `help:"Where to write it; else to standard output. A file that is there is not overwritten." placeholder:"FILE"`
}

// errNoHistory: a file without the digest of the workflow's history, which can be
// made again as long as Temporal keeps it.
var errNoHistory = couldNotLook{errors.New("the file has no digest of the workflow's history, since Temporal did not answer (--temporal-address); export it again once it does")}

// Run exports the evidence. It does not wait for Temporal for long: what is missing
// is said in the file, and by the exit code.
func (e *evidenceExport) Run(ctx context.Context, s streams) error {
	number, ok := ticket.ParseNumber(e.Number)
	if !ok {
		return fmt.Errorf("NUMBER: %q is not a ticket's number", e.Number)
	}
	r, err := openRecords(ctx, e.Database)
	if err != nil {
		return err
	}
	defer r.store.Close()
	t, err := dial(e.Temporal, &watched{}, s.log)
	if err != nil {
		return err
	}
	defer t.Close()
	d := desk.New(desk.Config{Store: r.store, Temporal: t, Planner: r.planner, Product: productVersion(), Log: s.log})
	text, err := d.ExportEvidenceAtServer(ctx, number)
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("there is no ticket %s", number)
	}
	if err != nil {
		return err
	}
	if e.Out == "" {
		_, err = s.out.Write(text)
	} else if err = writeNew(e.Out, text); err == nil {
		fmt.Fprintf(s.out, "wrote %s: rightsdesk evidence verify checks it\n", e.Out)
	}
	if err != nil {
		return err
	}
	file, _, err := evidence.Verify(text, nil)
	if err == nil && file.Workflow.Why == desk.HistoryAway {
		err = errNoHistory
	}
	return err
}

func writeNew(path string, text []byte) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	defer func() {
		if closing := f.Close(); err == nil {
			err = closing
		}
	}()
	_, err = f.Write(text)
	return err
}

type evidenceVerify struct {
	File string `arg:"" help:"The file, as it was exported."`
	Key  string `help:"The key that must have signed it, as rightsdesk evidence key prints it." placeholder:"PUBLIC"`
}

// Run says what was checked, and fails at the first fault.
func (e *evidenceVerify) Run(s streams) error {
	var trusted ed25519.PublicKey
	if e.Key != "" {
		key, err := evidence.ParseKey(e.Key)
		if err != nil {
			return fmt.Errorf("--key: %w", err)
		}
		trusted = key
	}
	text, err := os.ReadFile(e.File)
	if err != nil {
		return err
	}
	f, said, err := evidence.Verify(text, trusted)
	if len(said) > 0 { // its signature holds
		fmt.Fprintln(s.out, printable(fmt.Sprintf("evidence of ticket %s, made at %s by %s", f.Ticket.Number, evidence.Moment(f.MadeAt), f.MadeBy)))
	}
	for _, line := range said {
		fmt.Fprintln(s.out, "- "+printable(line))
	}
	if err != nil {
		return fmt.Errorf("%s does not hold: %w", e.File, err)
	}
	fmt.Fprintln(s.out, "it holds")
	return nil
}

// printable leaves out what would steer a terminal: anybody may have signed a file.
func printable(line string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, line)
}

type evidenceKey struct {
	Database `embed:""`
}

func (e *evidenceKey) Run(ctx context.Context, s streams) error {
	r, err := openRecords(ctx, e.Database)
	if err != nil {
		return err
	}
	defer r.store.Close()
	key, err := r.store.EvidenceKey(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, hex.EncodeToString(key))
	return nil
}
