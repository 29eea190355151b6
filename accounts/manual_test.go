package accounts

import (
	"errors"
	"testing"
)

func TestManualLeavesEverythingToAnAgent(t *testing.T) {
	m := NewManual(clock)
	if _, err := m.Lookup(t.Context(), LookupRequest{Identifier: "x"}); !errors.Is(err, ErrLookupManual) {
		t.Errorf("lookup: %v", err)
	}
	if list, err := m.Obstacles(t.Context(), ""); err != nil || len(list) != 0 {
		t.Errorf("obstacles: %v %v", list, err)
	}
	act := Act{Ticket: "DSR-1", IdempotencyKey: "DSR-1:stop"} // no Ref: nobody could be looked up
	stop, err := m.StopServices(t.Context(), act)
	if err != nil || !stop.Pending || stop.Reference == "" || !stop.At.Equal(testTime) {
		t.Errorf("stop: %+v %v", stop, err)
	}
	erase, err := m.Erase(t.Context(), act, []ErasePlanItem{{Field: "real_name", Do: Keep, Until: testTime, Basis: "law"}})
	if err != nil || !erase.Pending || len(erase.Kept) != 1 {
		t.Errorf("erase: %+v %v", erase, err)
	}
	if d, err := m.Correct(t.Context(), act, []Change{{Field: "name", Value: "x"}}); err != nil || !d.Pending {
		t.Errorf("correct: %+v %v", d, err)
	}
	if d, err := m.Purge(t.Context(), act); err != nil || !d.Pending {
		t.Errorf("purge: %+v %v", d, err)
	}
	if _, err := m.Erase(t.Context(), act, nil); class(err) != "permanent:bad_request" {
		t.Errorf("empty plan: %v", err)
	}
}
