package desk

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"rightsdesk/ticket"
)

func TestAnAmountIsReadAsItIsTyped(t *testing.T) {
	for typed, fen := range map[string]int{"3.17": 317, "¥3.17": 317, " ３.１７ 元": 317, "0.05": 5, ".5": -1, "3": 300, "3.1": 310, "3.175": -1, "": -1, "three": -1, "-1": -1, "1e2": -1, "9999999": -1} {
		got, ok := fenOf(typed)
		if fen < 0 {
			assert.False(t, ok, "%q", typed)
			continue
		}
		assert.True(t, ok, "%q", typed)
		assert.Equal(t, fen, got, "%q", typed)
	}
}

func TestOnlyWhatTheDeskHasIsOffered(t *testing.T) {
	p, _, err := ticket.EmbeddedPolicy("cn")
	assert.NoError(t, err)
	o := newOffice(t)
	assert.Equal(t, []ticket.Method{ticket.MethodMailCode}, o.Offered(p, ticket.LevelAccount))
	assert.Equal(t, []ticket.Method{ticket.MethodIDDocument, ticket.MethodAgentCheck}, o.Offered(p, ticket.LevelReal))
	o.verifiers = Verifiers{Texts: true, SignIn: true}
	assert.Equal(t, []ticket.Method{ticket.MethodMailCode, ticket.MethodSMSCode, ticket.MethodSignIn}, o.Offered(p, ticket.LevelAccount))
}

func TestEveryVerifierProvesWhatItsMethodCan(t *testing.T) {
	o := newOffice(t)
	for _, v := range o.allVerifiers() {
		assert.NotEmpty(t, v.method().Proves(), v.method())
		onTicket, onNetwork := v.tries()
		assert.Positive(t, onTicket.max)
		assert.GreaterOrEqual(t, onNetwork.max, onTicket.max, "one person is not held up by their own network")
	}
}
