package command

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"rightsdesk/store"
)

type auditCommand struct {
	Verify auditVerify `cmd:"" help:"Look for entries of the audit trail that were changed, removed, inserted or reordered."`
}

type auditVerify struct {
	Database `embed:""`
	Head     string `help:"A head that an earlier run printed: proves that nothing before it was cut off or written anew." placeholder:"POSITION:HASH"`
}

// Run prints each fault it finds, and fails if there is one; else it prints what it
// looked at and the head, to be kept elsewhere.
func (a *auditVerify) Run(ctx context.Context, s streams) error {
	kept, err := a.kept()
	if err != nil {
		return err
	}
	r, err := openRecords(ctx, a.Database)
	if err != nil {
		return err
	}
	defer r.store.Close()
	report, err := r.store.VerifyAudit(ctx, kept, func(f store.AuditFinding) { fmt.Fprintln(s.out, auditWords(f)) })
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "looked at %d entries of %d tickets and %d lines of their clocks: %d in all\n",
		report.Entries, report.Tickets, report.Ledger, report.Entries+report.Ledger)
	if report.Waiting > 0 {
		fmt.Fprintf(s.out, "%d of them wait to be chained over all tickets: a worker does it within seconds. "+
			"Where one runs and they are still as many a minute later, ask who wrote to the database\n", report.Waiting)
	}
	if report.Adopted > 0 {
		fmt.Fprintf(s.out, "%d of them were written before entries were chained: what they say is proved from then on only\n", report.Adopted)
	}
	if report.Findings > 0 {
		return fmt.Errorf("the audit trail is not as it was written: %d faults", report.Findings)
	}
	if kept != nil {
		fmt.Fprintf(s.out, "nothing up to position %d was cut off or written anew\n", kept.Position)
	}
	if report.Head.Position > 0 {
		fmt.Fprintf(s.out, "head %d:%s\n", report.Head.Position, report.Head.Hash)
	}
	return nil
}

func (a *auditVerify) kept() (*store.AuditHead, error) {
	if a.Head == "" {
		return nil, nil
	}
	position, hash, _ := strings.Cut(a.Head, ":")
	n, err := strconv.ParseInt(position, 10, 64)
	if err != nil || n < 1 || len(hash) != 64 || strings.Trim(hash, "0123456789abcdef") != "" {
		return nil, errors.New("--head: must be POSITION:HASH as an earlier run printed it")
	}
	return &store.AuditHead{Position: n, Hash: hash}, nil
}

// auditWords says what is wrong, and with what.
func auditWords(f store.AuditFinding) string {
	what := "entry"
	if f.Ledger {
		what = "ledger entry"
	}
	var where []string
	if f.Number != "" {
		where = append(where, "ticket "+string(f.Number))
	}
	if f.Entry != 0 {
		where = append(where, fmt.Sprintf("%s %d", what, f.Entry))
	}
	if f.Seq != 0 {
		where = append(where, fmt.Sprintf("no. %d of its ticket", f.Seq))
	}
	if f.Position != 0 {
		where = append(where, fmt.Sprintf("position %d", f.Position))
	}
	return strings.Join(where, ", ") + ": " + auditWrong(f)
}

func auditWrong(f store.AuditFinding) string {
	switch f.Wrong {
	case store.AuditChanged:
		return "was changed, or the one before it was"
	case store.AuditForged:
		return "was not written by this desk, or its hash was changed"
	case store.AuditMissing:
		return fmt.Sprintf("%d before it are missing", f.Count)
	case store.AuditInserted:
		return "was inserted: it has another one's place"
	case store.AuditRemoved:
		return "was removed after it had been chained"
	case store.AuditReplaced:
		return "was changed or replaced after it had been chained"
	case store.AuditUnreadable:
		return "can't be read: a field holds what can't stand there"
	case store.AuditNoTrail:
		return "has no audit trail: all of it was removed"
	case store.AuditNoTicket:
		return "has an audit trail, and the ticket is gone"
	case store.LinkChanged:
		return "its link in the chain over all tickets was changed, or the one before it was"
	case store.LinksMissing:
		return fmt.Sprintf("%d links before it are missing from the chain over all tickets", f.Count)
	case store.HeadChanged:
		return "the chain over all tickets does not end where its head says"
	case store.HeadCutOff:
		return fmt.Sprintf("the chain over all tickets ends here, %d before the head that was kept: it was cut off", f.Count)
	case store.HeadRewritten:
		return "the chain over all tickets has another hash here than the head that was kept: it was written anew"
	}
	return string(f.Wrong)
}
