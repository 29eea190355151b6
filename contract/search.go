package contract

import "go.temporal.io/sdk/temporal"

// The search attributes by which managers filter in the Temporal UI.
var (
	AttrKind       = temporal.NewSearchAttributeKeyKeyword("TicketKind")
	AttrStage      = temporal.NewSearchAttributeKeyKeyword("TicketStage")
	AttrReplyDue   = temporal.NewSearchAttributeKeyTime("ReplyDue")
	AttrSLA        = temporal.NewSearchAttributeKeyKeyword("SLAState")
	AttrAssignee   = temporal.NewSearchAttributeKeyKeyword("Assignee")
	AttrEscalation = temporal.NewSearchAttributeKeyInt64("Escalation")
)
