package e2e

import (
	"context"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/desk"
	"rightsdesk/ticket"
)

// realNameFiled is a verified correction of a real name, in the browser.
func (w *world) realNameFiled(b *browser, account, onFile, proposed string) string {
	number := w.file(b, "info_correction", func() {
		b.fill("#account", account)
		b.fill(`select[name="change_field"]`, "real_name")
		b.fill(`[name="change_new"]`, proposed)
	})
	w.verify(b, onFile)
	b.reloadUntil(w.Form+"ticket", "#real-name-title")
	return number
}

func (w *world) level(number string, want ticket.Level) {
	w.t.Helper()
	records, err := w.Records()
	require.NoError(w.t, err)
	defer records.Close()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		t, err := records.Ticket(w.t.Context(), ticket.Number(number))
		require.NoError(w.t, err)
		if t.Level == want {
			return
		}
		require.True(w.t, time.Now().Before(end), "level %d, not %d", t.Level, want)
	}
}

func TestARealNameIsProvedByTheRegistryInTheBrowser(t *testing.T) {
	w := begin(t, "")
	b := openBrowser(t, "zh-CN", 360)
	number := w.realNameFiled(b, "alice", "alice@example.com", "Alice Sample")
	b.tick("details:has(#real_name) summary")
	b.fill("#real_name", "Alice Sample")
	b.fill("#id_number", "11010519491231002")
	b.fill("#phone", "138 0013 8010")
	b.send(`form[action^="/ticket/real-name"] button`)
	assert.Contains(t, b.text("#problems"), "公民身份号码")
	assert.Equal(t, "138 0013 8010", ask[string](b, "reading", `document.querySelector("#phone").value`), "nothing typed is lost")
	b.holdsUp("the real-name check")
	b.shot("real-name-error")
	b.fill("#id_number", "11010519491231002x")
	b.send(`form[action^="/ticket/real-name"] button`)
	w.level(number, ticket.LevelReal)
	b.open(w.Form + "ticket")
	assert.False(t, b.has("#real-name-title"), "no more is asked than is needed")
	w.knowsNothingOf("11010519491231002X", "13800138010")
}

func TestACompanyProvesItselfByASmallPayment(t *testing.T) {
	w := begin(t, "")
	b := openBrowser(t, "en", 1280)
	number := w.realNameFiled(b, "liuyang", "liu.yang@example.org", "刘扬")
	b.tick("details:has(#company) summary")
	b.fill("#company", "成都示例科技有限公司")
	b.fill("#credit_code", "91350100M000100Y43")
	b.fill("#bank_account", "6222 0000 1111 2222")
	b.shot("payment")
	b.send(`form[action^="/ticket/payment"] button`)
	b.must("#amount")
	b.fill("#amount", "10.00")
	b.send(`form[action^="/ticket/amount"] button`)
	assert.Contains(t, b.text("#problems"), "not the amount")
	statement, err := w.Mails.Messages(context.Background(), "account-6222000011112222", 1)
	require.NoError(t, err)
	require.Len(t, statement, 1)
	amount := regexp.MustCompile(`\+(\d\.\d\d) CNY`).FindStringSubmatch(statement[0].Text)
	require.Len(t, amount, 2)
	b.fill("#amount", amount[1])
	b.send(`form[action^="/ticket/amount"] button`)
	w.level(number, ticket.LevelReal)
	w.knowsNothingOf("6222000011112222", "91350100M000100Y43", "成都示例科技")
}

func TestADocumentIsSentLookedAtByTwoAndDestroyed(t *testing.T) {
	w := begin(t, "")
	person, agent := openBrowser(t, "zh-CN", 360), openBrowser(t, "en", 1280)
	number := w.realNameFiled(person, "chenjing", "chen.jing@example.com", "陈婧")
	picture := filepath.Join(t.TempDir(), "front.png")
	file, err := os.Create(picture)
	require.NoError(t, err)
	require.NoError(t, png.Encode(file, image.NewGray(image.Rect(0, 0, 60, 40))))
	require.NoError(t, file.Close())
	person.tick("details:has(#files-id_document) summary")
	person.do("choosing a file", chromedp.SetUploadFiles("#files-id_document", []string{picture}))
	person.shot("document")
	person.send(`form[action^="/ticket/proof"] button`)
	assert.Contains(t, person.text(), "材料已收到")
	w.signIn(agent)
	page := w.Desk + "/tickets/" + number
	agent.reloadUntil(page, "#form-review-proof")
	agent.shot("document-review")
	agent.holdsUp("a document to be reviewed")
	agent.tick("#review-proof-passed")
	agent.send("#form-review-proof button")
	assert.False(t, agent.has("#form-review-proof"), "the second look is somebody else's")

	records, err := w.Records()
	require.NoError(t, err)
	defer records.Close()
	proofs, err := records.Proofs(t.Context(), ticket.Number(number))
	require.NoError(t, err)
	require.Len(t, proofs, 1)
	d := desk.New(desk.Config{Store: records, Temporal: w.client()})
	_, err = d.ReviewProof(t.Context(), desk.Staff{ID: "chen.jie", Role: ticket.Agent}, ticket.Number(number), proofs[0].ID, true)
	require.NoError(t, err)
	w.level(number, ticket.LevelReal)
	_, _, err = records.ProofContent(t.Context(), ticket.Number(number), proofs[0].Files[0].ID)
	assert.Error(t, err, "the picture is gone")
	w.knowsNothingOf("front.png", "陈婧")
}

func TestACodeComesByTextMessageToTheTelephoneOnFile(t *testing.T) {
	w := begin(t, "")
	b := openBrowser(t, "zh-CN", 360)
	number := w.file(b, "account_cancellation", func() { b.fill("#account", "huangqiang") })
	w.mailed("huang.qiang@example.com", "code")
	b.reloadUntil(w.Form+"ticket", `form[action^="/ticket/text"]`)
	b.holdsUp("the code")
	b.send(`form[action^="/ticket/text"] button`)
	assert.Contains(t, b.text("#problems"), "验证码", "not at once after the mailed one")
	for end := time.Now().Add(2 * time.Minute); !strings.Contains(b.text(), "正在发送"); time.Sleep(5 * time.Second) {
		require.True(t, time.Now().Before(end), b.text())
		b.open(w.Form + "ticket")
		b.send(`form[action^="/ticket/text"] button`)
	}
	code := w.code("+8613800138008")
	b.fill("#code", code)
	b.shot("text-code")
	b.send(`form[action^="/ticket/code"] button`)
	w.level(number, ticket.LevelAccount)
	w.knowsNothingOf("13800138008")
}
