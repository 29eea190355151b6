package stack

import (
	"context"
	"net"
	"strconv"

	enums "go.temporal.io/api/enums/v1"

	"rightsdesk/contract"
	"rightsdesk/devserver/temporal"
)

// StartTemporal starts the engine: a second time after StopTemporal, on the same
// file and ports.
func (s *Stack) StartTemporal(ctx context.Context) error {
	return s.StartTemporalIn(ctx, s.options.DataDir)
}

// StartTemporalIn starts it on another folder, where a backup was put back. Its own
// can't take one: for as long as the process lives, Temporal's server keeps a file
// open that it has opened once.
func (s *Stack) StartTemporalIn(ctx context.Context, dir string) (err error) {
	if s.shape != nil {
		return s.shape.temporal.Start(ctx)
	}
	s.temporal, err = temporal.Start(ctx, temporal.Options{
		DataDir: dir, FrontendPort: s.options.TemporalPort, UIPort: s.options.UIPort,
		SearchAttributes: SearchAttributes(),
	})
	if err == nil && s.options.TemporalPort == 0 { // a second start listens where clients look
		_, port, _ := net.SplitHostPort(s.temporal.HostPort())
		s.options.TemporalPort, err = strconv.Atoi(port)
	}
	return err
}

// SearchAttributes are what the desk's workflows can be found by.
func SearchAttributes() map[string]enums.IndexedValueType {
	return map[string]enums.IndexedValueType{
		contract.AttrKind.GetName():       enums.INDEXED_VALUE_TYPE_KEYWORD,
		contract.AttrStage.GetName():      enums.INDEXED_VALUE_TYPE_KEYWORD,
		contract.AttrReplyDue.GetName():   enums.INDEXED_VALUE_TYPE_DATETIME,
		contract.AttrSLA.GetName():        enums.INDEXED_VALUE_TYPE_KEYWORD,
		contract.AttrAssignee.GetName():   enums.INDEXED_VALUE_TYPE_KEYWORD,
		contract.AttrEscalation.GetName(): enums.INDEXED_VALUE_TYPE_INT,
	}
}

// StopTemporal stops the engine alone: the desk goes on taking tickets in.
func (s *Stack) StopTemporal() {
	if s.shape != nil {
		s.shape.temporal.Kill()
		return
	}
	if s.temporal != nil {
		s.temporal.Stop()
		s.temporal = nil
	}
}
