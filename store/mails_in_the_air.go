package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"rightsdesk/contract"
	"rightsdesk/ticket"
)

// MailsInTheAir lists the letters of a ticket of which a workflow that is begun anew
// may have yet to hear: those that are pending and were queued since an instant, the
// newest answer, and the newest notice of an extension unless it has been judged.
func (s *Store) MailsInTheAir(ctx context.Context, number ticket.Number, since time.Time) (contract.MailsInTheAir, error) {
	var air contract.MailsInTheAir
	doing := "reading the mails in the air of " + string(number)
	var rows []mailRow
	if err := rowsOf(s.read(ctx).Order("id"), number, &rows); err != nil {
		return air, failed(doing, err)
	}
	newest := map[contract.Letter]int64{}
	for _, r := range rows {
		newest[r.Letter] = r.ID
	}
	for _, r := range rows {
		last := newest[r.Letter] == r.ID
		switch {
		case r.Letter == contract.LetterExtension:
			if !last {
				continue
			}
			judged, by, err := s.extension(s.read(ctx), r)
			if err != nil {
				return air, failed(doing, err)
			}
			if !judged {
				air.Letters = append(air.Letters, r.inTheAir(by))
			}
		case r.Status == MailPending && !r.QueuedAt.time().Before(since), r.Letter == contract.LetterAnswer && last:
			air.Letters = append(air.Letters, r.inTheAir(ticket.Nobody))
		}
	}
	return air, nil
}

func (r mailRow) inTheAir(by ticket.AgentID) contract.LetterInTheAir {
	l := contract.LetterInTheAir{Agent: by, Settled: r.Status != MailPending, Order: contract.MailOrder{
		Number: r.Number, Step: r.Step, Letter: r.Letter, To: r.Recipient, Message: r.Message, Due: r.Due.time()}}
	switch r.Status {
	case MailAccepted:
		l.Result = contract.MailResult{Accepted: r.AcceptedAt.time()}
	case MailRefused:
		l.Result = contract.MailResult{Refused: true, Code: r.LastCode}
	}
	return l
}

// extension says whether the workflow has judged the notice of an extension, and
// who asked for it.
func (s *Store) extension(db *gorm.DB, notice mailRow) (judged bool, by ticket.AgentID, err error) {
	var n int64
	err = db.Model(&eventRow{}).Where("number = ? AND object = ? AND act IN ?", notice.Number, notice.Message,
		[]contract.Act{contract.ActExtended, contract.ActExtensionFailed}).Count(&n).Error
	if err != nil || n > 0 {
		return n > 0, ticket.Nobody, err
	}
	var asked eventRow
	err = db.Session(&gorm.Session{NewDB: true}).Order("id DESC").
		Take(&asked, "number = ? AND object = ? AND act = ?", notice.Number, notice.Message, contract.ActExtensionAsked).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = nil
	}
	return false, asked.Agent, err
}
