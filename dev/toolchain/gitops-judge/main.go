// Asks the libraries of the GitOps tools themselves what they see in an object: kstatus as Flux and Helm use it, the
// health checks of a Flux Kustomization, and Argo CD's Lua. Each command prints one JSON object.
//
//	gitops-judge kstatus OBJECT...                  file -> {status, message}
//	gitops-judge health health.lua OBJECT...        file -> {status, message}; what Argo CD shows
//	gitops-judge run script.lua OBJECT...           file -> what the script returns
//	gitops-judge act action.lua OBJECT              {patch} that Argo CD sends, or {error}
//	gitops-judge flux KUSTOMIZATION OBJECT...       file -> {status}; the Kustomization is parsed strictly
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	kustomize "github.com/fluxcd/kustomize-controller/api/v1"
	"github.com/fluxcd/pkg/runtime/cel"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

type verdict struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

func main() {
	answer, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "gitops-judge:", err)
		os.Exit(1)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(answer); err != nil {
		fmt.Fprintln(os.Stderr, "gitops-judge:", err)
		os.Exit(1)
	}
}

func run(args []string) (any, error) {
	if len(args) < 2 {
		return nil, fmt.Errorf("see the comment in main.go for its commands")
	}
	switch command := args[0]; command {
	case "kstatus":
		return forEach(args[1:], kstatus)
	case "health":
		script, err := os.ReadFile(args[1])
		if err != nil {
			return nil, err
		}
		return forEach(args[2:], func(object *unstructured.Unstructured) (any, error) {
			return health(object, string(script))
		})
	case "run":
		script, err := os.ReadFile(args[1])
		if err != nil {
			return nil, err
		}
		return forEach(args[2:], func(object *unstructured.Unstructured) (any, error) {
			return runLua(object, string(script))
		})
	case "act":
		script, err := os.ReadFile(args[1])
		if err != nil {
			return nil, err
		}
		object, err := read(args[2])
		if err != nil {
			return nil, err
		}
		return act(object, string(script))
	case "flux":
		return flux(args[1], args[2:])
	default:
		return nil, fmt.Errorf("unknown command %q", command)
	}
}

func forEach(files []string, judge func(*unstructured.Unstructured) (any, error)) (any, error) {
	answers := map[string]any{}
	for _, file := range files {
		object, err := read(file)
		if err != nil {
			return nil, err
		}
		if answers[file], err = judge(object); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return answers, nil
}

func read(file string) (*unstructured.Unstructured, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	asJSON, err := yaml.YAMLToJSON(text)
	if err != nil {
		return nil, err
	}
	object := &unstructured.Unstructured{}
	return object, object.UnmarshalJSON(asJSON)
}

func kstatus(object *unstructured.Unstructured) (any, error) {
	result, err := status.Compute(object)
	if err != nil {
		return nil, err
	}
	return verdict{string(result.Status), result.Message}, nil
}

// flux judges as kustomize-controller does: by the expression for the object's kind, where there is one, else by kstatus.
func flux(file string, objects []string) (any, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var kustomization kustomize.Kustomization
	if err := yaml.UnmarshalStrict(text, &kustomization); err != nil {
		return nil, err
	}
	if !kustomization.Spec.Wait && len(kustomization.Spec.HealthChecks) == 0 {
		return nil, fmt.Errorf("%s waits for nothing", file)
	}
	return forEach(objects, func(object *unstructured.Unstructured) (any, error) {
		for _, check := range kustomization.Spec.HealthCheckExprs {
			if check.APIVersion != object.GetAPIVersion() || check.Kind != object.GetKind() {
				continue
			}
			evaluator, err := cel.NewStatusEvaluator(&check.HealthCheckExpressions)
			if err != nil {
				return nil, err
			}
			result, err := evaluator.Evaluate(context.Background(), object)
			if err != nil {
				return nil, err
			}
			return verdict{string(result.Status), result.Message}, nil
		}
		return kstatus(object)
	})
}
