package check_test

import (
	"os"
	"strings"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

func TestThePrometheusOperatorTakesTheMonitor(t *testing.T) {
	found := documents(t, "../kubernetes/monitoring.yaml")
	if len(found) != 1 {
		t.Fatalf("%d documents", len(found))
	}
	var monitor monitoringv1.PodMonitor
	if err := yaml.UnmarshalStrict(found[0], &monitor); err != nil {
		t.Fatal(err)
	}
	if monitor.Kind != monitoringv1.PodMonitorsKind || monitor.APIVersion != monitoringv1.SchemeGroupVersion.String() {
		t.Errorf("it is a %s of %s", monitor.Kind, monitor.APIVersion)
	}
	all := pods(objects(t))
	for _, name := range []string{"Deployment/rightsdesk-api", "Deployment/rightsdesk-worker"} {
		for _, endpoint := range monitor.Spec.PodMetricsEndpoints {
			ports := map[string]bool{}
			for _, p := range all[name].Spec.Containers[0].Ports {
				ports[p.Name] = true
			}
			if endpoint.Port == nil || !ports[*endpoint.Port] {
				t.Errorf("%s has no such port", name)
			}
		}
	}
}

func TestKustomizeBuildsTheDesk(t *testing.T) {
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), "../kubernetes")
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, r := range built.Resources() {
		text, err := r.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := made(text); err != nil {
			t.Errorf("%s: %v", r.CurId(), err)
		}
		kinds[r.GetKind()]++
	}
	for kind, n := range map[string]int{"Namespace": 1, "Deployment": 2, "CronJob": 2, "PodDisruptionBudget": 2, "Service": 1, "Secret": 0, "Job": 0} {
		if kinds[kind] != n {
			t.Errorf("%d of %s, not %d", kinds[kind], kind, n)
		}
	}
}

// README.md beside the manifests makes a PrometheusRule of the rules, by indenting.
func TestThePrometheusOperatorTakesTheRules(t *testing.T) {
	rules, err := os.ReadFile("../prometheus/rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	text := "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: rightsdesk, namespace: rightsdesk}\nspec:\n  " +
		strings.ReplaceAll(string(rules), "\n", "\n  ")
	var rule monitoringv1.PrometheusRule
	if err := yaml.UnmarshalStrict([]byte(text), &rule); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, g := range rule.Spec.Groups {
		n += len(g.Rules)
	}
	if n < 20 {
		t.Errorf("%d rules", n)
	}
}
