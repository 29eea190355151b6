package api

import (
	"context"
	"net/http"

	"rightsdesk/ticket"
)

func (a *v1) evidenceRoutes() {
	addV1(a, v1Op{id: "get-evidence", method: http.MethodGet, path: "/tickets/{number}/evidence", tag: v1TagTickets, who: v1Staff,
		may: ticket.MayExportEvidence, returns: "application/json", summary: "Take the evidence of a ticket",
		about: "One signed file with the audit trail, the clock's ledger, the mails and the approvals. It holds no personal data and can be " +
			"checked offline with rightsdesk evidence verify. That it was taken goes on record. Keep its bytes as they are."}, a.evidence)
}

func (a *v1) evidence(ctx context.Context, in *V1Numbered) (*v1Download, error) {
	number, err := in.number()
	if err != nil {
		return nil, err
	}
	text, err := a.Desk.ExportEvidence(ctx, callOf(ctx).staff(0), number)
	if err != nil {
		return nil, err
	}
	return newDownload(evidenceFile(number), text), nil
}
