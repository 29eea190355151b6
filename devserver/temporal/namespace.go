package temporal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/enums/v1"
	namespacepb "go.temporal.io/api/namespace/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

// settleNamespace waits for the namespace and brings it to what the options
// say: retention first, then search attributes. What it sets it reads back.
func settleNamespace(ctx context.Context, frontend string, o Options) error {
	conn, err := grpc.NewClient(frontend, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	workflows := workflowservice.NewWorkflowServiceClient(conn)
	if o.MySQL != nil { // in a file it was made with the schema
		if err := register(ctx, workflows, o); err != nil {
			return err
		}
	}
	if err := keepClosed(ctx, workflows, o.Namespace, o.Retention); err != nil {
		return err
	}
	added, err := addAttributes(ctx, operatorservice.NewOperatorServiceClient(conn), o)
	if err != nil {
		return err
	}
	for _, name := range added {
		if err := awaitAttribute(ctx, workflows, o.Namespace, name); err != nil {
			return err
		}
	}
	return nil
}

// register makes the namespace, if there is none. It is asked for first: a server
// takes few registrations a second.
func register(ctx context.Context, c workflowservice.WorkflowServiceClient, o Options) error {
	err := retry(ctx, func() error {
		_, err := c.DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: o.Namespace})
		var none *serviceerror.NamespaceNotFound
		if !errors.As(serviceerror.FromStatus(status.Convert(err)), &none) {
			return err
		}
		_, err = c.RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
			Namespace: o.Namespace, WorkflowExecutionRetentionPeriod: durationpb.New(o.Retention)})
		return err
	})
	if err != nil {
		return fmt.Errorf("namespace %s: %w", o.Namespace, err)
	}
	return nil
}

func keepClosed(ctx context.Context, c workflowservice.WorkflowServiceClient, namespace string, want time.Duration) error {
	retention := func() (time.Duration, error) {
		d, err := c.DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: namespace})
		return d.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration(), err
	}
	var got time.Duration
	err := retry(ctx, func() (err error) { got, err = retention(); return err })
	if err != nil {
		return fmt.Errorf("namespace %s: %w", namespace, err)
	}
	if got == want {
		return nil
	}
	_, err = c.UpdateNamespace(ctx, &workflowservice.UpdateNamespaceRequest{
		Namespace: namespace,
		Config:    &namespacepb.NamespaceConfig{WorkflowExecutionRetentionTtl: durationpb.New(want)},
	})
	if err != nil {
		return fmt.Errorf("retention of namespace %s: %w", namespace, err)
	}
	if got, err = retention(); err != nil || got != want {
		return fmt.Errorf("retention of namespace %s is %v after setting it to %v: %w", namespace, got, want, err)
	}
	return nil
}

// addAttributes registers what the namespace lacks and returns its names. An
// attribute of another type is an error: Temporal cannot change it.
func addAttributes(ctx context.Context, c operatorservice.OperatorServiceClient, o Options) ([]string, error) {
	var known *operatorservice.ListSearchAttributesResponse
	err := retry(ctx, func() (err error) { // a namespace just made is known everywhere within seconds
		known, err = c.ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: o.Namespace})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("search attributes: %w", err)
	}
	missing := map[string]enums.IndexedValueType{}
	var names []string
	for name, want := range o.SearchAttributes {
		got, ok := known.CustomAttributes[name]
		if !ok {
			missing[name] = want
			names = append(names, name)
		} else if got != want {
			return nil, fmt.Errorf("search attribute %s is %v, not %v; start with a new data directory or name it otherwise", name, got, want)
		}
	}
	if len(missing) == 0 {
		return nil, nil
	}
	_, err = c.AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: o.Namespace, SearchAttributes: missing})
	if err != nil {
		return nil, fmt.Errorf("search attributes: %w", err)
	}
	return names, nil
}

// awaitAttribute waits until a query may name the attribute: the server's
// services read namespaces every two seconds.
func awaitAttribute(ctx context.Context, c workflowservice.WorkflowServiceClient, namespace, name string) error {
	return retry(ctx, func() error {
		_, err := c.CountWorkflowExecutions(ctx, &workflowservice.CountWorkflowExecutionsRequest{
			Namespace: namespace, Query: "`" + name + "` IS NOT NULL"})
		return err
	})
}

// retry tries until it works or the time for the start is over.
func retry(ctx context.Context, try func() error) error {
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(100 * time.Millisecond):
		}
	}
}
