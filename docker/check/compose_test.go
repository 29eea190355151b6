package check_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// passwords are what init.sh draws into docker/.env.
var passwords = []string{"MYSQL_ROOT_PASSWORD=a", "DESK_SCHEMA_PASSWORD=b", "DESK_PASSWORD=c", "TEMPORAL_PASSWORD=d", "GRAFANA_PASSWORD=e"}

func compose(t *testing.T, env []string, profiles ...string) (*types.Project, error) {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{"../compose.yaml"}, cli.WithEnv(env), cli.WithProfiles(profiles), cli.WithResolvedPaths(true))
	if err != nil {
		t.Fatal(err)
	}
	return options.LoadProject(context.Background())
}

func whole(t *testing.T) *types.Project {
	t.Helper()
	project, err := compose(t, passwords, "*")
	if err != nil {
		t.Fatal(err)
	}
	return project
}

func TestComposeReadsItsFile(t *testing.T) {
	plain, err := compose(t, passwords)
	if err != nil {
		t.Fatal(err)
	}
	monitored, err := compose(t, passwords, "monitoring")
	if err != nil {
		t.Fatal(err)
	}
	more := slices.DeleteFunc(monitored.ServiceNames(), func(name string) bool { return slices.Contains(plain.ServiceNames(), name) })
	if !slices.Equal(more, []string{"grafana", "prometheus"}) {
		t.Errorf("the profile adds %v", more)
	}
	for _, one := range passwords {
		without := slices.DeleteFunc(slices.Clone(passwords), func(p string) bool { return p == one })
		if _, err := compose(t, without); err == nil || !strings.Contains(err.Error(), "run docker/init.sh first") {
			t.Errorf("it starts without %s: %v", one, err)
		}
	}
}

// The README's file for who has MySQL and Temporal already takes away what it says.
func TestMySQLAndTemporalCanBeOnesOwn(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(text), "  ```yaml\n  services:")
	block, _, _ = strings.Cut(block, "  ```")
	own := filepath.Join(t.TempDir(), "own.yaml")
	if err := os.WriteFile(own, []byte("services:"+strings.ReplaceAll(block, "\n  ", "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	options, err := cli.NewProjectOptions([]string{"../compose.yaml", own}, cli.WithEnv(passwords), cli.WithResolvedPaths(true))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if names := project.ServiceNames(); !slices.Equal(names, []string{"api", "mail", "migrate", "worker"}) {
		t.Errorf("what is left: %v", names)
	}
	for _, name := range []string{"migrate", "api", "worker"} {
		s := project.Services[name]
		if to := s.Environment["RIGHTSDESK_DATABASE"]; to == nil || !strings.Contains(*to, "@tcp(db.example.com:3306)") {
			t.Errorf("%s: its database is not the one that was named", name)
		}
	}
}

func TestWhatStaysUpHasAHealthCheck(t *testing.T) {
	for name, s := range whole(t).Services {
		stays := s.Restart == types.RestartPolicyUnlessStopped || s.Restart == types.RestartPolicyAlways
		if !stays && !strings.HasPrefix(s.Restart, types.RestartPolicyOnFailure) {
			t.Errorf("%s: is not started again when it fails", name)
		}
		if stays && (s.HealthCheck == nil || len(s.HealthCheck.Test) < 2 || s.HealthCheck.Interval == nil || s.HealthCheck.Timeout == nil) {
			t.Errorf("%s stays up and has no health check", name)
		}
	}
}

// What waits for another's health or end would wait for ever otherwise.
func TestWhatIsWaitedForCanCome(t *testing.T) {
	project := whole(t)
	for name, s := range project.Services {
		for other, how := range s.DependsOn {
			on := project.Services[other]
			switch how.Condition {
			case types.ServiceConditionHealthy:
				if on.HealthCheck == nil {
					t.Errorf("%s waits for the health of %s, which has no check", name, other)
				}
			case types.ServiceConditionCompletedSuccessfully:
				if !strings.HasPrefix(on.Restart, types.RestartPolicyOnFailure) {
					t.Errorf("%s waits for the end of %s, which has none", name, other)
				}
			}
		}
	}
}

func TestThePortsAreOfThisMachineAlone(t *testing.T) {
	taken := map[string]string{}
	for name, s := range whole(t).Services {
		for _, p := range s.Ports {
			if p.HostIP != "127.0.0.1" {
				t.Errorf("%s: publishes %s at %q", name, p.Published, p.HostIP)
			}
			if other := taken[p.Published]; other != "" {
				t.Errorf("%s and %s both publish %s", name, other, p.Published)
			}
			taken[p.Published] = name
		}
	}
}

func TestTheDesksContainersMayNothingMore(t *testing.T) {
	for name, s := range whole(t).Services {
		if s.Image != "rightsdesk:local" {
			if !strings.Contains(s.Image, ":") || strings.HasSuffix(s.Image, ":latest") {
				t.Errorf("%s: the image %s names no release", name, s.Image)
			}
			continue
		}
		if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s may more than it needs", name)
		}
		for _, v := range s.Volumes {
			if !v.ReadOnly {
				t.Errorf("%s can write to %s", name, v.Target)
			}
		}
	}
}
