package store

import (
	"context"
	"sync/atomic"
)

// Statements counts what the database was asked for in one context.
type Statements struct{ n atomic.Int64 }

// Count is how many statements there were so far. What begins and ends a
// transaction is none.
func (s *Statements) Count() int { return int(s.n.Load()) }

type statementsKey struct{}

// CountStatements counts what is asked in the context it returns: a page whose
// count grows with what it shows asks once for each row.
func CountStatements(ctx context.Context) (context.Context, *Statements) {
	s := &Statements{}
	return context.WithValue(ctx, statementsKey{}, s), s
}

func countStatement(ctx context.Context) {
	if s, ok := ctx.Value(statementsKey{}).(*Statements); ok {
		s.n.Add(1)
	}
}
