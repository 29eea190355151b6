package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rightsdesk/bench/report"
)

// part is one thing to measure, on a desk of its own.
type part struct {
	name  string
	apart bool // api and worker are processes of their own
	do    func(*flags, context.Context, *stand) (string, error)
}

var parts = []part{
	{"throughput", false, (*flags).throughput},
	{"intake", true, (*flags).intake},
	{"cost", true, (*flags).cost},
	{"growth", true, (*flags).growth},
}

func (f *flags) run(ctx context.Context) error {
	for _, p := range parts {
		if !slices.Contains(f.Parts, p.name) {
			continue
		}
		began := time.Now()
		text, err := f.measure(ctx, p)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		f.say("%s took %s", p.name, time.Since(began).Round(time.Second))
		if f.Document == "" {
			fmt.Println(text)
			continue
		}
		if err := report.Put(f.Document, p.name, text); err != nil {
			return err
		}
	}
	return nil
}

func (f *flags) measure(ctx context.Context, p part) (string, error) {
	s, err := f.open(ctx, p.apart)
	if err != nil {
		return "", err
	}
	defer s.close()
	if s.Profile != "" {
		f.say("profiles: %s", s.Profile)
	}
	return p.do(f, ctx, s)
}
