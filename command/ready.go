package command

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// readyCommand asks a running api process whether it can take tickets: the health
// check of an image that has no other program in it.
type readyCommand struct {
	URL string `default:"http://127.0.0.1:8080/readyz" help:"What to ask." placeholder:"URL"`
}

func (r *readyCommand) Run(ctx context.Context, s streams) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL, nil)
	if err != nil {
		return fmt.Errorf("--url: %q is no address", r.URL)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("nothing answers: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", resp.Status)
	}
	fmt.Fprintln(s.out, "ready")
	return nil
}
