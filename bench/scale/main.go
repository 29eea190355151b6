// Command scale measures how long the desk's pages take when there are many tickets:
// each page at a small desk and at a large one, turn by turn in one run, over the
// real handlers and databases. It prints a table in Markdown.
//
//	go run ./bench/scale --dir /tmp/scale
//
// With --dir the desks stay there, and the next run measures them without filling
// them anew. A million tickets take about 10 GB for each database.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// flags are what can be asked for.
type flags struct {
	Dir       string   `help:"Where the desks are; empty: a temporary folder, deleted at the end." placeholder:"DIR"`
	Databases []string `default:"mariadb,sqlite" help:"On which databases: mariadb, sqlite."`
	Small     int      `default:"1000" help:"Tickets of the small desk."`
	Large     int      `default:"1000000" help:"Tickets of the large desk."`
	Rounds    int      `default:"300" help:"How often each page is asked for, at each desk."`
	Only      string   `help:"Measure only the pages whose name has this in it."`
	Buffer    string   `default:"1G" help:"MariaDB's buffer pool."`
}

func main() {
	var f flags
	kong.Parse(&f, kong.Name("scale"), kong.Description("How long pages take when there are many tickets."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, f); err != nil {
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, f flags) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400) // as rightsdesk api does
	}
	if f.Dir == "" {
		dir, err := os.MkdirTemp("", "rightsdesk-scale-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		f.Dir = dir
	}
	for _, name := range f.Databases {
		if !slices.Contains([]string{"mariadb", "sqlite"}, name) {
			return fmt.Errorf("there is no database %q: mariadb or sqlite", name)
		}
		if err := runOn(ctx, f, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func runOn(ctx context.Context, f flags, database string) error {
	where, err := serve(filepath.Join(f.Dir, database), database, f.Buffer)
	if err != nil {
		return err
	}
	defer where.stop()
	small, err := where.desk(ctx, f.Small)
	if err != nil {
		return err
	}
	defer small.close()
	large, err := where.desk(ctx, f.Large)
	if err != nil {
		return err
	}
	defer large.close()
	var results []result
	for _, p := range pages() {
		if !strings.Contains(p.name, f.Only) {
			continue
		}
		r, err := measure(ctx, p, small, large, f.Rounds, where.working())
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		fmt.Fprintln(os.Stderr, database, r)
		results = append(results, r)
	}
	return report(os.Stdout, where.name, small, large, f.Rounds, results)
}
