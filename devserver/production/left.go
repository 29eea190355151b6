package production

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"rightsdesk/devserver/sampleaccounts"
	"rightsdesk/store"
)

// What is looked at once people have what they came for.

// Persons are the people of the account system by the name of their account, which is
// its ref too: an erased account has no name any more.
func (d *Desk) Persons(ctx context.Context) (map[string]sampleaccounts.Person, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.Accounts+"/accounts", nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var list []sampleaccounts.Person
	if err := json.NewDecoder(resp.Body).Decode(&list); err != nil {
		return nil, err
	}
	byRef := map[string]sampleaccounts.Person{}
	for _, p := range list {
		byRef[string(p.Ref)] = p
	}
	return byRef, nil
}

// settledWithin is longer than workers need for any act that is in question.
const settledWithin = 3 * time.Minute

// AwaitSettled waits until no act is in question any more, for which the doctor would
// make an allowance.
func AwaitSettled(ctx context.Context, records *store.Store) error {
	ctx, cancel := context.WithTimeout(ctx, settledWithin)
	defer cancel()
	for {
		acts, err := records.Unsettled(ctx, time.Now().Add(48*time.Hour), 10)
		if err == nil && len(acts) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("acts are not settled: %v, %v", acts, err)
		case <-time.After(time.Second):
		}
	}
}
