package api

import (
	"net/http"

	"rightsdesk/ticket"
)

// v1Code names a problem of the interface itself. What the desk and the
// workflows refuse has the catalogue's codes and words; these are for programs
// more than for people, and stand here.
type v1Code string

const (
	v1Invalid         v1Code = "invalid_input"
	v1KeyMissing      v1Code = "idempotency_key_required"
	v1KeyWeak         v1Code = "idempotency_key_weak"
	v1KeyReused       v1Code = "idempotency_key_reused"
	v1InProgress      v1Code = "request_in_progress"
	v1Unauthenticated v1Code = "not_authenticated"
	v1NotProved       v1Code = "identity_not_proved_here"
	v1PasswordFirst   v1Code = "password_change_needed"
	v1NotFound        v1Code = "not_found"
	v1WrongMethod     v1Code = "method_not_allowed"
	v1CrossSite       v1Code = "cross_site"
	v1NotAcceptable   v1Code = "not_acceptable"
	v1BodyTooLarge    v1Code = "body_too_large"
	v1SlowBody        v1Code = "body_too_slow"
	v1Crowded         v1Code = "uploads_crowded"
	v1MediaType       v1Code = "media_type_not_taken"
	v1BodyMalformed   v1Code = "body_malformed"
	v1BodyMissing     v1Code = "body_required"
	v1BodyUnexpected  v1Code = "body_unexpected"
	v1EngineAway      v1Code = "workflow_engine_away"
	v1DatabaseAway    v1Code = "database_away"
	v1Internal        v1Code = "internal"
	v1NotOneself      v1Code = "not_oneself"

	// of one field
	v1UnknownField  v1Code = "unknown_field"
	v1WrongType     v1Code = "wrong_type"
	v1BadTime       v1Code = "time_invalid"
	v1OutOfRange    v1Code = "out_of_range"
	v1Items         v1Code = "number_of_items"
	v1BadValue      v1Code = "invalid_value"
	v1BadCursor     v1Code = "cursor_invalid"
	v1BadNumber     v1Code = "number_invalid"
	v1UploadsGone   v1Code = "uploads_gone"
	v1CodeWrong     v1Code = "code_wrong"
	v1CodeExpired   v1Code = "code_expired"
	v1CodeUsedUp    v1Code = "code_used_up"
	v1NotUnderstood v1Code = "not_confirmed"
	v1BadSchedule   v1Code = "schedule_invalid"
	v1BadAgentID    v1Code = "agent_id_invalid"
	v1AgentTaken    v1Code = "agent_id_taken"
	v1BadName       v1Code = "name_invalid"
	v1BadDay        v1Code = "day_invalid"
	v1BadDate       v1Code = "received_unknown"
)

