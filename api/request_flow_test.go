package api

import (
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/ticket"
)

const (
	zh = "zh-CN,zh;q=0.9"
	en = "en-GB,en;q=0.8"
)

var (
	tinyPNG, _ = base64.StdEncoding.DecodeString("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")
	pdf        = "%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
)

// filled is a form of each kind as a person fills it in, sloppily.
func filled(kind ticket.Kind) url.Values {
	v := url.Values{"relation": {"self"}, "name": {" 王小明 "}, "email": {"ｗａｎｇ@Example.COM"}, "phone": {"１３８ 1234 5678"}}
	switch kind {
	case ticket.AccountCancellation:
		v.Set("account", "wang.xm")
	case ticket.InfoCorrection:
		v.Set("account", "+86 13812345678")
		v["change_field"] = []string{"address", "name"}
		v["change_old"] = []string{"北京市东城区旧址 1 号", ""}
		v["change_new"] = []string{"北京市西城区新址 2 号", "王小明"}
	case ticket.Complaint:
		v.Set("category", "marketing")
		v.Set("subject", "短信")
		v.Set("text", "我已经拒收，仍然每天收到营销短信。")
	}
	return v
}

func with(v url.Values, more url.Values) url.Values {
	out := maps.Clone(v)
	maps.Copy(out, more)
	return out
}

// start opens a form and gives its hidden values with the filled ones.
func (b *browser) start(kind ticket.Kind) url.Values {
	b.w.t.Helper()
	p := b.get("/request/" + string(kind))
	require.Equal(b.w.t, http.StatusOK, p.Status)
	blank := p.form("request")
	return with(filled(kind), url.Values{"form": blank["form"], "sent": blank["sent"]})
}

var numberPattern = regexp.MustCompile(`DSR-\d{8}-[0-9A-Z]{8}`)

// fileOne goes the whole way to the receipt.
func (b *browser) fileOne(kind ticket.Kind, files ...file) (answerPage, ticket.Number) {
	b.w.t.Helper()
	check := b.upload("/request/"+string(kind), b.start(kind), files...)
	require.Equal(b.w.t, http.StatusOK, check.Status, check.Body)
	receipt := b.post("/request/"+string(kind)+"/send", check.form("check"))
	require.Equal(b.w.t, http.StatusOK, receipt.Status, receipt.Body)
	number := numberPattern.FindString(receipt.Body)
	require.NotEmpty(b.w.t, number, receipt.Body)
	return receipt, ticket.Number(number)
}

func TestEachKindIsFiledThoughTemporalIsAway(t *testing.T) {
	w := newWeb(t)
	for _, kind := range ticket.Kinds() {
		for _, lang := range []string{zh, en} {
			t.Run(string(kind)+" "+lang[:2], func(t *testing.T) {
				b := w.browser(lang)
				receipt, number := b.fileOne(kind, file{"证明.png", string(tinyPNG)}, file{"a.pdf", pdf})
				if lang == zh {
					assert.Contains(t, receipt.Body, "2026年1月26日星期一")
					assert.Contains(t, receipt.Body, "还剩 15 个工作日")
				} else {
					assert.Contains(t, receipt.Body, "Monday, 26 January 2026")
					assert.Contains(t, receipt.Body, "15 working days left")
				}
				assert.NotContains(t, receipt.Body, `class="why"`)

				row, err := w.store.Ticket(t.Context(), number)
				require.NoError(t, err)
				assert.Equal(t, kind, row.Kind)
				assert.True(t, row.Starting)
				content, err := w.store.Content(t.Context(), number)
				require.NoError(t, err)
				assert.Equal(t, "王小明", content.Person.Name)
				assert.Equal(t, "wang@example.com", content.Person.Email)
				assert.Equal(t, "+8613812345678", content.Person.Phone)
				if kind == ticket.InfoCorrection {
					assert.Len(t, content.Changes, 2)
				}
				files, err := w.store.Attachments(t.Context(), number)
				require.NoError(t, err)
				assert.Len(t, files, 2)
			})
		}
	}
}

