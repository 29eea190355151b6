package temporal

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	uiserver "github.com/temporalio/ui-server/v2/server"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	uioptions "github.com/temporalio/ui-server/v2/server/server_options"
)

// startUI returns when the UI answers. It asks nobody outside for news or
// newer versions. Through it one looks at tickets and changes none: what is done
// to a ticket is done at the desk, where roles are.
func startUI(ctx context.Context, p ports, namespace string, log *slog.Logger) (*uiserver.Server, error) {
	ui := uiserver.NewServer(uioptions.WithConfigProvider(&uiconfig.Config{
		Host:                loopback,
		Port:                p.ui,
		TemporalGRPCAddress: hostPort(p.frontend),
		DefaultNamespace:    namespace,
		EnableUI:            true,
		HideLogs:            true,
		DisableNewsFetch:    true,
		DisableWriteActions: true,
		CORS:                uiconfig.CORS{CookieInsecure: true}, // plain http on loopback
	}))
	go func() {
		if err := ui.Start(); err != nil {
			log.Error("Temporal UI ended", "error", err)
		}
	}()
	err := retry(ctx, func() error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+hostPort(p.ui)+"/healthz", nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		_, _ = io.Copy(io.Discard, resp.Body)
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("UI answers %d", resp.StatusCode)
		}
		return nil
	})
	if err != nil {
		ui.Stop()
		return nil, fmt.Errorf("UI: %w", err)
	}
	return ui, nil
}
