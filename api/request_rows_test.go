package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rightsdesk/ticket"
)

func TestAHalfFilledRowIsAnErrorAtThatRow(t *testing.T) {
	b := newWeb(t).browser(en)
	v := b.start(ticket.InfoCorrection)
	v["change_field"] = []string{"name", "email", "", ""}
	v["change_old"] = []string{"", "", "", " "}
	v["change_new"] = []string{"王大明", "", "上海", ""}
	p := b.upload("/request/info_correction", v)
	require.Equal(t, http.StatusUnprocessableEntity, p.Status)
	assert.Equal(t, []string{"change-2-proposed", "change-3-field"}, p.problems())
	assert.Contains(t, p.text(), "Item 2, E-mail address: Fill this in")
	assert.Contains(t, p.text(), "Item 3: Choose which information is to be corrected")

	v["change_field"], v["change_old"], v["change_new"] = []string{"name", ""}, []string{"", ""}, []string{"王大明", "　"}
	p = b.upload("/request/info_correction", v)
	require.Equal(t, http.StatusOK, p.Status, "a row left wholly empty is nobody's wish")
	assert.Equal(t, []string{"name"}, p.form("check")["change_field"])
}

func TestTextPastedTooLongIsSaidAndKept(t *testing.T) {
	b := newWeb(t).browser(en)
	v := b.start(ticket.Complaint)
	v.Set("name", strings.Repeat("n", 101))
	v.Set("text", strings.Repeat("字", 5001))
	p := b.upload("/request/complaint", v)
	require.Equal(t, http.StatusUnprocessableEntity, p.Status)
	assert.Contains(t, p.text(), "Your name: This is too long; at most 100 characters")
	assert.Contains(t, p.text(), "What happened? This is too long; at most 5000 characters")
	form := p.form("request")
	assert.Equal(t, v["name"], form["name"])
	assert.Equal(t, v["text"], form["text"])
	assert.NotContains(t, p.Body, "maxlength", "a browser would cut what is pasted, and say nothing")
	assert.Contains(t, p.text(), "At least 10 characters.")
}
