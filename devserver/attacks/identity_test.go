package attacks

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/accounts"
	"rightsdesk/contract"
	"rightsdesk/devserver/samplegateways"
	"rightsdesk/store"
	"rightsdesk/ticket"
)

// account makes an account of its own for a test.
func (a *attack) account(name string, more ...string) (email string) {
	a.Helper()
	email = name + "@customers.example"
	values := map[string]string{"account_name": name, "email": email, "name": name, "address": "1 Old Street"}
	for i := 0; i+1 < len(more); i += 2 {
		values[more[i]] = more[i+1]
	}
	require.NoError(a, a.People.Add(a.Context(), accounts.Ref("r-"+name), values))
	return email
}

func TestACodeNeverGoesToAnAddressTypedByAnImpostor(t *testing.T) {
	a := begin(t)
	c := a.from(1)
	onFile := a.account("victim1")
	const typed = "victim1@custorners.example" // looks alike
	f := a.file(c, cancellation(typed, "victim1"))
	a.code(onFile, f.Number)
	for _, text := range a.mails(typed, "") {
		assert.NotRegexp(t, sixDigits, strings.ReplaceAll(text, string(f.Number), ""), "a code in a mail to the impostor")
	}
}

func TestAContactChangedByATicketEarnsNoTrustForAWeek(t *testing.T) {
	a := begin(t)
	c := a.from(1)
	onFile := a.account("victim2")
	const taken = "taken-over@mallory.example"
	f := a.file(c, correction("mallory@mallory.example", "victim2", "email", taken))
	link := a.proved(c, f, onFile) // the thief had the old mailbox for a moment
	require.NotEmpty(t, link)
	agent := a.staff("a.contact", ticket.Agent)
	lease := a.claimed(c, agent, f.Number)
	a.into(a.api(c, "POST", "/tickets/"+string(f.Number)+"/decide", agent, map[string]any{"lease": lease, "outcome": "accepted",
		"text": "Changed.", "fields": []map[string]any{{"field": "email", "accept": true}}}), http.StatusOK, nil)
	a.stage(f.Number, ticket.Answered)

	second := a.file(c, cancellation("mallory@mallory.example", "victim2"))
	a.stage(second.Number, ticket.Verifying)
	a.eventually("the code's letter is settled", func() bool {
		mails, err := a.records.Mails(a.Context(), second.Number)
		require.NoError(t, err)
		return slices.ContainsFunc(mails, func(m store.Mail) bool { return m.Letter == contract.LetterCode && m.Status == store.MailAccepted })
	})
	assert.Empty(t, a.mails(taken, second.Number), "the new contact proves nothing yet")
}

func TestRightFactsWithoutTheContactProveNothing(t *testing.T) {
	a := begin(t)
	c := a.from(1)
	citizen := samplegateways.Citizens()[1]
	onFile := a.account("victim3", "real_name", "旧名")
	f := a.file(c, correction("mallory3@mallory.example", "victim3", "real_name", citizen.Name))
	facts := map[string]string{"name": citizen.Name, "id_number": citizen.IDNumber, "phone": citizen.Phone}
	assert.Equal(t, http.StatusForbidden, a.api(c, "POST", "/ticket/real-name", f.Link, facts).status, "all right, and no control of the contact")
	link := a.proved(c, f, onFile)
	assert.Equal(t, http.StatusOK, a.api(c, "POST", "/ticket/real-name", link, facts).status)
	a.eventually("proved", func() bool { return a.ticket(f.Number).Level == ticket.LevelReal })
}

func TestAnotherPersonsTrueNameProvesNothing(t *testing.T) {
	a := begin(t)
	c := a.from(1)
	thief := samplegateways.Citizens()[0]
	onFile := a.account("victim4", "real_name", "Victor Real")
	f := a.file(c, correction("mallory4@mallory.example", "victim4", "id_number", "110105194912310038"))
	link := a.proved(c, f, onFile)
	facts := map[string]string{"name": thief.Name, "id_number": thief.IDNumber, "phone": thief.Phone}
	ans := a.api(c, "POST", "/ticket/real-name", link, facts)
	assert.Equal(t, http.StatusUnprocessableEntity, ans.status, ans.body)
	assert.Equal(t, ticket.LevelAccount, a.ticket(f.Number).Level)
	for range 3 {
		ans = a.api(c, "POST", "/ticket/real-name", link, facts)
	}
	assert.Equal(t, http.StatusTooManyRequests, ans.status, "three tries a day")
}

