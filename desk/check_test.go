package desk

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/store"
	"rightsdesk/ticket"
)

func TestSloppyInputIsUnderstood(t *testing.T) {
	for _, row := range []struct{ name, typed, want string }{
		{"full-width", "１３８１２３４５６７８", "+8613812345678"},
		{"spaces", " 138 1234 5678 ", "+8613812345678"},
		{"ideographic spaces", "138　1234　5678", "+8613812345678"},
		{"hyphens", "138-1234-5678", "+8613812345678"},
		{"country code", "+86 138 1234 5678", "+8613812345678"},
		{"full-width country code", "＋８６　１３８１２３４５６７８", "+8613812345678"},
		{"international prefix", "0086 13812345678", "+8613812345678"},
		{"landline with area code", "(010) 6552-9988", "+861065529988"},
		{"another country", "+44 20 7946 0018", "+442079460018"},
	} {
		t.Run("phone/"+row.name, func(t *testing.T) {
			got, ok := phone(row.typed)
			assert.True(t, ok)
			assert.Equal(t, row.want, got)
		})
	}
	for _, row := range []struct{ name, typed, want string }{
		{"spaces around", "  a.b@example.com\t", "a.b@example.com"},
		{"full-width", "ｗａｎｇ＠ｅｘａｍｐｌｅ．ｃｏｍ", "wang@example.com"},
		{"Chinese full stop", "wang@example。com", "wang@example.com"},
		{"upper-case domain", "Wang@EXAMPLE.Com", "Wang@example.com"},
		{"plus", "wang+desk@example.com", "wang+desk@example.com"},
		{"Chinese domain", "wang@例子.中国", "wang@xn--fsqu00a.xn--fiqs8s"},
		{"zero-width space", "wang\u200b@example.com", "wang@example.com"},
	} {
		t.Run("email/"+row.name, func(t *testing.T) {
			got, ok := email(row.typed)
			assert.True(t, ok)
			assert.Equal(t, row.want, got)
		})
	}
	for _, row := range []struct{ name, typed, want string }{
		{"full-width name", "Ａｄａ　 Ｌｏｖｅｌａｃｅ", "Ada Lovelace"},
		{"middle dot stays", "买买提·吐尔逊", "买买提·吐尔逊"},
		{"Chinese brackets stay", "和信（北京）公司", "和信（北京）公司"},
		{"line breaks go", "Wang\r\nBcc: x@y.z", "Wang Bcc: x@y.z"},
		{"direction marks go", "a\u202etxt.exe", "atxt.exe"},
		{"decomposed", "Jose\u0301", "José"},
	} {
		t.Run("line/"+row.name, func(t *testing.T) { assert.Equal(t, row.want, line(row.typed)) })
	}
	for _, row := range []struct{ name, typed, want string }{
		{"mobile", " １３８ １２３４ ５６７８", "+8613812345678"},
		{"mail", "Wang@EXAMPLE.com ", "Wang@example.com"},
		{"name", " Wang_88 ", "Wang_88"},
		{"short run of digits", "10086", "10086"},
	} {
		t.Run("account/"+row.name, func(t *testing.T) { assert.Equal(t, row.want, account(row.typed)) })
	}
}

func TestWhatIsNoAddressIsRefused(t *testing.T) {
	for _, typed := range []string{
		"wang", "wang@", "@example.com", "wang@example", "wang@example.com, li@example.com", "Wang <wang@example.com>",
		"wang@example.com\nBcc: li@example.com", "wa ng@example.com", `"wang"@example.com`, "wang(x)@example.com",
		"wang@[127.0.0.1]", "wang@127.0.0.1", "wang..li@example.com", ".wang@example.com", "王@example.com",
		"wang@-example.com", "wang@exa_mple.com", strings.Repeat("a", 65) + "@example.com", "a@b@example.com",
		"wang@" + strings.Repeat("a.", 130) + "com",
	} {
		_, ok := email(typed)
		assert.False(t, ok, typed)
	}
	for _, typed := range []string{"12345", "138123456789", "call me", "1381234567x", "+86", "０", "138 1234 5678 ext"} {
		_, ok := phone(typed)
		assert.False(t, ok, typed)
	}
}

