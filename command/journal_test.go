package command

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheJournalTellsTimeInSeconds(t *testing.T) {
	var out bytes.Buffer
	NewJournal(&out).With("waits", 2*time.Minute).Info("request", "took", 1500*time.Microsecond)
	var line map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	assert.Equal(t, 0.0015, line["took"])
	assert.Equal(t, 120.0, line["waits"])
}
