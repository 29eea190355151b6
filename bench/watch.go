package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// watched is a process that the bench did not start.
type watched struct {
	name string
	pid  int
}

// sorts are the processes whose time is counted, with what the tables call them. The
// devserver is Temporal and all that stands around a desk in one.
var sorts = []struct{ name, words string }{
	{"api", "api"}, {"worker", "worker"}, {"devserver", "Temporal, mail catcher, accounts"}, {"temporal", "Temporal"}, {"database", "database server"},
	{"engine-database", "Temporal's database server"},
}

func watchable() string {
	var names []string
	for _, s := range sorts {
		if s.name != "devserver" {
			names = append(names, s.name)
		}
	}
	return strings.Join(names, ", ")
}

// watch reads NAME=PID.
func watch(given []string) (out []watched, err error) {
	names := strings.Split(watchable(), ", ")
	for _, one := range given {
		name, number, _ := strings.Cut(one, "=")
		pid, err := strconv.Atoi(number)
		if err != nil || !slices.Contains(names, name) {
			return nil, fmt.Errorf("--watch: %q is not NAME=PID, with a NAME of %s", one, watchable())
		}
		out = append(out, watched{name, pid})
	}
	return out, nil
}
