package upgrade

import (
	"fmt"
	"strings"

	"rightsdesk/workflows"
)

// changedFiles are those that a later release of the procedures is made of here.
var changedFiles = []string{"workflows/revision.go", "workflows/updates.go", "workflows/handling.go"}

// addedStep begins the ids of the change: each place has its own, since what a
// ticket has been told of a change once holds for good.
const addedStep = "the-upgrade-tests-own-step-"

// withAStepMore adds a step to every act and to the end of every ticket, as a
// release would: behind GetVersion.
func withAStepMore(revision int) func(path, text string) string {
	return changedTo(revision, func(ctx, place string) string {
		return fmt.Sprintf("if workflow.GetVersion(%s, %q+%s, workflow.DefaultVersion, 1) == 1 { if err := workflow.Sleep(%s, time.Millisecond); err != nil { panic(err) } }", ctx, addedStep, place, ctx)
	})
}

// withAStepMoreUnversioned adds it without: histories that have gone past it no
// longer fit.
func withAStepMoreUnversioned(revision int) func(path, text string) string {
	return changedTo(revision, func(ctx, _ string) string {
		return fmt.Sprintf("if err := workflow.Sleep(%s, time.Millisecond); err != nil { panic(err) }", ctx)
	})
}

func changedTo(revision int, step func(ctx, place string) string) func(path, text string) string {
	return func(path, text string) string {
		switch path {
		case "workflows/revision.go":
			return strings.Replace(text, fmt.Sprintf("const Revision = %d", workflows.Revision), fmt.Sprintf("const Revision = %d", revision), 1)
		case "workflows/updates.go":
			const act = "var done contract.Done\n"
			text = strings.Replace(text, "import (\n", "import (\n\"time\"\n", 1)
			return strings.Replace(text, act, act+step("ctx", "name")+"\n", 1)
		default:
			const end = "func (t *handling) finish(end ending) error {\n"
			return strings.Replace(text, end, end+step("t.ctx", `"finish"`)+"\n", 1)
		}
	}
}
