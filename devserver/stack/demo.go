package stack

import "context"

// Demonstrate fills an empty desk.
func (s *Stack) Demonstrate(context.Context) error { return nil }
