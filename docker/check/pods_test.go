package check_test

import (
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// How long api and worker may take to stop, by their settings' defaults: for what is
// in hand, and for the last traces. See rightsdesk api --help.
const inHand, traces = 20 * time.Second, 3 * time.Second

// objects are all that the manifests hold, by kind and name.
func objects(t *testing.T) map[string]runtime.Object {
	t.Helper()
	all := map[string]runtime.Object{}
	for _, file := range manifests(t) {
		for _, document := range documents(t, file) {
			object, err := made(document)
			if err != nil {
				t.Fatal(file, err)
			}
			kind := object.GetObjectKind().GroupVersionKind().Kind
			name := kind + "/" + object.(metav1.ObjectMetaAccessor).GetObjectMeta().GetName()
			if all[name] != nil {
				t.Errorf("%s: there are two of %s", file, name)
			}
			all[name] = object
		}
	}
	return all
}

// pods are the pods that the objects make.
func pods(all map[string]runtime.Object) map[string]corev1.PodTemplateSpec {
	found := map[string]corev1.PodTemplateSpec{}
	for name, object := range all {
		switch o := object.(type) {
		case *appsv1.Deployment:
			found[name] = o.Spec.Template
		case *batchv1.Job:
			found[name] = o.Spec.Template
		case *batchv1.CronJob:
			found[name] = o.Spec.JobTemplate.Spec.Template
		}
	}
	return found
}

func TestPodsGetNoMoreRightsThanTheyNeed(t *testing.T) {
	restricted, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	all := pods(objects(t))
	if len(all) != 5 {
		t.Fatalf("%d pods: %v", len(all), slices.Collect(maps.Keys(all)))
	}
	for name, pod := range all {
		for _, result := range restricted.EvaluatePod(api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}, &pod.ObjectMeta, &pod.Spec) {
			if !result.Allowed {
				t.Errorf("%s: %s: %s", name, result.ForbiddenReason, result.ForbiddenDetail)
			}
		}
		spec := pod.Spec
		if spec.AutomountServiceAccountToken == nil || *spec.AutomountServiceAccountToken {
			t.Errorf("%s: mounts a token of the cluster", name)
		}
		if who := spec.SecurityContext; who == nil || who.RunAsUser == nil || *who.RunAsUser != 10001 || who.FSGroup == nil || *who.FSGroup != 10001 {
			t.Errorf("%s: is not the image's user 10001, or its group does not own the master key", name)
		}
		for _, c := range spec.Containers {
			if sc := c.SecurityContext; sc == nil || sc.ReadOnlyRootFilesystem == nil || !*sc.ReadOnlyRootFilesystem {
				t.Errorf("%s: can write to its image's files", name)
			}
			if c.Resources.Limits.Memory().IsZero() || c.Resources.Requests.Memory().IsZero() || c.Resources.Requests.Cpu().IsZero() {
				t.Errorf("%s: does not say what it needs", name)
			}
		}
	}
}

// Kubernetes sets RIGHTSDESK_API_PORT and the like for a Service rightsdesk-api,
// and the desk does not start with a RIGHTSDESK_ variable that it does not know.
func TestServicesSetNoSettingsOfTheDesk(t *testing.T) {
	for name, pod := range pods(objects(t)) {
		if pod.Spec.EnableServiceLinks == nil || *pod.Spec.EnableServiceLinks {
			t.Errorf("%s: enableServiceLinks is not false", name)
		}
	}
}

func TestEveryPodRunsTheSameRelease(t *testing.T) {
	images := map[string]bool{}
	for _, pod := range pods(objects(t)) {
		for _, c := range pod.Spec.Containers {
			images[c.Image] = true
		}
	}
	if len(images) != 1 {
		t.Errorf("several images: %v", slices.Collect(maps.Keys(images)))
	}
	for image := range images {
		if !strings.Contains(image, ":") || strings.HasSuffix(image, ":latest") {
			t.Errorf("%s names no release", image)
		}
	}
}

func TestWhatAPodRefersToIsThere(t *testing.T) {
	all := objects(t)
	for name, pod := range pods(all) {
		if all["ServiceAccount/"+pod.Spec.ServiceAccountName] == nil {
			t.Errorf("%s: no account %q", name, pod.Spec.ServiceAccountName)
		}
		for _, c := range pod.Spec.Containers {
			for _, from := range c.EnvFrom {
				if ref := from.ConfigMapRef; ref != nil && all["ConfigMap/"+ref.Name] == nil {
					t.Errorf("%s: no settings %q", name, ref.Name)
				}
				if ref := from.SecretRef; ref != nil && all["Secret/"+ref.Name] == nil {
					t.Errorf("%s: no secret %q", name, ref.Name)
				}
			}
			for _, probe := range []*corev1.Probe{c.StartupProbe, c.LivenessProbe, c.ReadinessProbe} {
				if probe != nil && !hasPort(c, probe.HTTPGet.Port) {
					t.Errorf("%s: a probe asks the port %s, which it has not", name, probe.HTTPGet.Port.String())
				}
			}
		}
		key := false
		for _, v := range pod.Spec.Volumes {
			if v.Secret == nil {
				continue
			}
			secret, _ := all["Secret/"+v.Secret.SecretName].(*corev1.Secret)
			key = secret != nil && secret.StringData["master.key"] != ""
			// The desk refuses a key that others read.
			if mode := fs.FileMode(*v.Secret.DefaultMode); mode != 0o440 {
				t.Errorf("%s: the master key has the mode %#o", name, mode)
			}
		}
		if !key {
			t.Errorf("%s: has no master key", name)
		}
	}
}

