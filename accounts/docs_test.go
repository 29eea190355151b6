package accounts

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

// Every JSON example of the contract's page is read as the code reads it.
func TestDocumentedExamplesAreTheContract(t *testing.T) {
	page, err := os.ReadFile("../docs/account-system.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "Rightsdesk-Signature: "+goldenSignature) {
		t.Error("the signature of the page is not the tested one")
	}
	blocks := regexp.MustCompile("(?s)```json\n(.*?)```").FindAllSubmatch(page, -1)
	if len(blocks) < 12 {
		t.Fatalf("only %d examples", len(blocks))
	}
	for _, b := range blocks {
		var keys map[string]any
		if err := json.Unmarshal(b[1], &keys); err != nil {
			t.Errorf("%s: %v", b[1], err)
			continue
		}
		var v interface{ check() error }
		switch {
		case keys["operation"] != nil:
			v = &request{}
		case keys["status"] != nil:
			v = &Account{}
		case keys["obstacles"] != nil:
			v = &obstaclesAnswer{}
		case keys["reference"] != nil:
			v = &Done{}
		default:
			if !ValidField(keys["code"].(string)) {
				t.Errorf("%s: no code", b[1])
			}
			continue
		}
		strict := json.NewDecoder(strings.NewReader(string(b[1])))
		strict.DisallowUnknownFields()
		if err := strict.Decode(v); err != nil {
			t.Errorf("%s: %v", b[1], err)
		} else if err := v.check(); err != nil {
			t.Errorf("%s: %v", b[1], err)
		}
	}
}
