package main

import (
	"context"
	"fmt"
	"os"
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
	if f.Database != "" && f.API == "" {
		defer func() { _ = os.RemoveAll(f.kept) }()
	}
	first := true
	for _, p := range parts {
		if !slices.Contains(f.Parts, p.name) {
			continue
		}
		began := time.Now()
		setting, text, err := f.measure(ctx, p)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		f.say("%s took %s", p.name, time.Since(began).Round(time.Second))
		if first {
			if err := f.put("setting", setting); err != nil {
				return err
			}
			first = false
		}
		if err := f.put(p.name, text); err != nil {
			return err
		}
	}
	return nil
}

// put writes what was measured into the document, or prints it.
func (f *flags) put(name, text string) error {
	if f.Document == "" {
		fmt.Printf("%s\n\n%s\n", name, text)
		return nil
	}
	return report.Put(f.Document, name, text)
}

func (f *flags) measure(ctx context.Context, p part) (setting, text string, err error) {
	s, err := f.open(ctx, p.apart)
	if err != nil {
		return "", "", err
	}
	defer s.close()
	if s.Profile != "" {
		f.say("profiles: %s", s.Profile)
	}
	if setting, err = s.setting(ctx, f.Revision); err != nil {
		return "", "", err
	}
	text, err = p.do(f, ctx, s)
	return setting, text, err
}
