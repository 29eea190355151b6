package api

import (
	"testing"

	"github.com/stretchr/testify/require"

	"rightsdesk/templates"
)

func loadWords(t *testing.T) *templates.Words {
	t.Helper()
	words, err := templates.LoadWords()
	require.NoError(t, err)
	return words
}
