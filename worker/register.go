package worker

import (
	"go.temporal.io/sdk/activity"
	sdk "go.temporal.io/sdk/worker"

	"rightsdesk/activities"
	"rightsdesk/contract"
	"rightsdesk/mail"
	"rightsdesk/workflows"
)

// register offers every workflow and activity under its name of the contract.
func register(to sdk.Registry, c Config) {
	workflows.Register(to)

	post := activities.Post{Store: c.Store, Planner: c.Planner, Writer: mail.NewWriter(c.Templates),
		Sender: c.Mailer, Domain: c.MailDomain, Now: c.Now, Log: c.Log, Metrics: c.Metrics}
	clock := activities.NewClock(c.Planner)
	records := activities.NewRecords(c.Store)
	mails := activities.NewMails(post)
	staff := activities.NewStaffMails(post, c.StaffLocale)
	texts := activities.NewTexts(post, c.Texts)
	system := activities.NewAccounts(c.Store, c.Planner, c.Accounts, c.Now, c.Metrics)
	rollout := activities.NewRollout(c.Temporal, c.Now, activities.UsualPace())

	for name, do := range map[string]any{
		contract.ActivityPlanClock:      clock.PlanClock,
		contract.ActivityPlanWait:       clock.PlanWait,
		contract.ActivityNextMorning:    clock.NextMorning,
		contract.ActivityRecord:         records.Record,
		contract.ActivityCheckPresence:  records.CheckPresence,
		contract.ActivityPurgeRecords:   records.PurgeRecords,
		contract.ActivityOpenTickets:    records.OpenTickets,
		contract.ActivityMailsInTheAir:  records.MailsInTheAir,
		contract.ActivitySendMail:       mails.SendMail,
		contract.ActivitySendText:       texts.SendText,
		contract.ActivityNotifyStaff:    staff.NotifyStaff,
		contract.ActivityLookUpAccount:  system.LookUpAccount,
		contract.ActivityCheckObstacles: system.CheckObstacles,
		contract.ActivityActOnAccount:   system.ActOnAccount,
		contract.ActivityReplanTickets:  rollout.ReplanTickets,
	} {
		to.RegisterActivityWithOptions(do, activity.RegisterOptions{Name: name})
	}
}
