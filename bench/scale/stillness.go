package main

import (
	"crypto/sha256"
	"time"
)

// stillness tells whether this machine is doing something else: a little work that
// always is the same takes longer then.
type stillness struct{ usual time.Duration }

func newStillness() *stillness {
	s := &stillness{usual: time.Hour}
	for range 500 {
		s.usual = min(s.usual, work())
	}
	return s
}

// quiet reports that the machine is as quick as it can be. Without a stillness it
// always is.
func (s *stillness) quiet() bool { return s == nil || work() < s.usual*3/2 }

// work takes about half a millisecond.
func work() time.Duration {
	begun := time.Now()
	var sum [32]byte
	for range 2000 {
		sum = sha256.Sum256(sum[:])
	}
	return time.Since(begun)
}
