package api

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

func TestReceiptsBrowserSeesNumberStageAndDeadlineOnly(t *testing.T) {
	w := newWeb(t)
	b := w.browser(zh)
	_, n := b.fileOne(ticket.Complaint, file{"a.pdf", pdf})
	w.stage(n, ticket.Verifying, ticket.LevelNone)
	p := b.get("/ticket")
	assert.Equal(t, http.StatusOK, p.Status)
	assert.Contains(t, p.Body, string(n))
	assert.Contains(t, p.Body, "2026年1月26日星期一")
	assert.Contains(t, p.Body, "身份核验中")
	for _, private := range []string{"营销短信", "wang@example.com", "王小明", "a.pdf", "办理经过"} {
		assert.NotContains(t, p.Body, private)
	}
	files, err := w.store.Attachments(t.Context(), n)
	require.NoError(t, err)
	for path, values := range map[string]url.Values{"/ticket/reply": {"text": {"x"}}, "/ticket/confirm": {"understood": {"yes"}},
		"/ticket/solved": {}, "/ticket/not-solved": {"appeal": {"x"}}, "/ticket/read": {}, "/ticket/obstacles": {}} {
		assert.Equal(t, http.StatusForbidden, b.post(path, values).Status, path)
	}
	assert.Equal(t, http.StatusForbidden, b.get("/ticket/files/"+strconv.FormatInt(files[0].ID, 10)).Status)
}

func TestRightCodeProvesTheSession(t *testing.T) {
	w := newWeb(t)
	b := w.browser(zh)
	_, n := b.fileOne(ticket.Complaint)
	w.stage(n, ticket.Verifying, ticket.LevelNone)
	_, code, err := w.store.IssueCode(t.Context(), n, "code-1", ticket.LevelContact, contract.ToTyped, "wang@example.com", w.now, 10*time.Minute)
	require.NoError(t, err)
	wrong := "000000"
	if code == wrong {
		wrong = "111111"
	}
	p := b.post("/ticket/code", url.Values{"code": {wrong}})
	assert.Equal(t, http.StatusUnprocessableEntity, p.Status)
	assert.Equal(t, []string{"code"}, p.problems())
	assert.NotContains(t, p.Body, "营销短信")
	p = b.post("/ticket/code", url.Values{"code": {" " + code[:3] + " " + code[3:] + " "}})
	assert.Equal(t, http.StatusSeeOther, p.Status)
	assert.Equal(t, "/ticket?done=code&later=yes", p.Header.Get("Location"), "Temporal is away: it is kept")
	p = b.get(p.Header.Get("Location"))
	assert.Contains(t, p.Body, "营销短信")
	assert.Contains(t, p.Body, "我们已收到并保存")
}

func TestTokenLeavesTheAddressBarAndFilesAreDownloads(t *testing.T) {
	w := newWeb(t)
	_, n := w.browser(zh).fileOne(ticket.Complaint, file{"证明 1.pdf", pdf})
	w.stage(n, ticket.InProgress, ticket.LevelContact)
	b := w.browser(zh)
	w.proved(b, n)
	p := b.get("/ticket")
	assert.Contains(t, p.Body, "营销短信")
	link := regexp.MustCompile(`/ticket/files/\d+`).FindString(p.Body)
	f := b.get(link)
	assert.Equal(t, pdf, f.Body)
	assert.Equal(t, "application/pdf", f.Header.Get("Content-Type"))
	assert.Contains(t, f.Header.Get("Content-Disposition"), "attachment")
	assert.Contains(t, f.Header.Get("Content-Disposition"), "filename*=utf-8''%E8%AF%81%E6%98%8E%201.pdf")
	assert.Contains(t, f.Header.Get("Content-Security-Policy"), "sandbox")
	assert.Equal(t, "nosniff", f.Header.Get("X-Content-Type-Options"))
	assert.Equal(t, http.StatusNotFound, b.get("/ticket/files/999999").Status)

	other := w.browser(zh)
	_, m := other.fileOne(ticket.Complaint)
	w.proved(other, m)
	assert.Equal(t, http.StatusNotFound, other.get(link).Status, "somebody else's file")
}

