package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	markName = "王标记ZQ"
	markMail = "mark-zq@example.net"
	markText = "标记文字:我的账单地址ZQ77在杭州"
)

// signIn brings the manager in. The first time the one-time password is changed
// and the second factor set up; later the next recovery code stands in for it,
// since a code of the app is good once in half a minute.
func (w *world) signIn(b *browser) {
	b.open(w.Desk)
	b.fill("#name", w.FirstManager)
	first := w.password == ""
	if first {
		b.fill("#password", w.FirstPassword)
	} else {
		b.fill("#password", w.password)
	}
	b.send(`form[action="/desk/sign-in"] button`)
	if first {
		w.password = "a long enough password 7"
		b.fill("#password", w.FirstPassword)
		b.fill("#password_new", w.password)
		b.fill("#password_again", w.password)
		b.send(`form[action="/desk/password"] button`)
		b.holdsUp("the page that sets the second factor up")
		code, err := totp.GenerateCode(strings.ReplaceAll(b.text("#secret"), " ", ""), time.Now())
		require.NoError(w.t, err)
		b.fill("#code", code)
		b.send(`form[action="/desk/second-factor/enrol"] button`)
		b.holdsUp("the recovery codes")
		w.recovery = strings.Fields(b.text(".codes"))
		require.Len(w.t, w.recovery, 10)
	} else {
		b.holdsUp("the page that asks for the second factor")
		b.fill("#code", w.recovery[0])
		w.recovery = w.recovery[1:]
		b.send(`form[action="/desk/second-factor"] button`)
	}
	b.open(w.Desk)
	b.must("#filter")
}

// file fills what every form asks for, checks the answers and sends; it returns
// the ticket's number.
func (w *world) file(b *browser, kind string, fill func()) string {
	b.open(w.Form + "request/" + kind)
	fill()
	b.fill("#name", markName)
	b.fill("#email", markMail)
	b.shot("form-" + kind)
	b.send("#request .buttons button")
	b.must("#check")
	assert.Contains(w.t, b.text(), markName, "the answers are shown before they are sent")
	b.send("#check .buttons button")
	number := b.text(".number")
	require.Regexp(w.t, `^DSR-\d{8}-[0-9A-Z]{8}$`, number)
	b.shot("receipt-" + kind)
	return number
}

// verify enters the code mailed to an address.
func (w *world) verify(b *browser, to string) {
	code := w.code(to)
	b.reloadUntil(w.Form+"ticket", "#code")
	b.fill("#code", code)
	b.send(`form[action^="/ticket/code?"] button`)
	b.reloadUntil(w.Form+"ticket", `form[action^="/ticket/reply?"], form[action^="/ticket/confirm?"]`)
}

// answer claims the ticket, decides and sends.
func (w *world) answer(b *browser, number, words string, decide func()) {
	page := w.Desk + "/tickets/" + number
	b.reloadUntil(page, "#form-claim")
	b.tick("#act-claim summary")
	b.send("#form-claim button")
	b.reloadUntil(page, "#form-decide")
	b.tick("#act-decide summary")
	decide()
	b.fill("#decide-text", words)
	b.shot("ticket-" + number[:3] + fmt.Sprint(len(words)))
	b.send(`#form-decide button[value="preview"]`)
	assert.Contains(w.t, b.text(".letter"), words, "what will be sent is shown first")
	b.send(`#decide button[value="send"]`)
}

func TestAComplaintIsFiledVerifiedHandledAndAnsweredInTheBrowser(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		person, agent := openBrowser(t, "zh-CN", 360), openBrowser(t, "en", 1280)
		number := w.file(person, "complaint", func() {
			person.tick("#category")
			person.fill("#text", markText)
		})
		w.mailed(markMail, "receipt")
		w.verify(person, markMail)
		w.signIn(agent)
		w.answer(agent, number, "We looked into it and have mended it.", func() { agent.tick(`#form-decide input[value="accepted"]`) })
		assert.Contains(t, w.mailed(markMail, "answer"), "We looked into it and have mended it.")
		person.reloadUntil(w.Form+"ticket", `form[action^="/ticket/solved?"]`)
		_, events, _ := w.histories()
		assert.LessOrEqual(t, events[number], 60, "events of a complaint's happy path until it is answered")
		person.send(`form[action^="/ticket/read?"] button`)
		assert.Contains(t, person.text(), "We looked into it and have mended it.")
		person.shot("tracking-answered")
		agent.open(w.Desk + "/tickets/" + number)
		agent.shot("ticket-answered")
		assert.Contains(t, agent.text(), markText, "the agent reads the complaint")
		w.knowsNothingOf(markName, markMail, "ZQ77", "mended it")
	})
}

func TestACancellationEmptiesTheAccount(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		const onFile = "zhang.wei@example.com"
		person, agent := openBrowser(t, "zh-CN", 360), openBrowser(t, "zh-CN", 1280)
		number := w.file(person, "account_cancellation", func() { person.fill("#account", onFile) })
		w.verify(person, onFile)
		person.reloadUntil(w.Form+"ticket", "#understood")
		person.tick("#understood")
		person.shot("confirm")
		person.send(`form[action^="/ticket/confirm?"] button`)
		w.signIn(agent)
		w.answer(agent, number, "您的账号已经注销。", func() { agent.tick(`#form-decide input[value="accepted"]`) })
		w.approve(number)
		w.mailed(onFile, "answer")
		people, err := w.People.People(context.Background())
		require.NoError(t, err)
		for _, p := range people {
			if p.Ref == "u-1001" {
				assert.Equal(t, "erased", string(p.Status))
				assert.NotContains(t, fmt.Sprint(p.Fields), onFile)
			}
		}
		person.open(w.Form + "ticket/withdraw")
		w.knowsNothingOf(markName, markMail, onFile, "已经注销。")
	})
}

func TestACorrectionIsAppliedAndListedMasked(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		person, agent := openBrowser(t, "en", 1280), openBrowser(t, "en", 1280)
		people, err := w.People.People(context.Background())
		require.NoError(t, err)
		onFile := people[3].Fields["email"]
		number := w.file(person, "info_correction", func() {
			person.fill("#account", onFile)
			person.fill(`select[name="change_field"]`, "address")
			person.fill(`[name="change_new"]`, "9 Marked Street ZQ88")
		})
		w.verify(person, onFile)
		w.signIn(agent)
		w.answer(agent, number, "Your address has been corrected.", func() { agent.tick(`#form-decide input[name$=".accept"][value="yes"]`) })
		answer := w.mailed(onFile, "answer")
		assert.NotContains(t, answer, "9 Marked Street ZQ88", "values are masked in mails")
		end := time.Now().Add(20 * time.Second)
		for corrected := false; !corrected; time.Sleep(100 * time.Millisecond) {
			people, err := w.People.People(context.Background())
			require.NoError(t, err)
			corrected = people[3].Fields["address"] == "9 Marked Street ZQ88"
			require.True(t, corrected || time.Now().Before(end), "the account system has the new address")
		}
		w.knowsNothingOf(markName, markMail, onFile, "ZQ88")
	})
}
