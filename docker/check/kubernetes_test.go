// Package check_test reads what docker/ ships as the programs would for which it is
// meant: Kubernetes' API server, Docker Compose and Grafana.
package check_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/apps"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	appsrules "k8s.io/kubernetes/pkg/apis/apps/validation"
	"k8s.io/kubernetes/pkg/apis/autoscaling"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install"
	autoscalingrules "k8s.io/kubernetes/pkg/apis/autoscaling/validation"
	"k8s.io/kubernetes/pkg/apis/batch"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	batchrules "k8s.io/kubernetes/pkg/apis/batch/validation"
	"k8s.io/kubernetes/pkg/apis/core"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	corerules "k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/kubernetes/pkg/apis/networking"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	networkingrules "k8s.io/kubernetes/pkg/apis/networking/validation"
	"k8s.io/kubernetes/pkg/apis/policy"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	policyrules "k8s.io/kubernetes/pkg/apis/policy/validation"
)

// made takes one document as the API server takes it with strict field validation:
// an unknown, misspelt, doubled or mistyped field is an error, and so is whatever
// the kind's own rules refuse. It returns the object with the server's defaults.
func made(document []byte) (runtime.Object, error) {
	strict := serializer.NewCodecFactory(legacyscheme.Scheme, serializer.EnableStrict)
	object, kind, err := strict.UniversalDeserializer().Decode(document, nil, nil)
	if err != nil {
		return nil, err
	}
	legacyscheme.Scheme.Default(object)
	internal, err := legacyscheme.Scheme.ConvertToVersion(object, schema.GroupVersion{Group: kind.Group, Version: runtime.APIVersionInternal})
	if err != nil {
		return nil, err
	}
	if errs := refused(internal); len(errs) > 0 {
		return nil, errs.ToAggregate()
	}
	meta := object.(metav1.ObjectMetaAccessor).GetObjectMeta()
	if kind.Kind != "Namespace" && meta.GetNamespace() != "rightsdesk" {
		return nil, fmt.Errorf("%s %s is in the namespace %q", kind.Kind, meta.GetName(), meta.GetNamespace())
	}
	return object, nil
}

// refused is what the API server finds wrong with an object that is to be made.
func refused(object runtime.Object) field.ErrorList {
	switch o := object.(type) {
	case *core.Namespace:
		return corerules.ValidateNamespace(o)
	case *core.ServiceAccount:
		return corerules.ValidateServiceAccount(o)
	case *core.ConfigMap:
		return corerules.ValidateConfigMap(o)
	case *core.Secret:
		return corerules.ValidateSecret(o)
	case *core.Service:
		return corerules.ValidateServiceCreate(o)
	case *apps.Deployment:
		return appsrules.ValidateDeployment(o, corerules.PodValidationOptions{})
	case *batch.Job:
		// The server makes the selector and these labels before it looks.
		o.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{batch.ControllerUidLabel: "made"}}
		o.UID = "made"
		labels := map[string]string{batch.ControllerUidLabel: "made", batch.JobNameLabel: o.Name,
			batch.LegacyControllerUidLabel: "made", batch.LegacyJobNameLabel: o.Name}
		for name, value := range o.Spec.Template.Labels {
			labels[name] = value
		}
		o.Spec.Template.Labels = labels
		return batchrules.ValidateJob(o, batchrules.JobValidationOptions{RequirePrefixedLabels: true})
	case *batch.CronJob:
		return batchrules.ValidateCronJobCreate(o, corerules.PodValidationOptions{})
	case *networking.NetworkPolicy:
		return networkingrules.ValidateNetworkPolicy(o, networkingrules.NetworkPolicyValidationOptions{})
	case *networking.Ingress:
		return networkingrules.ValidateIngressCreate(o)
	case *policy.PodDisruptionBudget:
		return policyrules.ValidatePodDisruptionBudget(o, policyrules.PodDisruptionBudgetValidationOptions{})
	case *autoscaling.HorizontalPodAutoscaler:
		return autoscalingrules.ValidateHorizontalPodAutoscaler(o, autoscalingrules.HorizontalPodAutoscalerSpecValidationOptions{
			MinReplicasLowerBound: 1})
	}
	return field.ErrorList{field.InternalError(nil, fmt.Errorf("no rules for a %T", object))}
}

// documents splits a file of YAML.
func documents(t *testing.T, file string) [][]byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	for r := yaml.NewDocumentDecoder(io.NopCloser(bytes.NewReader(text))); ; {
		document := make([]byte, len(text)+1)
		n, err := r.Read(document)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(file, err)
		}
		all = append(all, document[:n])
	}
}

// manifests are the files of docker/kubernetes but those of other programs.
func manifests(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../kubernetes/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var ours []string
	for _, file := range files {
		switch filepath.Base(file) {
		case "kustomization.yaml", "monitoring.yaml":
		default:
			ours = append(ours, file)
		}
	}
	if len(ours) < 10 {
		t.Fatalf("only %d manifests: %v", len(ours), ours)
	}
	return ours
}

func TestTheAPIServerTakesEveryManifest(t *testing.T) {
	for _, file := range manifests(t) {
		for i, document := range documents(t, file) {
			if _, err := made(document); err != nil {
				t.Errorf("%s, document %d: %v", file, i+1, err)
			}
		}
	}
}

// The check itself finds what people get wrong.
func TestTheAPIServerRefusesWhatIsWrong(t *testing.T) {
	api := string(documents(t, "../kubernetes/api.yaml")[0])
	for name, c := range map[string]struct{ old, new, complaint string }{
		"a misspelt field":           {"readinessProbe:", "readynessProbe:", `unknown field "spec.template.spec.containers[0].readynessProbe"`},
		"a field in the wrong place": {"minReadySeconds: 5", "terminationGracePeriodSeconds: 5", `unknown field "spec.terminationGracePeriodSeconds"`},
		"a doubled field":            {"revisionHistoryLimit: 5", "replicas: 3", `key "replicas" already set in map`},
		"a word for a number":        {"replicas: 2", "replicas: two", "DeploymentSpec.spec.replicas of type int32"},
		"a word that does not exist": {"type: RollingUpdate", "type: Rolling", `supported values: "Recreate", "RollingUpdate"`},
		"a quantity of nothing":      {"memory: 2Gi", "memory: 2GB", "quantities must match"},
		"a request above the limit":  {"memory: 256Mi}\n", "memory: 4Gi}\n", "must be less than or equal to memory limit"},
		"a selector of other pods":   {"labels: *pods\n", "labels: {app.kubernetes.io/name: other}\n", "`selector` does not match template `labels`"},
		"a mount of no volume":       {"name: tmp, mountPath", "name: temporary, mountPath", `Not found: "temporary"`},
		"a hook in a hurry":          {"          startupProbe:\n", "          lifecycle: {preStop: {sleep: {seconds: 60}}}\n          startupProbe:\n", "less than terminationGracePeriodSeconds (45)"},
		"another namespace":          {"namespace: rightsdesk", "namespace: default", `in the namespace "default"`},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(api, c.old) {
				t.Fatalf("api.yaml does not say %q any more", c.old)
			}
			_, err := made([]byte(strings.Replace(api, c.old, c.new, 1)))
			if err == nil || !strings.Contains(err.Error(), c.complaint) {
				t.Errorf("want %q, got: %v", c.complaint, err)
			}
		})
	}
}
