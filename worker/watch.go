package worker

import (
	"context"
	"time"

	"rightsdesk/desk"
)

const (
	askEvery    = 10 * time.Second // whether Temporal answers
	askPatience = 5 * time.Second
)

// watch asks Temporal again and again whether it is there. A worker whose Temporal
// went away goes on polling and says nothing of it by itself.
func (w *Worker) watch(ctx context.Context) {
	checked := time.Time{}
	for ctx.Err() == nil {
		w.config.Watch()
		w.ask(ctx)
		if w.Listening() && time.Since(checked) >= checkEvery {
			checked = time.Now()
			w.checkTroubles(ctx)
		}
		pause(ctx, w.askEvery)
	}
}

func (w *Worker) ask(ctx context.Context) {
	err := desk.Ask(ctx, w.config.Temporal)
	if ctx.Err() != nil {
		return
	}
	if was := w.answers.Swap(err == nil); was && err != nil {
		w.config.Log.Warn("Temporal no longer answers", "error", err)
	} else if !was && err == nil {
		w.config.Log.Info("Temporal answers")
	}
	w.config.Metrics.TemporalAnswers(err == nil)
}