func hasPort(c corev1.Container, port intstr.IntOrString) bool {
	return slices.ContainsFunc(c.Ports, func(p corev1.ContainerPort) bool {
		return port.Type == intstr.String && p.Name == port.StrVal || port.Type == intstr.Int && p.ContainerPort == port.IntVal
	})
}

func TestServicesBudgetsAndPoliciesChooseThePodsTheyMean(t *testing.T) {
	all := objects(t)
	made := pods(all)
	chosen := func(selector map[string]string) []string {
		var names []string
		for name, pod := range made {
			if labels.SelectorFromSet(selector).Matches(labels.Set(pod.Labels)) {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		return names
	}
	want := func(what string, got []string, names ...string) {
		t.Helper()
		if !slices.Equal(got, names) {
			t.Errorf("%s: chooses %v, not %v", what, got, names)
		}
	}
	want("Service", chosen(all["Service/rightsdesk-api"].(*corev1.Service).Spec.Selector), "Deployment/rightsdesk-api")
	for _, name := range []string{"rightsdesk-api", "rightsdesk-worker"} {
		budget := all["PodDisruptionBudget/"+name].(*policyv1.PodDisruptionBudget)
		want("PodDisruptionBudget", chosen(budget.Spec.Selector.MatchLabels), "Deployment/"+name)
		if all["Deployment/"+name].(*appsv1.Deployment).Spec.Selector.MatchLabels["app.kubernetes.io/component"] == "" {
			t.Errorf("%s: its pods are not told from others", name)
		}
	}
	for name, object := range all {
		np, ok := object.(*networkingv1.NetworkPolicy)
		if !ok {
			continue
		}
		selector, err := metav1.LabelSelectorAsSelector(&np.Spec.PodSelector)
		if err != nil {
			t.Fatal(err)
		}
		for pod, template := range made {
			if !selector.Matches(labels.Set(template.Labels)) {
				continue
			}
			for _, rule := range np.Spec.Ingress {
				for _, p := range rule.Ports {
					long := strings.HasPrefix(pod, "Deployment/")
					if long && !hasPort(template.Spec.Containers[0], *p.Port) {
						t.Errorf("%s: opens the port %s, which %s has not", name, p.Port.String(), pod)
					}
					if p.Port.String() != "metrics" && pod != "Deployment/rightsdesk-api" {
						t.Errorf("%s: opens %s to %s", name, p.Port.String(), pod)
					}
				}
				if len(rule.From) == 0 {
					t.Errorf("%s: lets everybody in", name)
				}
			}
		}
	}
	hpa := all["HorizontalPodAutoscaler/rightsdesk-api"].(*autoscalingv2.HorizontalPodAutoscaler)
	if all[hpa.Spec.ScaleTargetRef.Kind+"/"+hpa.Spec.ScaleTargetRef.Name] == nil {
		t.Error("the autoscaler scales nothing")
	}
	backend := all["Ingress/rightsdesk"].(*networkingv1.Ingress).Spec.Rules[0].HTTP.Paths[0].Backend.Service
	service := all["Service/"+backend.Name].(*corev1.Service)
	if !slices.ContainsFunc(service.Spec.Ports, func(p corev1.ServicePort) bool { return p.Name == backend.Port.Name }) {
		t.Error("the ingress leads to no port of the service")
	}
}

func TestAStopWaitsForWhatIsInHand(t *testing.T) {
	all := objects(t)
	for name, drained := range map[string]bool{"Deployment/rightsdesk-api": true, "Deployment/rightsdesk-worker": false} {
		spec := all[name].(*appsv1.Deployment).Spec.Template.Spec
		took := inHand + traces
		for _, e := range spec.Containers[0].Env {
			if e.Name == "RIGHTSDESK_DRAIN" {
				drain, err := time.ParseDuration(e.Value)
				if err != nil {
					t.Fatal(err)
				}
				drained, took = false, took+drain
			}
		}
		if drained {
			t.Errorf("%s: stops while requests are still sent to it", name)
		}
		if given := time.Duration(*spec.TerminationGracePeriodSeconds) * time.Second; given < took+2*time.Second {
			t.Errorf("%s: is killed after %v, and may take %v", name, given, took)
		}
	}
}

// A database or a Temporal that is away does not come back by restarts: they would
// only take the pages away that say so.
func TestOnlyReadinessAsksWhatTheDeskNeeds(t *testing.T) {
	all := objects(t)
	for _, name := range []string{"Deployment/rightsdesk-api", "Deployment/rightsdesk-worker"} {
		c := all[name].(*appsv1.Deployment).Spec.Template.Spec.Containers[0]
		for probe, path := range map[*corev1.Probe]string{c.StartupProbe: "/healthz", c.LivenessProbe: "/healthz", c.ReadinessProbe: "/readyz"} {
			if probe.HTTPGet.Path != path {
				t.Errorf("%s: asks %s, not %s", name, probe.HTTPGet.Path, path)
			}
		}
	}
}

// The migration is apart, so that a rollout never runs it beside itself, and only it
// may change tables.
func TestOnlyTheMigrationChangesTables(t *testing.T) {
	for name, pod := range pods(objects(t)) {
		for _, c := range pod.Spec.Containers {
			schema := slices.ContainsFunc(c.EnvFrom, func(e corev1.EnvFromSource) bool {
				return e.SecretRef != nil && e.SecretRef.Name == "rightsdesk-schema"
			})
			if schema != (name == "Job/rightsdesk-migrate") {
				t.Errorf("%s: has the schema's account: %v", name, schema)
			}
		}
	}
	for _, file := range manifests(t) {
		if strings.Contains(filepath.Base(file), "example") {
			continue
		}
		for _, document := range documents(t, file) {
			if object, err := made(document); err == nil {
				if s, is := object.(*corev1.Secret); is {
					t.Errorf("%s: holds the secret %s", file, s.Name)
				}
			}
		}
	}
}