// v1Words is the status and the words of each code, Chinese and English.
var v1Words = map[v1Code]struct {
	status int
	zh, en string
}{
	v1Invalid:         {http.StatusUnprocessableEntity, "有内容需要修改", "Something needs mending"},
	v1KeyMissing:      {http.StatusBadRequest, "请求须带 Idempotency-Key", "Send an Idempotency-Key with this request"},
	v1KeyWeak:         {http.StatusBadRequest, "Idempotency-Key 须为 22 至 128 个随机字符（字母、数字、. _ ~ -），例如 UUID", "The Idempotency-Key must be 22 to 128 random characters (letters, digits, . _ ~ -), such as a UUID"},
	v1KeyReused:       {http.StatusUnprocessableEntity, "此 Idempotency-Key 已用于另一个请求，请换一个", "This Idempotency-Key was used for another request; draw a new one"},
	v1InProgress:      {http.StatusConflict, "同一请求正在处理，请稍后再取结果", "The same request is being worked on; ask again in a moment"},
	v1Unauthenticated: {http.StatusUnauthorized, "没有令牌，或令牌不存在、已过期或已撤销", "There is no token, or it is unknown, expired or revoked"},
	v1NotProved:       {http.StatusForbidden, "请先用验证码证明身份，再使用随后得到的链接", "Prove your identity with the code first, and use the link you get then"},
	v1PasswordFirst:   {http.StatusForbidden, "请先在控制台修改一次性密码", "Change your one-time password in the console first"},
	v1NotFound:        {http.StatusNotFound, "没有找到", "There is no such thing"},
	v1WrongMethod:     {http.StatusMethodNotAllowed, "此地址不支持这种请求方法", "This address does not take this method"},
	v1CrossSite:       {http.StatusForbidden, "其他网站的页面不能代您发出请求", "A page of another site can't make this request for you"},
	v1NotAcceptable:   {http.StatusNotAcceptable, "无法以所要求的格式回答", "The answer can't be given in the format asked for"},
	v1BodyTooLarge:    {http.StatusRequestEntityTooLarge, "请求内容过大", "The body is too large"},
	v1SlowBody:        {http.StatusRequestTimeout, "请求内容没有在规定时间内传完", "The body did not come in time"},
	v1Crowded:         {http.StatusServiceUnavailable, "此刻上传的人太多，请稍后再试", "Too much is being uploaded at this moment; try again"},
	v1MediaType:       {http.StatusUnsupportedMediaType, "不接受这种内容类型", "A body of this type is not taken here"},
	v1BodyMalformed:   {http.StatusBadRequest, "请求内容不是有效的 JSON 或表单", "The body is not valid JSON, or not what its type says"},
	v1BodyMissing:     {http.StatusBadRequest, "请求须有内容", "Send a body with this request"},
	v1BodyUnexpected:  {http.StatusUnprocessableEntity, "此请求不带内容", "This request takes no body"},
	v1EngineAway:      {http.StatusServiceUnavailable, "流程引擎没有答复，请稍后再试；若已办成，届时会告知", "The workflow engine did not answer; try again, and if it was done after all you are told"},
	v1DatabaseAway:    {http.StatusServiceUnavailable, "数据库暂时不可用，什么也没有保存，请稍后再试", "The database is away; nothing was stored, try again"},
	v1Internal:        {http.StatusInternalServerError, "系统出错，错在我们", "This is our fault, not yours"},
	v1NotOneself:      {http.StatusConflict, "不能对自己的账号这样做", "This can't be done to one's own account"},

	v1UnknownField:  {0, "没有这个字段，请去掉", "There is no such field; leave it out"},
	v1WrongType:     {0, "类型不对", "This is of the wrong type"},
	v1BadTime:       {0, "请用 RFC 3339 时间并带时区，例如 2026-02-13T10:00:00+08:00", "Write a time of RFC 3339 with its offset, such as 2026-02-13T10:00:00+08:00"},
	v1OutOfRange:    {0, "超出范围", "This is out of range"},
	v1Items:         {0, "项数不对", "There are too many or too few items"},
	v1BadValue:      {0, "无法理解这个值", "This value can't be understood"},
	v1BadCursor:     {0, "请使用上一页给出的 next，并保持同样的筛选", "Use the next of the page before, with the same filter"},
	v1BadNumber:     {0, "请填写工单号，例如 DSR-20261123-7K3F9QXM", "Write a ticket number such as DSR-20261123-7K3F9QXM"},
	v1UploadsGone:   {0, "有文件不在此 Idempotency-Key 之下（最多保留一小时），请重新上传", "A file is not staged under this Idempotency-Key (they are kept for an hour); upload it again"},
	v1CodeWrong:     {0, "验证码不对", "The code is wrong"},
	v1CodeExpired:   {0, "验证码已过期，请重新获取", "The code has expired; ask for another"},
	v1CodeUsedUp:    {0, "错误次数过多，请重新获取验证码", "There were too many wrong codes; ask for another"},
	v1NotUnderstood: {0, "请确认已了解后果（true）", "Say true: the consequences are understood"},
	v1BadSchedule:   {0, "放假安排文件有误", "The schedule can't be read"},
	v1BadAgentID:    {0, "登录名须为 2 至 32 个字符，以小写字母开头，只含小写字母、数字、点和连字符", "A sign-in name has 2 to 32 characters, begins with a lower-case letter and has only those, digits, dots and hyphens"},
	v1AgentTaken:    {0, "此登录名已有人使用", "This sign-in name is taken"},
	v1BadName:       {0, "名称须为 1 至 60 个字符", "A name has 1 to 60 characters"},
	v1BadDay:        {0, "请填写今天起一年之内的日期，例如 2026-02-13", "Write a day within a year from today, such as 2026-02-13"},
	v1BadDate:       {0, "无法从此时刻计算期限", "A deadline can't be counted from this time"},
}

func (c v1Code) status() int {
	if s := v1Words[c].status; s != 0 {
		return s
	}
	return http.StatusUnprocessableEntity
}

// codeWords is a code in words, without the facts of one case.
func (s *server) codeWords(l ticket.Locale, code string) string {
	if w, ok := v1Words[v1Code(code)]; ok {
		if l == ticket.Chinese {
			return w.zh
		}
		return w.en
	}
	return s.Templates.Words().Refusal(l, &ticket.Error{Code: code})
}

// knownCode reports a code that a problem may have.
func (s *server) knownCode(code string) bool {
	_, ours := v1Words[v1Code(code)]
	return ours || s.Templates.Words().Has(ticket.Chinese, "refusal."+code)
}
