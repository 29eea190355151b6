package mailcatcher

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/smtp"
	"net/textproto"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"
)

func catcher(t *testing.T, dir string) *Server {
	t.Helper()
	s, err := Start(Options{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

func send(s *Server, mail string, to ...string) error {
	return smtp.SendMail(s.SMTPAddr(), nil, "desk@example.com", to, []byte(strings.ReplaceAll(mail, "\n", "\r\n")))
}

func plain(subject string) string {
	return "From: desk@example.com\nSubject: " + subject + "\n\nbody\n"
}

const full = `From: =?utf-8?B?5pWw5o2u5LiT5ZGY?= <desk@example.com>
To: zhang.wei@example.com
Subject: =?utf-8?q?=E5=B7=A5=E5=8D=95=E5=B7=B2=E6=94=B6=E5=88=B0?=
 DSR-20261123-7K3F9QXM
Message-Id: <answer-1@desk.example.com>
In-Reply-To: <question-1@example.com>
References: <question-0@example.com>
 <question-1@example.com>
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=outer

--outer
Content-Type: multipart/alternative; boundary="inner"

--inner
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

=E6=82=A8=E5=A5=BD=EF=BC=8Ca=3Db https://desk.example.com/t?code=3D1
second line that is lon=
g
--inner
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: base64

PHA+5oKo5aW9PC9wPjxzY3JpcHQ+YWxlcnQoMSk8L3NjcmlwdD4=
--inner--
--outer
Content-Type: application/zip; name="=?utf-8?B?5pWw5o2uLnppcA==?="
Content-Disposition: attachment
Content-Transfer-Encoding: base64

UEsDBA==
--outer--
`

func TestMailIsReadProperly(t *testing.T) {
	s := catcher(t, t.TempDir())
	if err := send(s, full, "zhang.wei@example.com", "hidden@example.com"); err != nil {
		t.Fatal(err)
	}
	list, err := s.Messages(t.Context(), "Hidden@Example.com", 0)
	if err != nil || len(list) != 1 {
		t.Fatalf("%v %v", list, err)
	}
	m := list[0]
	want := Message{
		ID: 1, Time: m.Time, EnvelopeFrom: "desk@example.com", From: "数据专员 <desk@example.com>",
		To:        []string{"zhang.wei@example.com", "hidden@example.com"},
		Subject:   "工单已收到 DSR-20261123-7K3F9QXM",
		Text:      "您好，a=b https://desk.example.com/t?code=1\nsecond line that is long",
		HTML:      "<p>您好</p><script>alert(1)</script>",
		MessageID: "<answer-1@desk.example.com>", InReplyTo: "<question-1@example.com>",
		References:  []string{"<question-0@example.com>", "<question-1@example.com>"},
		Headers:     m.Headers,
		Attachments: []Attachment{{"数据.zip", "application/zip", 4}},
	}
	if !reflect.DeepEqual(m, want) {
		t.Errorf(" got %+v\nwant %+v", m, want)
	}
	if m.Headers["Auto-Submitted"][0] != "auto-generated" || time.Since(m.Time) > time.Minute {
		t.Errorf("%v %v", m.Headers, m.Time)
	}
}

func TestOtherCharsetsAndBrokenMails(t *testing.T) {
	gbk, _ := simplifiedchinese.GBK.NewEncoder().String("您好")
	for _, c := range []struct {
		name, mail, text string
		problem          bool
	}{
		{"GBK", "Subject: x\nContent-Type: text/plain; charset=gbk\nContent-Transfer-Encoding: base64\n\n" +
			base64.StdEncoding.EncodeToString([]byte(gbk)), "您好", false},
		{"no content type", "Subject: x\n\nhello\n", "hello\n", false},
		{"unknown charset", "Subject: x\nContent-Type: text/plain; charset=klingon\n\nhello\n", "hello\r\n", true},
		{"unfinished multipart", "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n", "", true},
		{"no header", "hello\n", "hello\r\n", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := parse([]byte(strings.ReplaceAll(c.mail, "\n", "\r\n")))
			if m.Text != c.text && c.text != "" || (m.Problem != "") != c.problem {
				t.Errorf("text %q problem %q", m.Text, m.Problem)
			}
		})
	}
}

func TestMailsSurviveARestartAndAreNewestFirst(t *testing.T) {
	dir := t.TempDir()
	s := catcher(t, dir)
	for i := range 3 {
		if err := send(s, plain(fmt.Sprint("mail ", i)), "a@example.com"); err != nil {
			t.Fatal(err)
		}
	}
	addr := s.SMTPAddr()
	s.Stop()
	s, err := Start(Options{DataDir: dir, SMTPAddr: addr})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	if err := send(s, plain("mail 3"), "b@example.com"); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"":                          "mail 3,mail 2,mail 1,mail 0",
		"?limit=2":                  "mail 3,mail 2",
		"?to=a@example.com":         "mail 2,mail 1,mail 0",
		"?to=A@example.com&limit=1": "mail 2",
		"?to=example.com":           "",
		"?after=2":                  "mail 3,mail 2",
		"?to=a@example.com&after=3": "",
	} {
		var list []Message
		if err := json.Unmarshal([]byte(get(t, s.URL()+"/messages"+query, 200)), &list); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range list {
			got = append(got, m.Subject)
		}
		if strings.Join(got, ",") != want {
			t.Errorf("%s: %v, want %s", query, got, want)
		}
	}
	get(t, s.URL()+"/messages?limit=x", 422)
	get(t, s.URL()+"/messages/99", 404)
}

func TestWhoWaitsForAMailGetsItWhenItComes(t *testing.T) {
	s := catcher(t, t.TempDir())
	if err := send(s, plain("before"), "a@example.com"); err != nil {
		t.Fatal(err)
	}
	answer := make(chan string)
	go func() { answer <- get(t, s.URL()+"/messages?to=A@example.com&after=1&wait=60", 200) }()
	for s.box.arrivals.waiters() == 0 {
		runtime.Gosched()
	}
	for _, to := range []string{"b@example.com", "a@example.com"} {
		if err := send(s, plain("to "+to), to); err != nil {
			t.Fatal(err)
		}
	}
	var list []Message
	if err := json.Unmarshal([]byte(<-answer), &list); err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || list[0].Subject != "to a@example.com" {
		t.Errorf("%+v", list)
	}
	if list := get(t, s.URL()+"/messages?to=c@example.com&wait=1", 200); list != "[]\n" {
		t.Errorf("nothing came, and the answer is %q", list)
	}
	get(t, s.URL()+"/messages?wait=61", 422)
}

func TestOnlyTheLastMailsAreKept(t *testing.T) {
	b, err := openBox(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	if _, err := b.db.Exec(`PRAGMA synchronous = OFF`); err != nil {
		t.Fatal(err)
	}
	for range maxKept + 5 {
		if err := b.put(Message{To: []string{"a@example.com"}}, []byte{}); err != nil {
			t.Fatal(err)
		}
	}
	list, err := b.list(t.Context(), "", 0, 0)
	if err != nil || len(list) != maxKept || list[0].ID != maxKept+5 {
		t.Fatalf("%d %v", len(list), err)
	}
}

func TestAddressesWithAWillOfTheirOwn(t *testing.T) {
	s := catcher(t, t.TempDir())
	if code := replyCode(send(s, plain("x"), "refuse-me@example.com")); code != 550 {
		t.Errorf("refuse: %d", code)
	}
	for i, want := range []int{451, 451, 0, 0} {
		if code := replyCode(send(s, plain("x"), "Later-me@example.com")); code != want {
			t.Errorf("later, try %d: %d", i+1, code)
		}
	}
	s.AnswerAll(421)
	if code := replyCode(send(s, plain("x"), "a@example.com")); code != 421 {
		t.Errorf("in trouble: %d", code)
	}
	s.AnswerAll(0)
	s.LoseReplies(1)
	if err := send(s, plain("lost reply"), "a@example.com"); err == nil {
		t.Error("the lost reply came")
	}
	s.Delay(100 * time.Millisecond)
	began := time.Now()
	if err := send(s, plain("slow"), "a@example.com"); err != nil || time.Since(began) < 100*time.Millisecond {
		t.Errorf("slow: %v %v", err, time.Since(began))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	list, err := s.Await(ctx, "a@example.com", 2)
	if err != nil || len(list) != 2 || list[1].Subject != "lost reply" {
		t.Errorf("kept: %v %v", list, err)
	}
	cancel()
	if _, err := s.Await(ctx, "a@example.com", 3); !errors.Is(err, context.Canceled) {
		t.Errorf("await: %v", err)
	}
}

func replyCode(err error) int {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return reply.Code
	}
	if err != nil {
		return -1
	}
	return 0
}

func TestPagesShowStrangersMailSafely(t *testing.T) {
	s := catcher(t, t.TempDir())
	if err := send(s, full, "zhang.wei@example.com"); err != nil {
		t.Fatal(err)
	}
	if err := send(s, plain("<script>alert(2)</script>"), "b@example.com"); err != nil {
		t.Fatal(err)
	}
	list := get(t, s.URL()+"/", 200)
	if !strings.Contains(list, "工单已收到") || strings.Contains(list, "<script>") {
		t.Errorf("list: %s", list)
	}
	page := get(t, s.URL()+"/messages/1", 200)
	for _, want := range []string{
		`sandbox=""`, `srcdoc="&lt;p&gt;您好&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;"`,
		`<a href="https://desk.example.com/t?code=1"`, "数据.zip",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%s is not in %s", want, page)
		}
	}
	if strings.Contains(page, "<script>") {
		t.Error("the mail's script stands in the page")
	}
	if raw := get(t, s.URL()+"/messages/1/raw", 200); !bytes.Contains([]byte(raw), []byte("--outer--")) {
		t.Error("no source")
	}
	resp, err := http.Get(s.URL() + "/messages/1")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if p := resp.Header.Get("Content-Security-Policy"); !strings.HasPrefix(p, "default-src 'none'") || strings.Contains(p, "script-src") {
		t.Errorf("policy %q", p)
	}
}

func get(t *testing.T, url string, status int) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != status {
		t.Fatalf("%s: %d %s", url, resp.StatusCode, body)
	}
	return string(body)
}