func TestTenThousandGuessesFromManyAddressesFindNothing(t *testing.T) {
	a := begin(t)
	onFile := a.account("victim5")
	owner := a.from(1)
	f := a.file(owner, cancellation("mallory5@mallory.example", "victim5"))
	right := a.code(onFile, f.Number)

	const guesses, addresses = 10_000, 100
	var mu sync.Mutex
	seen := map[int]int{}
	var wg sync.WaitGroup
	for host := range addresses {
		wg.Go(func() {
			c := a.from(byte(10 + host))
			for range guesses / addresses {
				guess := fmt.Sprintf("%06d", rand.IntN(1_000_000))
				if guess == right {
					continue
				}
				ans := a.api(c, "POST", "/ticket/code", f.Link, map[string]string{"code": guess})
				mu.Lock()
				seen[ans.status]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	assert.Zero(t, seen[http.StatusOK])
	v, err := a.records.LatestVerification(t.Context(), f.Number)
	require.NoError(t, err)
	assert.LessOrEqual(t, v.Tries, store.MaxTries, "so many were looked at")
	assert.NotEqual(t, http.StatusOK, a.api(owner, "POST", "/ticket/code", f.Link, map[string]string{"code": right}).status,
		"after five wrong ones the right one is worthless too")
	t.Logf("answers by status: %v", seen)
}

func TestACodeServesItsOwnTicketOnceOnly(t *testing.T) {
	a := begin(t)
	c := a.from(1)
	one := a.file(c, complaint("own6@mallory.example", "What do you keep about me, please?"))
	two := a.file(c, complaint("own6@mallory.example", "And a second question about that."))
	code := a.code("own6@mallory.example", one.Number)
	if other := a.code("own6@mallory.example", two.Number); other != code {
		assert.Equal(t, http.StatusUnprocessableEntity, a.api(c, "POST", "/ticket/code", two.Link, map[string]string{"code": code}).status)
	}
	a.proved(c, one, "own6@mallory.example")
	assert.Equal(t, http.StatusUnauthorized, a.api(c, "POST", "/ticket/code", one.Link, map[string]string{"code": code}).status,
		"the link it was entered with has ended")
}

func TestWhoProvesTwiceAtOnceProvesOnce(t *testing.T) {
	a := begin(t)
	onFile := a.account("victim7")
	c := a.from(1)
	f := a.file(c, cancellation("own7@mallory.example", "victim7"))
	link := a.proved(c, f, onFile)
	a.stage(f.Number, ticket.WaitingOnSubject)
	var wg sync.WaitGroup
	var mu sync.Mutex
	status := map[int]int{}
	for range 8 {
		wg.Go(func() {
			ans := a.api(c, "POST", "/ticket/consequences", link, map[string]bool{"understood": true})
			mu.Lock()
			status[ans.status]++
			mu.Unlock()
		})
	}
	wg.Wait()
	assert.Equal(t, 1, status[http.StatusOK], "%v", status)
	events, err := a.records.Events(t.Context(), f.Number)
	require.NoError(t, err)
	confirmed := 0
	for _, e := range events {
		if e.Act == contract.ActConfirmed {
			confirmed++
		}
	}
	assert.Equal(t, 1, confirmed)
}

// A stranger must not learn who is a customer: neither from what is answered nor
// from how long it takes.
func TestCustomersAndStrangersCannotBeToldApart(t *testing.T) {
	a := begin(t)
	const rounds = 40
	took := map[bool][]time.Duration{}
	shape := map[bool]map[string]bool{true: {}, false: {}}
	number := regexp.MustCompile(`DSR-\d{8}-[0-9A-Z]{8}|"link":"[^"]*"|"[a-z_]+_at":"[^"]*"|"email":"[^"]*"`)
	for i := range rounds {
		a.account(fmt.Sprintf("known8-%d", i))
		for _, known := range []bool{true, false} {
			name := fmt.Sprintf("stranger8-%d", i)
			if known {
				name = fmt.Sprintf("known8-%d", i)
			}
			c := a.from(byte(1 + i))
			ans := a.api(c, "POST", "/tickets", "", cancellation(fmt.Sprintf("probe8-%d-%v@mallory.example", i, known), name))
			require.Equal(t, http.StatusCreated, ans.status, ans.body)
			took[known] = append(took[known], ans.took)
			shape[known][number.ReplaceAllString(ans.body, "…")] = true
			var f filed
			a.into(ans, http.StatusCreated, &f)
			a.stage(f.Number, ticket.Verifying)
			wrong := a.api(c, "POST", "/ticket/code", f.Link, map[string]string{"code": "000000"})
			shape[known][fmt.Sprint(wrong.status, wrong.body)] = true
			own := a.api(c, "GET", "/ticket", f.Link, nil)
			shape[known][number.ReplaceAllString(own.body, "…")] = true
			took[known] = append(took[known], wrong.took)
		}
	}
	assert.Equal(t, shape[false], shape[true], "the same words for both")
	customer, stranger := median(took[true]), median(took[false])
	t.Logf("median: customers %v, strangers %v", customer, stranger)
	ratio := float64(customer) / float64(stranger)
	assert.InDelta(t, 1, ratio, 0.6, "customers %v, strangers %v", customer, stranger)
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

func TestNumbersAndLinksAreNotGuessed(t *testing.T) {
	a := begin(t)
	c := a.from(1)
	real := a.file(c, complaint("own9@mallory.example", "How long do you keep this, please?"))
	alike := map[string]bool{}
	for i := range 60 {
		n := ticket.NewNumber(time.Now())
		if i == 0 {
			n = real.Number
		}
		ans := a.api(a.from(byte(1+i)), "POST", "/links", "", map[string]string{"number": string(n), "email": fmt.Sprintf("nobody9-%d@mallory.example", i)})
		alike[fmt.Sprint(ans.status, ans.body)] = true
		ans = a.send(a.from(byte(1+i)), "GET", a.Form+"track/"+string(n), "", nil)
		assert.Equal(t, http.StatusNotFound, ans.status)
	}
	assert.Len(t, alike, 1, "a number that exists is answered like one that does not: %v", alike)
	for _, token := range []string{"", "x", real.Link[:len(real.Link)-1], real.Link + "A", strings.ToUpper(real.Link), string(real.Number)} {
		assert.Equal(t, http.StatusUnauthorized, a.api(c, "GET", "/ticket", token, nil).status)
	}
}

func TestAnUnverifiedTicketTouchesNoOther(t *testing.T) {
	a := begin(t)
	onFile := a.account("victim10")
	owner, mallory := a.from(1), a.from(2)
	genuine := a.file(owner, cancellation(onFile, "victim10"))
	link := a.proved(owner, genuine, onFile)
	before := a.ticket(genuine.Number)
	for range 3 {
		a.file(mallory, cancellation("mallory10@mallory.example", "victim10"))
	}
	var own struct {
		Messages []any
		Timeline []struct{ Text string }
	}
	a.into(a.api(owner, "GET", "/ticket", link, nil), http.StatusOK, &own)
	after := a.ticket(genuine.Number)
	assert.Equal(t, before.Number, after.Number)
	assert.Equal(t, ticket.LevelAccount, after.Level)
	assert.NotEqual(t, ticket.Withdrawn, after.Stage)
	for _, line := range own.Timeline {
		assert.NotContains(t, line.Text, "another request")
	}
}

func TestNobodyWithdrawsSomebodyElsesTicket(t *testing.T) {
	a := begin(t)
	onFile := a.account("victim11")
	owner, mallory := a.from(1), a.from(2)
	genuine := a.file(owner, cancellation(onFile, "victim11"))
	unproved := genuine.Link
	link := a.proved(owner, genuine, onFile)
	hers := a.file(mallory, complaint("mallory11@mallory.example", "Something else entirely, thank you."))
	for _, token := range []string{unproved, hers.Link, ""} {
		a.api(mallory, "POST", "/ticket/withdrawal", token, nil)
	}
	a.stage(hers.Number, ticket.Withdrawn) // her own is hers to withdraw
	assert.NotEqual(t, ticket.Withdrawn, a.ticket(genuine.Number).Stage)
	assert.Equal(t, http.StatusOK, a.api(owner, "POST", "/ticket/withdrawal", link, nil).status)
}

// A ticket that has been overdue for weeks is granted nothing more easily, and a
// code for the account does not do where a real name has to be proved.
func TestAnOverdueTicketAsksForTheSameProofs(t *testing.T) {
	a := begin(t)
	c := a.from(1)
	a.account("overdue34")
	lead, agent := a.staff("a.pressed", ticket.Lead), a.staff("a.pressed2", ticket.Agent)
	request := cancellation("mallory34@mallory.example", "overdue34")
	request["channel"], request["received_at"] = "phone", time.Now().Add(-60*24*time.Hour).UTC().Format(time.RFC3339)
	var f filed
	a.into(a.api(c, "POST", "/tickets/for-person", lead, request), http.StatusCreated, &f)
	a.eventually("the deadline has passed", func() bool { return a.ticket(f.Number).SLA == ticket.Breached })
	path, accept := "/tickets/"+string(f.Number), map[string]any{"outcome": "accepted", "text": "Done, at last."}
	accept["lease"] = a.claimed(c, lead, f.Number)
	ans := a.api(c, "POST", path+"/decide", lead, accept)
	assert.Equal(t, http.StatusConflict, ans.status)
	assert.Contains(t, ans.body, "not_verified_yet")
	assert.GreaterOrEqual(t, a.api(c, "POST", path+"/approve", agent, map[string]any{"approve": true}).status, 400)
	assert.Equal(t, ticket.LevelNone, a.ticket(f.Number).Level)
	assert.Nil(t, a.erased(f.Number))

	onFile := a.account("level35", "real_name", "Old Name")
	named := a.file(c, correction("own35@filers.example", "level35", "real_name", "New Name"))
	a.proved(c, named, onFile)
	a.eventually("proved", func() bool { return a.ticket(named.Number).Level == ticket.LevelAccount })
	lease := a.claimed(c, agent, named.Number)
	ans = a.api(c, "POST", "/tickets/"+string(named.Number)+"/decide", agent, map[string]any{"lease": lease, "outcome": "accepted", "text": "Corrected.",
		"fields": []map[string]any{{"field": "real_name", "accept": true}}})
	assert.Equal(t, http.StatusUnprocessableEntity, ans.status)
	assert.Contains(t, ans.body, "identity_not_strong_enough")
}