func TestCheckOfEachKind(t *testing.T) {
	o := newOffice(t)
	lead, clerk := Staff{ID: "zhang.min", Role: ticket.Lead}, agent
	o.clock = time.Date(2026, 3, 16, 10, 0, 0, 0, time.FixedZone("", 8*3600)) // a Monday
	day := 24 * time.Hour
	for _, row := range []struct {
		name string
		edit func(r *Request)
		want []string // field:code
	}{
		{"a complaint", func(*Request) {}, nil},
		{"nothing at all", func(r *Request) { *r = Request{} },
			[]string{"kind:required", "name:required", "email:required"}},
		{"an unknown kind", func(r *Request) { r.Kind = "magic" }, []string{"kind:unknown_choice"}},
		{"a complaint without category", func(r *Request) { r.Category = "" }, []string{"category:required"}},
		{"a complaint without words", func(r *Request) { r.Text = " \n " }, []string{"text:required"}},
		{"a complaint in nine characters", func(r *Request) { r.Text = "太短了太短了太短了" }, []string{"text:too_short"}},
		{"a complaint in ten", func(r *Request) { r.Text = "十个字足够说明问题了" }, nil},
		{"a book", func(r *Request) { r.Text = strings.Repeat("字", 5001) }, []string{"text:too_long"}},
		{"long name, subject, account", func(r *Request) {
			r.Person.Name, r.Subject, r.Person.Account = strings.Repeat("n", 101), strings.Repeat("s", 201), strings.Repeat("a", 201)
		}, []string{"name:too_long", "account:too_long", "subject:too_long"}},
		{"bad contacts", func(r *Request) { r.Person.Email, r.Person.Phone = "wang", "12" },
			[]string{"email:email_invalid", "phone:phone_invalid"}},
		{"no phone", func(r *Request) { r.Person.Phone = "　" }, nil},
		{"cancellation without account", func(r *Request) { r.Kind, r.Text = ticket.AccountCancellation, "" }, []string{"account:required"}},
		{"cancellation", func(r *Request) { r.Kind, r.Text, r.Person.Account = ticket.AccountCancellation, "", "wang88" }, nil},
		{"a guardian without a word on it", func(r *Request) { r.Relation = ticket.Guardian }, []string{"relation_note:relation_needed"}},
		{"a guardian", func(r *Request) { r.Relation, r.RelationNote = ticket.Guardian, "母亲" }, nil},
		{"an unknown relation", func(r *Request) { r.Relation = "friend"; r.RelationNote = "x" }, []string{"relation:unknown_choice"}},
		{"correction of nothing", func(r *Request) { correction(r) }, []string{"changes:change_needed"}},
		{"correction of a row with a field and space", func(r *Request) { correction(r, store.Change{Field: "name", Old: " "}) }, []string{"change.name.proposed:required"}},
		{"correction with a row left wholly empty", func(r *Request) {
			correction(r, store.Change{Old: " ", Proposed: "　"}, store.Change{Field: "name", Proposed: "王大明"})
		}, nil},
		{"correction of wholly empty rows", func(r *Request) { correction(r, store.Change{}, store.Change{Old: " "}) }, []string{"changes:change_needed"}},
		{"correction with a field chosen and nothing entered", func(r *Request) {
			correction(r, store.Change{Field: "name", Proposed: "王大明"}, store.Change{Field: "email"})
		}, []string{"change.email.proposed:required"}},
		{"correction with a value and no field", func(r *Request) {
			correction(r, store.Change{Field: "name", Proposed: "王大明"}, store.Change{Proposed: "上海"})
		}, []string{"changes:field_unknown"}},
		{"correction to an identity number with a slip", func(r *Request) { correction(r, store.Change{Field: "id_number", Proposed: "11010519491231003X"}) },
			[]string{"change.id_number.proposed:id_number_invalid"}},
		{"correction to an identity number", func(r *Request) {
			correction(r, store.Change{Field: "id_number", Proposed: "１１０１０５ 19491231 002x"})
		}, nil},
		{"correction to no identity number", func(r *Request) { correction(r, store.Change{Field: "id_number", Old: "1"}) },
			[]string{"change.id_number.proposed:required"}},
		{"correction", func(r *Request) { correction(r, store.Change{Field: "name", Proposed: "王大明"}) }, nil},
		{"correction of an unknown field", func(r *Request) { correction(r, store.Change{Field: "horoscope", Proposed: "x"}) },
			[]string{"changes:field_unknown"}},
		{"correction without the new value", func(r *Request) { correction(r, store.Change{Field: "email", Old: "a@example.com"}) },
			[]string{"change.email.proposed:required"}},
		{"correction to what is no address", func(r *Request) { correction(r, store.Change{Field: "email", Proposed: "x"}) },
			[]string{"change.email.proposed:email_invalid"}},
		{"correction to the same", func(r *Request) { correction(r, store.Change{Field: "name", Old: "王", Proposed: " 王"}) },
			[]string{"change.name.proposed:change_same"}},
		{"one field twice", func(r *Request) {
			correction(r, store.Change{Field: "name", Proposed: "甲"}, store.Change{Field: "name", Proposed: "乙"})
		}, []string{"change.name.proposed:field_twice"}},
		{"too long values", func(r *Request) {
			correction(r, store.Change{Field: "address", Old: strings.Repeat("o", 501), Proposed: strings.Repeat("p", 501)})
		}, []string{"change.address.old:too_long", "change.address.proposed:too_long"}},
		{"staff without channel and time", func(r *Request) { r.FiledBy = &clerk }, []string{"channel:required", "received_at:required"}},
		{"staff through the web", func(r *Request) { r.FiledBy, r.Channel, r.ReceivedAt = &clerk, ticket.ChannelWeb, o.clock },
			[]string{"channel:unknown_choice"}},
		{"a person by telephone", func(r *Request) { r.Channel = ticket.ChannelPhone }, []string{"channel:unknown_choice"}},
		{"staff in the future", func(r *Request) { byPhone(r, clerk, o.clock.Add(time.Hour)) }, []string{"received_at:received_future"}},
		{"staff for Friday, on Monday", func(r *Request) { byPhone(r, clerk, o.clock.Add(-3*day)) }, nil},
		{"staff for Thursday, on Monday", func(r *Request) { byPhone(r, clerk, o.clock.Add(-4*day)) }, []string{"received_at:receipt_needs_lead"}},
		{"a lead for Thursday, on Monday", func(r *Request) { byPhone(r, lead, o.clock.Add(-4*day)) }, nil},
		{"a lead for the year before last", func(r *Request) { byPhone(r, lead, o.clock.Add(-500*day)) }, []string{"received_at:received_too_old"}},
		{"staff for someone without e-mail", func(r *Request) { byPhone(r, clerk, o.clock); r.Person.Email = "" }, []string{"email:required"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := complaint()
			row.edit(&r)
			var got []string
			for _, e := range o.Check(t.Context(), &r) {
				got = append(got, e.Field+":"+e.Code)
			}
			assert.Equal(t, row.want, got)
		})
	}
}