func TestUnknownLinksAndNumbersGiveNothingAway(t *testing.T) {
	w := newWeb(t)
	b := w.browser(zh)
	_, n := b.fileOne(ticket.Complaint)
	expired, err := w.store.NewLink(t.Context(), n, store.LinkTrack, true, w.now.Add(-2*time.Hour), time.Hour)
	require.NoError(t, err)
	stranger := w.browser(zh)
	unknown := stranger.get("/track/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	assert.Equal(t, http.StatusNotFound, unknown.Status)
	for _, p := range []answerPage{stranger.get("/track/" + expired), stranger.get("/track/x"), stranger.get("/ticket")} {
		assert.Equal(t, unknown.Status, p.Status)
		assert.Equal(t, unknown.Body, p.Body)
	}

	known := stranger.post("/track", url.Values{"number": {string(n)}, "email": {"wang@example.com"}})
	for _, v := range []url.Values{
		{"number": {"DSR-20260105-AAAAAAAA"}, "email": {"wang@example.com"}},
		{"number": {string(n)}, "email": {"mallory@example.com"}},
		{"number": {"nonsense"}, "email": {"mallory@example.com"}},
	} {
		p := stranger.post("/track", v)
		assert.Equal(t, known.Status, p.Status)
		assert.Equal(t, known.Body, p.Body)
	}
	w.desk.Wait()
	require.Len(t, w.mails.sent, 1)
	assert.Equal(t, n, w.mails.sent[0].Number)
	assert.Equal(t, "wang@example.com", w.mails.sent[0].To)

	bad := stranger.post("/track", url.Values{"number": {""}, "email": {"x"}})
	assert.Equal(t, http.StatusUnprocessableEntity, bad.Status)
	assert.Equal(t, []string{"number"}, bad.problems())
	bad = stranger.post("/track", url.Values{"number": {string(n)}, "email": {"x"}})
	assert.Equal(t, []string{"email"}, bad.problems())
}

func TestAnswerIsOpenedByAButton(t *testing.T) {
	w := newWeb(t)
	b := w.browser(en)
	_, n := b.fileOne(ticket.Complaint)
	w.message(n, store.MessageReason, "an internal reason", "", nil)
	w.message(n, store.MessageAnswer, "a decision that was never sent", "", nil)
	id := w.answered(n, "We have stopped the text messages.")
	w.proved(b, n)
	p := b.get("/ticket")
	assert.Contains(t, p.Body, "Read the answer")
	for _, hidden := range []string{"stopped the text", "internal reason", "never sent"} {
		assert.NotContains(t, p.Body, hidden)
	}
	p = b.post("/ticket/read", url.Values{"message": {strconv.FormatInt(id, 10)}})
	assert.Equal(t, "/ticket?done=read#answer", p.Header.Get("Location"))
	p = b.get("/ticket?done=read")
	assert.Contains(t, p.Body, "We have stopped the text messages.")
	assert.Contains(t, p.Body, "12377")
	assert.Contains(t, p.Body, "Wednesday, 4 February 2026", "thirty days for an appeal")
}

func TestPersonActsWhileTemporalIsAway(t *testing.T) {
	w := newWeb(t)
	b := w.browser(zh)
	_, n := b.fileOne(ticket.Complaint)
	w.answered(n, "已处理。")
	w.proved(b, n)
	p := b.post("/ticket/not-solved", url.Values{"appeal": {""}})
	assert.Equal(t, []string{"appeal"}, p.problems())
	p = b.post("/ticket/not-solved", url.Values{"appeal": {"短信还在继续。"}})
	assert.Equal(t, "/ticket?done=appeal&later=yes", p.Header.Get("Location"))
	assert.Contains(t, b.get("/ticket").Body, "短信还在继续。")
}

func TestReplyKeepsWordsAndGoodFiles(t *testing.T) {
	w := newWeb(t)
	b := w.browser(zh)
	_, n := b.fileOne(ticket.Complaint)
	w.message(n, store.MessageQuestion, "请提供短信截图。", contract.LetterQuestion, func(r *contract.Record, id int64) {
		r.State.Stage, r.State.Level = ticket.WaitingOnSubject, ticket.LevelContact
		r.State.Asked = &contract.Question{Message: id, At: w.now}
		r.State.WaitingSince = time.Date(2026, 3, 3, 2, 0, 0, 0, time.UTC)
	})
	w.proved(b, n)
	page := b.get("/ticket")
	assert.Contains(t, page.Body, "如到2026年3月18日星期三结束前您未操作", "15 days of silence close it")
	assert.Contains(t, page.Body, "请提供短信截图。")
	token := regexp.MustCompile(`name="form" value="([\w-]{43})"`).FindStringSubmatch(page.Body)[1]
	v := url.Values{"form": {token}, "text": {"见附件。"}}
	p := b.upload("/ticket/reply", v, file{"shot.png", string(tinyPNG)}, file{"x.svg", "<svg/>"})
	assert.Equal(t, http.StatusUnprocessableEntity, p.Status)
	assert.Equal(t, []string{"files"}, p.problems())
	assert.Contains(t, p.Body, "见附件。")
	assert.Contains(t, p.Body, "shot.png")
	p = b.upload("/ticket/reply", v)
	assert.Equal(t, http.StatusSeeOther, p.Status)
	p = b.get("/ticket")
	assert.Contains(t, p.Body, "见附件。")
	assert.Contains(t, p.Body, "shot.png")

	nothing := b.upload("/ticket/reply", url.Values{"text": {" "}})
	assert.Equal(t, http.StatusUnprocessableEntity, nothing.Status)
	assert.Equal(t, []string{"text"}, nothing.problems())
}

func TestCancellationAsksForTheConsequences(t *testing.T) {
	w := newWeb(t)
	b := w.browser(zh)
	_, n := b.fileOne(ticket.AccountCancellation)
	require.NoError(t, w.store.SaveAccount(t.Context(), n, store.AccountSnapshot{Obstacles: []store.ObstacleWords{
		{Code: "bill", ZH: "尚有一笔 12.00 元的账单未付", EN: "A bill of 12.00 yuan is unpaid"}}}))
	w.record(n, func(r *contract.Record) {
		r.State.Stage, r.State.Level = ticket.WaitingOnSubject, ticket.LevelAccount
		r.State.Account.Looked, r.State.Account.Found, r.State.Account.Obstacles = true, true, 1
	})
	assert.NotContains(t, b.get("/ticket").Body, "12.00", "not before identity is proved in this session")
	w.proved(b, n)
	assert.Contains(t, b.get("/ticket").Body, "尚有一笔 12.00 元的账单未付")
	assert.Contains(t, b.get("/ticket?lang=en").Body, "A bill of 12.00 yuan is unpaid")

	w.record(n, func(r *contract.Record) { r.State.Account.Obstacles, r.State.Account.Checked = 0, true })
	p := b.get("/ticket?lang=zh-CN")
	assert.Contains(t, p.Body, "保留 365 天")
	assert.Contains(t, p.Body, "实名信息中的姓名")
	p = b.post("/ticket/confirm", url.Values{})
	assert.Equal(t, []string{"understood"}, p.problems())
	p = b.post("/ticket/confirm", url.Values{"understood": {"yes"}})
	assert.Equal(t, http.StatusSeeOther, p.Status)
}

// Of the address that was typed it is told that no mail gets there; of a contact on file nothing is.
func TestAnAddressThatTakesNoMailIsNotWaitedFor(t *testing.T) {
	w := newWeb(t)
	for kind, told := range map[ticket.Kind]bool{ticket.Complaint: true, ticket.AccountCancellation: false} {
		b := w.browser(zh)
		_, n := b.fileOne(kind)
		order := contract.MailOrder{Number: n, Step: "receipt-1", Letter: contract.LetterReceipt, To: contract.ToTyped, Code: true}
		w.record(n, func(r *contract.Record) {
			r.State.Stage, r.Mails = ticket.Verifying, []contract.MailOrder{order}
		})
		assert.NotContains(t, b.get("/ticket").Body, "拒收了我们的邮件")
		require.NoError(t, w.store.MailRefused(t.Context(), n, order.Step, 550, w.now))
		page := b.get("/ticket").Body
		assert.Equal(t, told, strings.Contains(page, "拒收了我们的邮件"), kind)
		assert.Equal(t, !told, strings.Contains(page, "6 位数字验证码"), kind)
	}
}

func TestWithdrawalHasItsOwnPage(t *testing.T) {
	w := newWeb(t)
	b := w.browser(zh)
	_, n := b.fileOne(ticket.Complaint)
	w.stage(n, ticket.Verifying, ticket.LevelNone)
	assert.Contains(t, b.get("/ticket").Body, `href="/ticket/withdraw"`)
	assert.Contains(t, b.get("/ticket/withdraw").Body, "确定要撤回申请吗")
	assert.Equal(t, http.StatusSeeOther, b.post("/ticket/withdraw", nil).Status)
	w.stage(n, ticket.InProgress, ticket.LevelContact)
	assert.Equal(t, http.StatusForbidden, b.post("/ticket/withdraw", nil).Status, "the browser that filed it has not proved anything")
}

func TestLeavingEndsTheSession(t *testing.T) {
	w := newWeb(t)
	b := w.browser(zh)
	b.fileOne(ticket.Complaint)
	assert.Equal(t, http.StatusOK, b.get("/ticket").Status)
	assert.Equal(t, "/track", b.post("/ticket/leave", nil).Header.Get("Location"))
	assert.Equal(t, http.StatusNotFound, b.get("/ticket").Status)
}

func TestEveryStageHasAPage(t *testing.T) {
	w := newWeb(t)
	for _, kind := range ticket.Kinds() {
		b := w.browser(zh)
		_, n := b.fileOne(kind)
		w.proved(b, n)
		for _, stage := range ticket.Stages() {
			w.record(n, func(r *contract.Record) {
				r.State.Stage = stage
				for act := range told {
					r.Events = append(r.Events, contract.Event{At: w.now, Actor: contract.BySystem, Act: act, Code: "name"})
				}
			})
			for _, lang := range []string{"zh-CN", "en"} {
				assert.Equal(t, http.StatusOK, b.get("/ticket?lang="+lang).Status, "%s %s", kind, stage)
			}
		}
	}
}
