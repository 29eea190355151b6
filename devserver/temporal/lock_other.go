//go:build !unix

package temporal

// lockDir does nothing where there is no flock; the ports still collide.
func lockDir(string) (release func() error, err error) {
	return func() error { return nil }, nil
}
