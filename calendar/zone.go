package calendar

import (
	"time"
	_ "time/tzdata" // a container image without zone files still counts in the right zone
)

// mustLocation loads a zone that time/tzdata carries, so it can't be missing.
func mustLocation(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic("calendar: zone " + name + ": " + err.Error())
	}
	return loc
}
