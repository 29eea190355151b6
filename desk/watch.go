package desk

import (
	"context"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"rightsdesk/contract"
	"rightsdesk/metrics"
)

// Ask asks Temporal whether it has the desk's task queue: the same service,
// namespace and permission that a worker's tasks come by. It waits at most five
// seconds.
func Ask(ctx context.Context, temporal client.Client) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_, err := temporal.DescribeTaskQueue(ctx, contract.TaskQueue, enums.TASK_QUEUE_TYPE_WORKFLOW)
	return err
}

// WatchTemporal notes among the metrics whether Temporal answers, until ctx ends.
// The desk takes tickets in either way.
func WatchTemporal(ctx context.Context, temporal client.Client, m *metrics.Metrics) {
	for ctx.Err() == nil {
		err := Ask(ctx, temporal)
		if ctx.Err() == nil {
			m.TemporalAnswers(err == nil)
		}
		pause(ctx, 15*time.Second)
	}
}
