package stack

import (
	"rightsdesk/contract"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// story is one request and what becomes of it. Everything in it is invented.
type story struct {
	kind         ticket.Kind
	category     ticket.Category
	locale       ticket.Locale
	channel      ticket.Channel // empty: the web, now
	age          age            // of what did not come by the web
	relation     ticket.Relation
	relationNote string
	name, mail   string
	account      string // the address on file at the sample account system
	subject      string
	text         string
	changes      []store.Change
	acts         []act
}

// age is how old a request is: days on track, at risk, or days overdue.
type age struct {
	state ticket.SLAState
	days  int
}

func daysOld(n int) age      { return age{ticket.OnTrack, n} }
func atRisk() age            { return age{ticket.AtRisk, 0} }
func overdueSince(n int) age { return age{ticket.Breached, n} }

func stories() []story {
	all := complaints()
	all = append(all, reopened()...)
	all = append(all, corrections()...)
	return append(all, cancellations()...)
}

func complaints() []story {
	const zh, en = ticket.Chinese, ticket.English
	all := []story{
		{category: ticket.CategoryPrivacy, locale: zh, name: "王小样", mail: "wang.xiaoyang@example.net",
			subject: "请说明收集了哪些信息", text: "示例应用要求打开通讯录权限，我想知道你们收集了哪些信息、用来做什么。"},
		{category: ticket.CategoryService, locale: en, name: "Taylor Sample", mail: "taylor.sample@example.net",
			subject: "Nobody picks up the hotline", text: "I called the demonstration hotline three times this week and was cut off every time."},
		{category: ticket.CategoryMarketing, locale: zh, name: "林试用", mail: "lin.shiyong@example.net",
			subject: "退订后仍收到广告短信", text: "上周已回复 T 退订，今天又收到两条推广短信，请停止发送。", acts: []act{prove}},
		{category: ticket.CategoryAccount, locale: zh, name: "高示范", mail: "gao.shifan@example.net",
			subject: "账号无法登录", text: "更换手机后收不到验证码，账号一直无法登录，请协助处理。",
			acts: []act{prove, claim(liWei), note("已联系示例短信平台核对发送记录，等待回复。")}},
		{category: ticket.CategoryPrivacy, locale: en, channel: ticket.ChannelPhone, age: daysOld(4),
			name: "Morgan Example", mail: "morgan.example@example.net", subject: "Location history",
			text: "The caller asks how long the sample app keeps the location history and who can read it.",
			acts: []act{prove, claim(chenJing)}},
		{category: ticket.CategoryIntellectual, locale: zh, channel: ticket.ChannelLetter, age: daysOld(6),
			relation: ticket.EnterpriseContact, relationNote: "样例文化有限公司(虚构)法务联系人",
			name: "徐样本", mail: "xu.yangben@example.net", subject: "图片侵权通知",
			text: "贵平台示例频道使用了我公司享有著作权的三张插图，请予以下架。",
			acts: []act{prove, claim(liWei), ask("请提供三张插图的权属证明以及对应页面的链接，以便我们核实。")}},
		{category: ticket.CategoryMarketing, locale: en, name: "Robin Placeholder", mail: "robin.placeholder@example.net",
			subject: "Newsletter I never asked for", text: "I keep getting a newsletter that I never subscribed to. Please tell me where my address came from.",
			acts: []act{prove, claim(chenJing), ask("Could you send us the newsletter's subject line and the day you got it?"),
				reply("It was called Sample Weekly and came last Monday.")}},
		{category: ticket.CategoryService, locale: zh, name: "何模拟", mail: "he.moni@example.net",
			subject: "客服回复太慢", text: "提交的问题过了五天才有人回复，希望改进服务。",
			acts: []act{prove, claim(chenJing), answer(ticket.Accepted, "", "感谢您的意见。我们已调整值班安排，今后工作日内当天回复。")}},
		{category: ticket.CategoryPrivacy, locale: en, channel: ticket.ChannelMail, age: daysOld(8),
			name: "Jamie Specimen", mail: "jamie.specimen@example.net", subject: "Copy of chat records",
			text: "Please send me all chat records of the family group, including what the others wrote.",
			acts: []act{prove, claim(liWei), answer(ticket.Partly, ticket.ReasonOthersRights,
				"Your own messages are attached to your account's export page. We can't hand out what others wrote.")}},
		{category: ticket.CategoryOther, locale: zh, name: "罗虚构", mail: "luo.xugou@example.net",
			subject: "要求赔偿", text: "昨天应用闪退一次，要求赔偿一台全新手机。",
			acts: []act{prove, claim(liWei), answer(ticket.Declined, ticket.ReasonUnfounded, "经核查，闪退未造成数据或财产损失，您的请求缺乏依据。闪退问题已在新版本中修复。")}},
		{category: ticket.CategoryAccount, locale: zh, name: "宋范例", mail: "song.fanli@example.net",
			subject: "昵称显示错误", text: "我的昵称显示成了乱码，刷新后也没有恢复。",
			acts: []act{prove, claim(chenJing), answer(ticket.Accepted, "", "昵称显示问题已修复，请重新登录查看。"), solved(ticket.Closed)}},
		{category: ticket.CategoryOther, locale: en, name: "Casey Dummy", mail: "casey.dummy@example.net",
			subject: "Dark theme", text: "The sample app has no dark theme. I found the switch just after sending this.",
			acts: []act{prove, withdraw}},
		{category: ticket.CategorySecurityIncident, locale: zh, name: "唐演练", mail: "tang.yanlian@example.net",
			subject: "疑似信息泄露", text: "收到一封钓鱼邮件，里面有我在示例商城的订单号，怀疑信息泄露。", acts: []act{prove}},
		{category: ticket.CategorySecurityIncident, locale: en, name: "Alex Mockup", mail: "alex.mockup@example.net",
			subject: "Somebody else's invoice", text: "After signing in I saw the invoice of a company that is not mine. I closed the page at once.",
			acts: []act{prove, claim(sunYue), note("Engineering is looking at the cache of the invoice page. Drill, not a real incident.")}},
		{category: ticket.CategoryPrivacy, locale: zh, channel: ticket.ChannelLetter, age: atRisk(),
			relation: ticket.Guardian, relationNote: "虚构人物示例小朋友的母亲",
			name: "冯样张", mail: "feng.yangzhang@example.net", subject: "未成年人信息",
			text: "孩子未经同意注册了示例学习应用，请说明并处理其个人信息。", acts: []act{prove, claim(liWei)}},
		{category: ticket.CategoryMarketing, locale: zh, channel: ticket.ChannelLetter, age: overdueSince(9),
			name: "邓假设", mail: "deng.jiashe@example.net", subject: "推销电话",
			text: "每天接到以示例公司名义打来的推销电话，请查明号码来源。", acts: []act{prove}},
		{category: ticket.CategoryService, locale: en, channel: ticket.ChannelPhone, age: overdueSince(3),
			name: "Sam Fictional", mail: "sam.fictional@example.net", subject: "Refund of a test order",
			text: "The caller has waited for weeks for the refund of order SAMPLE-0042.",
			acts: []act{prove, claim(chenJing), escalate("The refund system of the sample shop has no owner at the moment. Please name one."), acknowledge}},
	}
	return ofKind(ticket.Complaint, all)
}

// reopened are complaints whose answer did not help.
func reopened() []story {
	return ofKind(ticket.Complaint, []story{
		{category: ticket.CategoryPrivacy, locale: ticket.Chinese, channel: ticket.ChannelCounter, age: daysOld(5),
			name: "曹例子", mail: "cao.lizi@example.net", subject: "人脸识别门禁",
			text: "示例园区只能刷脸进入，请提供其他方式。",
			acts: []act{prove, claim(liWei), answer(ticket.Accepted, "", "园区前台可办理门禁卡，请携带证件前往。"),
				appeal("前台说没有门禁卡可办，问题没有解决。")}},
		{category: ticket.CategoryAccount, locale: ticket.English, name: "Jordan Testcase", mail: "jordan.testcase@example.net",
			subject: "Account suspended", text: "My sample account was suspended and nobody tells me why.",
			acts: []act{prove, claim(chenJing), answer(ticket.Declined, ticket.ReasonEvidenceMissing, "We could not find a suspended account from what you sent."),
				appeal("The account name was in my first message. Please look again."), claim(sunYue)}},
	})
}

func corrections() []story {
	const zh, en = ticket.Chinese, ticket.English
	return ofKind(ticket.InfoCorrection, []story{
		{locale: en, name: "Siobhán O’Connor", account: "siobhan.oconnor@example.com", text: "I have moved.",
			changes: change("address", "12 Test Lane, Shanghai", "34 Trial Road, Shanghai")},
		{locale: zh, name: "张伟", account: "zhang.wei@example.com", text: "换了新号码。",
			changes: change("phone", "13800138001", "13900139001"), acts: []act{prove}},
		{locale: zh, channel: ticket.ChannelPhone, age: daysOld(3), name: "刘洋", account: "liu.yang@example.org",
			text: "公司名称变更，请更正。", changes: change("company", "成都示例科技有限公司", "成都样例科技有限公司"),
			acts: []act{prove, assign(chenJing)}},
		{locale: zh, name: "陈静", account: "chen.jing@example.com", text: "户籍姓名已变更，附有证明。",
			changes: change("real_name", "陈静", "陈婧"),
			acts:    []act{prove, claim(liWei), checkRealName, decide(ticket.Accepted, "", "经核验，您的实名信息已更正。")}},
		{locale: en, name: "Alice Example", account: "alice@example.com", text: "New office.",
			changes: change("address", "10 Sample Road, Beijing", "21 Demonstration Street, Beijing"),
			acts:    []act{prove, claim(chenJing), answer(ticket.Accepted, "", "Your address has been corrected.")}},
		{locale: zh, channel: ticket.ChannelCounter, age: daysOld(7), name: "王芳", account: "wang.fang@example.com",
			text: "请补上公司名称。", changes: change("company", "", "某某样例集团"),
			acts: []act{prove, claim(liWei), answer(ticket.Declined, ticket.ReasonEvidenceMissing, "未能提供新公司的证明材料，暂无法更正。补充材料后可再次申请。")}},
		{locale: zh, channel: ticket.ChannelMail, age: overdueSince(5), name: "周婷", account: "zhou.ting@example.org",
			text: "搬家了，请更正地址。", changes: change("address", "南京市鼓楼区样例里9号", "南京市玄武区范例路90号"),
			acts: []act{prove, claim(liWei), ask("您填写的新地址没有楼栋和门牌，请补充完整。")}},
		{locale: zh, channel: ticket.ChannelCounter, age: atRisk(), name: "杨磊", account: "yang.lei@example.org",
			relation: ticket.AuthorisedAgent, relationNote: "持虚构授权委托书的代理人",
			text: "地址有误。", changes: change("address", "武汉市江汉区样本路6号", "武汉市江汉区样本路66号"), acts: []act{prove}},
	})
}

// cancellations: no other story is about an account that one of these erases.
func cancellations() []story {
	const zh, en = ticket.Chinese, ticket.English
	return ofKind(ticket.AccountCancellation, []story{
		{locale: zh, name: "李娜", account: "li.na@example.com", text: "不再使用，申请注销。"},
		{locale: zh, name: "王芳", account: "wang.fang@example.com", text: "申请注销账号。", acts: []act{prove}}, // u-1002: an unpaid bill
		{locale: zh, name: "周婷", account: "zhou.ting@example.org", text: "申请注销账号。", acts: []act{prove}},
		{locale: en, name: "Alice Example", account: "alice@example.com", text: "Please delete my account.",
			acts: []act{prove, confirm, claim(chenJing)}},
		{locale: zh, channel: ticket.ChannelCounter, age: daysOld(2), name: "黄强", account: "huang.qiang@example.com",
			text: "账号已不用，请注销。", acts: []act{prove, confirm, claim(liWei), answer(ticket.Accepted, "", "您的账号已注销，个人信息已删除或匿名化处理。")}},
		{locale: zh, name: "赵敏", account: "zhao.min@example.com", text: "注册错了，请注销。",
			acts: []act{prove, confirm, claim(chenJing), answer(ticket.Accepted, "", "您的账号已注销。"), solved(ticket.Retained)}},
		{locale: en, name: "Bob Sample", account: "bob@example.org", text: "Delete it, please.", acts: []act{prove, withdraw}},
		{locale: zh, channel: ticket.ChannelPhone, age: daysOld(5), name: "陈静", account: "chen.jing@example.com", text: "申请注销。",
			acts: []act{prove, confirm, claim(liWei), answer(ticket.Declined, ticket.ReasonLegalObligation, "该账号涉及的示例合同仍在法定保存期内，暂不能注销。")}},
		{locale: zh, channel: ticket.ChannelLetter, age: atRisk(), name: "刘洋", account: "liu.yang@example.org", text: "来信申请注销账号。",
			acts: []act{prove, confirm}},
		{locale: en, channel: ticket.ChannelLetter, age: overdueSince(14), name: "Siobhán O’Connor", account: "siobhan.oconnor@example.com",
			text: "By letter: please close my account.", acts: []act{prove}}, // a pending dispute
	})
}

func change(field contract.FieldName, old, proposed string) []store.Change {
	return []store.Change{{Field: field, Old: old, Proposed: proposed}}
}

// ofKind fills in what stories of a kind share. Who asks about an account writes
// from the address on file.
func ofKind(kind ticket.Kind, all []story) []story {
	for i := range all {
		all[i].kind = kind
		if all[i].mail == "" {
			all[i].mail = all[i].account
		}
	}
	return all
}