func TestProvisionalDeadlineSaysSo(t *testing.T) {
	w := newWeb(t)
	w.now = time.Date(2026, 12, 11, 2, 0, 0, 0, time.UTC)
	receipt, _ := w.browser(zh).fileOne(ticket.Complaint)
	assert.Contains(t, receipt.Body, "2027年1月4日")
	assert.Contains(t, receipt.Body, "暂定")
	assert.Contains(t, receipt.Body, "放假安排尚未公布")
}

func TestErrorsKeepWhatWasTypedAndUploaded(t *testing.T) {
	w := newWeb(t)
	b := w.browser(zh)
	v := b.start(ticket.Complaint)
	v.Set("email", "not an address")
	v.Set("text", "短")
	p := b.upload("/request/complaint", v, file{"one.png", string(tinyPNG)}, file{"evil.png", "<html><script>alert(1)</script>"})
	assert.Equal(t, http.StatusUnprocessableEntity, p.Status)
	assert.Equal(t, []string{"text", "email", "files"}, p.problems())
	assert.True(t, strings.HasPrefix(p.title(), "错误："), p.title())
	again := p.form("request")
	assert.Equal(t, "not an address", again.Get("email"))
	assert.Equal(t, "短", again.Get("text"))
	assert.Equal(t, "marketing", again.Get("category"))
	assert.Equal(t, v.Get("form"), again.Get("form"))
	assert.Equal(t, "1", again.Get("sent"))
	assert.Contains(t, p.Body, "one.png")
	assert.Contains(t, p.Body, "文件“evil.png”未能上传")

	again.Set("email", "wang@example.com")
	again.Set("text", "现在写得足够长了，请处理。")
	check := b.upload("/request/complaint", again)
	require.Equal(t, http.StatusOK, check.Status)
	assert.Contains(t, check.Body, "one.png")
	receipt := b.post("/request/complaint/send", check.form("check"))
	files, err := w.store.Attachments(t.Context(), ticket.Number(numberPattern.FindString(receipt.Body)))
	require.NoError(t, err)
	assert.Len(t, files, 1)
}

func TestFilesCanBeRemovedAndHaveLimits(t *testing.T) {
	w := newWeb(t)
	b := w.browser(en)
	v := b.start(ticket.Complaint)
	v.Set("do", "upload")
	var six []file
	for range 6 {
		six = append(six, file{"x.png", string(tinyPNG)})
	}
	p := b.upload("/request/complaint", v, six...)
	assert.Equal(t, http.StatusUnprocessableEntity, p.Status)
	assert.Contains(t, p.Body, "there are too many files; at most 5")
	remove := regexp.MustCompile(`value="(remove:\d+)"`).FindStringSubmatch(p.Body)
	require.Len(t, remove, 2)
	next := p.form("request")
	next.Set("do", remove[1])
	p = b.upload("/request/complaint", next)
	assert.Equal(t, http.StatusOK, p.Status)
	assert.Equal(t, "4", p.form("request").Get("sent"))

	big := p.form("request")
	big.Set("do", "upload")
	p = b.upload("/request/complaint", big, file{"big.png", string(tinyPNG) + strings.Repeat("x", 10<<20)})
	assert.Equal(t, http.StatusUnprocessableEntity, p.Status)
	assert.Contains(t, p.Body, "the file is too large; at most 10 MB each")
	assert.Equal(t, "我已经拒收，仍然每天收到营销短信。", p.form("request").Get("text"))
}

func TestRowsAreAddedAndRemovedWithoutScripts(t *testing.T) {
	b := newWeb(t).browser(zh)
	v := b.start(ticket.InfoCorrection)
	v.Set("do", "add_row")
	p := b.upload("/request/info_correction", v)
	rows := p.form("request")
	assert.Equal(t, []string{"address", "name", ""}, rows["change_field"])
	assert.Equal(t, v["change_new"][0], rows["change_new"][0])
	rows.Set("do", "remove_row:1")
	p = b.upload("/request/info_correction", rows)
	assert.Equal(t, []string{"name", ""}, p.form("request")["change_field"])

	rows = p.form("request")
	rows["change_field"], rows["change_old"], rows["change_new"] = []string{"email", ""}, []string{"", ""}, []string{"nonsense", "x"}
	p = b.upload("/request/info_correction", rows)
	assert.Equal(t, []string{"change-1-proposed", "change-2-field"}, p.problems())
}

