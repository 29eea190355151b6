package command

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// readyCommand asks a running process whether it can do its work: the health check
// of an image that has no other program in it. A worker answers on the port of its
// metrics.
type readyCommand struct {
	URL string `default:"http://127.0.0.1:8080/readyz" help:"What to ask: of an api process its own port, of a worker --metrics-listen." placeholder:"URL"`
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
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 500))
	said := strings.TrimSpace(string(body))
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", resp.Status, said)
	}
	fmt.Fprintln(s.out, said)
	return nil
}
