package mail_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/mail"
	"rightsdesk/mail/mailtest"
)

func TestTheNextMessageGoesByTheSameConversation(t *testing.T) {
	server := mailtest.Start(t)
	s := sender(t, server.Addr, nil)
	for range 3 {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := s.Send(ctx, message())
		require.NoError(t, err)
		cancel() // what one message came from has no say in the next
	}
	assert.Len(t, server.Messages(), 3)
	assert.Equal(t, 1, server.Calls())
}

func TestAServerThatHungUpIsCalledAgain(t *testing.T) {
	server := mailtest.Start(t)
	s := sender(t, server.Addr, nil)
	for range 2 {
		_, err := s.Send(t.Context(), message())
		require.NoError(t, err)
		server.HangUp()
	}
	assert.Len(t, server.Messages(), 2)
	assert.Equal(t, 2, server.Calls())
}

func TestAServerThatTakesNoMoreInOneConversationIsCalledAgain(t *testing.T) {
	server := mailtest.Start(t)
	s := sender(t, server.Addr, nil)
	_, err := s.Send(t.Context(), message())
	require.NoError(t, err)
	server.AnswerMail(421)
	_, err = s.Send(t.Context(), message())
	require.NoError(t, err)
	assert.Equal(t, 2, server.Calls())

	server.AnswerMail(0, 421, 421) // the one at rest, and a new one
	for range 2 {
		_, err = s.Send(t.Context(), message())
	}
	assert.Equal(t, mail.TemporaryError{Step: mail.StepFrom, Code: 421}, *deferred(t, err))
}

func TestAfterARefusalTheConversationIsNotUsedAgain(t *testing.T) {
	server := mailtest.Start(t)
	server.AnswerData(0, 554)
	s := sender(t, server.Addr, nil)
	for range 3 {
		_, _ = s.Send(t.Context(), message())
	}
	assert.Len(t, server.Messages(), 2)
	assert.Equal(t, 2, server.Calls())
}

func TestManyMessagesAtOnceAreAllTaken(t *testing.T) {
	server := mailtest.Start(t)
	s := sender(t, server.Addr, nil)
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			_, err := s.Send(t.Context(), message())
			assert.NoError(t, err)
		})
	}
	wg.Wait()
	assert.Len(t, server.Messages(), 40)
}