func TestDoubleSubmitIsOneTicket(t *testing.T) {
	w := newWeb(t)
	b := w.browser(zh)
	check := b.upload("/request/complaint", b.start(ticket.Complaint)).form("check")
	first := numberPattern.FindString(b.post("/request/complaint/send", check).Body)
	second := numberPattern.FindString(b.post("/request/complaint/send", check).Body)
	assert.NotEmpty(t, first)
	assert.Equal(t, first, second)
	// the language switch of the receipt shows the same one
	other := b.post("/request/complaint/send", url.Values{"form": check["form"], "lang": {"en"}})
	assert.Equal(t, first, numberPattern.FindString(other.Body))
	assert.Contains(t, other.Body, "Monday, 26 January 2026")
	// who goes back and writes on writes another request
	again := b.upload("/request/complaint", with(filled(ticket.Complaint), url.Values{"form": check["form"]}))
	third := numberPattern.FindString(b.post("/request/complaint/send", again.form("check")).Body)
	assert.NotEmpty(t, third)
	assert.NotEqual(t, first, third)
}

func TestLanguageSwitchKeepsWhatWasTyped(t *testing.T) {
	b := newWeb(t).browser(zh)
	v := b.start(ticket.AccountCancellation)
	p := b.upload("/request/account_cancellation", with(v, url.Values{"lang": {"en"}}), file{"a.pdf", pdf})
	assert.Equal(t, http.StatusOK, p.Status)
	assert.Contains(t, p.Body, `<html lang="en">`)
	assert.Equal(t, "wang.xm", p.form("request").Get("account"))
	assert.Contains(t, p.Body, "a.pdf")
	assert.Contains(t, b.get("/").Body, `<html lang="en">`, "the choice is kept")
	assert.Contains(t, b.get("/?lang=zh-CN").Body, `<html lang="zh-CN">`)
	assert.Contains(t, b.get("/").Body, `<html lang="zh-CN">`)
}

func TestBackToTheFormKeepsTheAnswers(t *testing.T) {
	b := newWeb(t).browser(zh)
	check := b.upload("/request/info_correction", b.start(ticket.InfoCorrection)).form("check")
	check.Set("do", "edit")
	p := b.post("/request/info_correction", check)
	assert.Equal(t, http.StatusOK, p.Status)
	form := p.form("request")
	assert.Equal(t, "+8613812345678", form.Get("account"))
	assert.Equal(t, []string{"北京市西城区新址 2 号", "王小明"}, form["change_new"])
}

func TestDatabaseAwayKeepsWhatWasTyped(t *testing.T) {
	w := newWeb(t)
	b := w.browser(zh)
	v := b.start(ticket.Complaint)
	check := b.upload("/request/complaint", v).form("check")
	require.NoError(t, w.store.Close())
	p := b.upload("/request/complaint", v)
	assert.Equal(t, http.StatusServiceUnavailable, p.Status)
	assert.Equal(t, v.Get("text"), p.form("request").Get("text"))
	p = b.post("/request/complaint/send", check)
	assert.Equal(t, http.StatusServiceUnavailable, p.Status)
	assert.Equal(t, v.Get("text"), p.form("check").Get("text"))
	assert.Equal(t, http.StatusServiceUnavailable, b.get("/readyz").Status)
	assert.Equal(t, http.StatusOK, b.get("/healthz").Status)
}

func TestNothingTypedReachesTheLog(t *testing.T) {
	w := newWeb(t)
	b := w.browser(zh)
	_, number := b.fileOne(ticket.Complaint)
	b.get("/track/secret-token-in-the-path?email=wang@example.com")
	for _, marked := range []string{"王小明", "wang@example.com", "13812345678", "营销短信", "secret-token", string(number)} {
		if marked == string(number) {
			continue // numbers are no personal data
		}
		assert.NotContains(t, w.log.String(), marked)
	}
	assert.Contains(t, w.log.String(), "route=/track/:token")
}
