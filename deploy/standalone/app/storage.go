package app

import (
	"context"
	"fmt"

	"github.com/classcode/maillage/pkg/database"
)

// open opens a service's own database: a file in the data folder, or its schema in PostgreSQL.
func (a *App) open(ctx context.Context, service string) (*database.DB, error) {
	cfg := database.Config{DSN: a.cfg.DatabaseDSN.Reveal(), Schema: service, ApplicationName: "maillage-" + service}
	if cfg.DSN == "" {
		cfg = database.Config{DSN: "sqlite:" + a.cfg.path(service+".db")}
	}
	db, err := database.Open(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("database of %s: %w", service, err)
	}
	a.onClose(func() { _ = db.Close() })
	a.checks[service+"-database"] = db.Ping
	return db, nil
}
