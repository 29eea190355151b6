package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestProcessesToWatchAreNamed(t *testing.T) {
	out, err := watch([]string{"api=12", "api=13", "database=7"})
	require.NoError(t, err)
	assert.Equal(t, []watched{{"api", 12}, {"api", 13}, {"database", 7}}, out)
	for _, wrong := range []string{"api", "api=", "api=x", "=12", "devserver=12", "bench=1"} {
		_, err := watch([]string{wrong})
		assert.ErrorContains(t, err, "NAME=PID", wrong)
	}
}
