package api

import (
	"context"
	"net/http"

	"rightsdesk/desk"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// v1Policy is what the operator promises, and what may be filed.
type v1Policy struct {
	Name       string            `json:"name"`
	Version    string            `json:"version"`
	Law        string            `json:"law" doc:"Where the numbers come from"`
	Calendar   string            `json:"calendar" doc:"Working-day calendar; its zone is that of every day counted"`
	TimeZone   string            `json:"time_zone"`
	Kinds      []v1KindTerms     `json:"kinds" nullable:"false"`
	Categories []ticket.Category `json:"categories" nullable:"false" doc:"What a complaint may be about"`
	Relations  []ticket.Relation `json:"relations" nullable:"false"`
	Channels   []ticket.Channel  `json:"staff_channels" nullable:"false" doc:"Under which staff may file for a person"`
	Locales    []ticket.Locale   `json:"locales" nullable:"false"`
	Fields     []v1FieldRule     `json:"fields" nullable:"false" doc:"What may be corrected"`
	Retained   []v1Kept          `json:"retained" nullable:"false" doc:"What is kept after a cancellation, and by which law"`
	Limits     v1Limits          `json:"limits"`
}

// v1KindTerms is what is promised for one kind of ticket.
type v1KindTerms struct {
	Kind           ticket.Kind      `json:"kind"`
	Deadline       v1Term           `json:"deadline"`
	Extension      *v1Term          `json:"extension,omitempty" doc:"Absent: not allowed"`
	Clock          ticket.ClockRule `json:"clock"`
	Level          ticket.Level     `json:"level" doc:"How strongly identity has to be proved"`
	VerifyDays     int              `json:"verify_days" doc:"Days in which identity has to be proved"`
	AppealDays     int              `json:"appeal_days" doc:"Days in which not solved may be said, once"`
	CoolingOffDays int              `json:"cooling_off_days"`
	RetentionDays  int              `json:"retention_days"`
	Needs          []string         `json:"needs" nullable:"false" doc:"Fields that a person who files must fill in"`
}

// v1Term is a length of time.
type v1Term struct {
	Count int         `json:"count"`
	Unit  ticket.Unit `json:"unit"`
}

// v1FieldRule is a field of the account that may be corrected.
type v1FieldRule struct {
	Field    string       `json:"field"`
	Level    ticket.Level `json:"level"`
	FourEyes bool         `json:"four_eyes"`
}

// v1Kept is a field kept after a cancellation.
type v1Kept struct {
	Field string `json:"field"`
	Basis string `json:"basis"`
}

// v1Limits bound what is taken in.
type v1Limits struct {
	FilesPerForm      int      `json:"files_per_form"`
	FileBytes         int      `json:"file_bytes"`
	FileTypes         []string `json:"file_types" nullable:"false"`
	FormMinutes       int      `json:"form_minutes" doc:"For how long uploads wait for their ticket"`
	MessagesPerTicket int      `json:"messages_per_ticket"`
	FilesPerTicket    int      `json:"files_per_ticket"`
	CodeTries         int      `json:"code_tries"`
}

type v1PolicyOutput struct{ Body v1Policy }

func (a *v1) policyRoutes() {
	addV1(a, v1Op{id: "get-policy", method: http.MethodGet, path: "/policy", tag: v1TagPublic,
		summary: "What may be filed, and what is promised",
		about:   "The policy that tickets filed from now on are received under. A ticket keeps the policy it was received under."},
		a.policy)
}

func (a *v1) policy(ctx context.Context, _ *struct{}) (*v1PolicyOutput, error) {
	p := a.Policy
	zone, err := a.Planner.Zone(ctx, p.Calendar)
	if err != nil {
		return nil, err
	}
	out := v1Policy{Name: p.Name, Version: p.Version, Law: p.Law, Calendar: p.Calendar, TimeZone: zone.String(),
		Categories: ticket.Categories(), Relations: ticket.Relations(), Channels: ticket.StaffChannels(), Locales: ticket.Locales(),
		Fields: []v1FieldRule{}, Retained: []v1Kept{},
		Limits: v1Limits{FilesPerForm: desk.MaxFiles, FileBytes: desk.MaxFileBytes,
			FileTypes: []string{"image/jpeg", "image/png", "application/pdf"}, FormMinutes: int(formLife.Minutes()),
			MessagesPerTicket: p.Limits.Messages, FilesPerTicket: p.Limits.Files, CodeTries: store.MaxTries}}
	for _, kind := range ticket.Kinds() {
		out.Kinds = append(out.Kinds, kindTerms(kind, p.Kinds[kind]))
	}
	for _, f := range p.Fields {
		out.Fields = append(out.Fields, v1FieldRule{Field: f.Name, Level: f.Level, FourEyes: f.FourEyes})
	}
	for _, r := range p.Retain {
		out.Retained = append(out.Retained, v1Kept{Field: r.Field, Basis: r.Basis})
	}
	return &v1PolicyOutput{out}, nil
}

func kindTerms(kind ticket.Kind, t ticket.Terms) v1KindTerms {
	out := v1KindTerms{Kind: kind, Deadline: v1Term{t.Deadline.Count, t.Deadline.Unit}, Clock: t.Clock,
		Level: t.Verification.Level, VerifyDays: t.Verification.Expires, AppealDays: t.Appeal.Window,
		CoolingOffDays: t.CoolingOff, RetentionDays: t.Retention, Needs: []string{"person.name", "person.email"}}
	if !t.Extension.IsZero() {
		out.Extension = &v1Term{t.Extension.Count, t.Extension.Unit}
	}
	switch kind {
	case ticket.Complaint:
		out.Needs = append(out.Needs, "category", "text")
	case ticket.AccountCancellation:
		out.Needs = append(out.Needs, "person.account")
	case ticket.InfoCorrection:
		out.Needs = append(out.Needs, "person.account", "changes")
	}
	return out
}
