package desk

import (
	"context"
	"errors"
	"fmt"

	"rightsdesk/store"
	"rightsdesk/ticket"
)

// ExportEvidence makes the signed file that proves how a ticket was handled, for a
// member of staff who may. It goes on record.
func (d *Desk) ExportEvidence(ctx context.Context, by Staff, number ticket.Number) ([]byte, error) {
	if err := permit(by, ticket.MayExportEvidence); err != nil {
		return nil, err
	}
	return d.exportEvidence(ctx, by.ID, number)
}

// ExportEvidenceAtServer is ExportEvidence for whoever may run commands there.
func (d *Desk) ExportEvidenceAtServer(ctx context.Context, number ticket.Number) ([]byte, error) {
	return d.exportEvidence(ctx, ticket.Nobody, number)
}

func (d *Desk) exportEvidence(ctx context.Context, by ticket.AgentID, number ticket.Number) ([]byte, error) {
	t, err := d.store.Ticket(ctx, number)
	if err != nil {
		return nil, err
	}
	policy, err := d.planner.Policy(ctx, t.Policy)
	if err != nil {
		return nil, fmt.Errorf("exporting the evidence of %s: %w", number, err)
	}
	file, err := d.store.ExportEvidence(ctx, number, store.EvidenceOrder{By: by, At: d.now(), Product: d.product, Policy: policy,
		Workflow: d.engine.history(ctx, number, d.staffBudget)})
	if errors.Is(err, store.ErrForeignEntry) && by != ticket.Nobody {
		d.log.Error("exporting the evidence of a ticket", "ticket", number, "error", err)
		return nil, ticket.Refuse("foreign_entry")
	}
	return file, err
}