func correction(r *Request, changes ...store.Change) {
	r.Kind, r.Category, r.Text, r.Person.Account, r.Changes = ticket.InfoCorrection, "", "", "wang88", changes
}

func byPhone(r *Request, by Staff, at time.Time) {
	r.FiledBy, r.Channel, r.ReceivedAt = &by, ticket.ChannelPhone, at
}

func TestCheckMendsWhatIsRightAndKeepsWhatIsWrong(t *testing.T) {
	o := newOffice(t)
	r := complaint()
	r.Person = store.Person{Name: "　王　小明 ", Email: "not an address ", Phone: "０１３８ 12"}
	r.Subject, r.Text = " 关于\r\n隐私 ", "  第一行有一些字\r\n\r\n第二行也有。\u202e "
	r.RelationNote, r.Changes = "left over", []store.Change{{Field: "name", Proposed: "x"}}
	errs := o.Check(t.Context(), &r)
	require.Len(t, errs, 2)
	assert.Equal(t, store.Person{Name: "王 小明", Email: "not an address ", Phone: "０１３８ 12"}, r.Person)
	assert.Equal(t, "关于 隐私", r.Subject)
	assert.Equal(t, "第一行有一些字\n\n第二行也有。", r.Text)
	assert.Empty(t, r.RelationNote)
	assert.Empty(t, r.Changes)
	assert.Equal(t, ticket.ChannelWeb, r.Channel)
}

func TestErrorsRepeatNothingThatWasTyped(t *testing.T) {
	o := newOffice(t)
	r := complaint()
	const secret = "MARKED"
	r.Kind, r.Category, r.Relation, r.Locale = secret, secret, secret, secret
	r.Person = store.Person{Name: strings.Repeat(secret, 50), Email: secret, Phone: secret}
	r.Text = strings.Repeat(secret, 2000)
	assert.NotContains(t, asJSON(t, o.Check(t.Context(), &r)), secret)
	r = complaint()
	correction(&r, store.Change{Field: secret, Proposed: secret})
	assert.NotContains(t, asJSON(t, o.Check(t.Context(), &r)), secret)
}

func TestFilesAreKnownByTheirContent(t *testing.T) {
	o := newOffice(t)
	png := "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
	for content, want := range map[string]string{
		"%PDF-1.7\n%âãÏÓ\n":                    "application/pdf",
		"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01": "image/jpeg",
		png:                                    "image/png",
	} {
		got, wrong := o.CheckFile([]byte(content))
		assert.Nil(t, wrong)
		assert.Equal(t, want, got)
	}
	for content, want := range map[string]string{
		"":                                       CodeFileEmpty,
		"<html><script>alert(1)</script>":        CodeFileType,
		"MZ\x90\x00":                             CodeFileType,
		"<svg xmlns='http://www.w3.org/2000/svg": CodeFileType,
		"GIF89a%PDF-1.7":                         CodeFileType,
		png + strings.Repeat("x", MaxFileBytes):  CodeFileTooLarge,
	} {
		_, wrong := o.CheckFile([]byte(content))
		require.NotNil(t, wrong)
		assert.Equal(t, want, wrong.Code)
	}
}

func TestNamesOfFiles(t *testing.T) {
	o := newOffice(t)
	for typed, want := range map[string]string{
		"身份证.jpg":                         "身份证.jpg",
		`C:\Users\w\scan.pdf`:             "scan.pdf",
		"../../etc/passwd":                "passwd",
		"a\r\nX: y.png":                   "a X_ y.png",
		"evil\u202egpj.exe":               "evilgpj.exe",
		"":                                "file",
		"...":                             "file",
		"/":                               "file",
		strings.Repeat("长", 200) + ".pdf": strings.Repeat("长", 96) + ".pdf",
	} {
		assert.Equal(t, want, o.CleanName(typed), typed)
	}
}
