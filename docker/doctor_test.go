package docker_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/contract"
)

func TestEveryFindingOfTheDoctorIsExplained(t *testing.T) {
	page, err := os.ReadFile("../docs/doctor.md")
	require.NoError(t, err)
	for _, d := range contract.Drifts() {
		assert.Contains(t, string(page), "| `"+string(d)+"` |", "docs/doctor.md does not say what %s means", d)
	}
}
