package moveup

import (
	"context"
	"fmt"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/directory"
	"github.com/classcode/maillage/services/catalogue"
	"github.com/classcode/maillage/services/indicators"
	"github.com/classcode/maillage/services/meetings"
	"github.com/classcode/maillage/services/mesh"
)

var services = []string{"catalogue", "mesh", "meetings", "indicators"}

// prepare has each service make its tables, as it would at its start; nothing of it is run.
func (m *move) prepare(ctx context.Context) error {
	people, territories := directory.NewPeople(nil), directory.NewTerritories(nil) // nobody is asked
	start := map[string]func(*database.DB) error{
		"catalogue": func(db *database.DB) error {
			_, err := catalogue.New(ctx, catalogue.Config{}, catalogue.Deps{DB: db, Directory: people, Territories: territories})
			return err
		},
		"mesh": func(db *database.DB) error {
			_, err := mesh.New(ctx, mesh.Config{}, mesh.Deps{DB: db})
			return err
		},
		"meetings": func(db *database.DB) error {
			_, err := meetings.New(ctx, meetings.Config{}, meetings.Deps{DB: db, Directory: people, Territories: territories})
			return err
		},
		"indicators": func(db *database.DB) error {
			_, err := indicators.New(ctx, indicators.Config{}, indicators.Deps{DB: db, Directory: people, Territories: territories})
			return err
		},
	}
	for _, service := range services {
		db, err := database.Open(ctx, database.Config{
			DSN: m.DatabaseDSN.Reveal(), Schema: staging(service), ApplicationName: "maillage-move-up", MaxConns: 2,
		})
		if err != nil {
			return fmt.Errorf("--database-dsn: %w", err)
		}
		err = start[service](db)
		if err := db.Close(); err != nil {
			return err
		}
		if err != nil {
			return fmt.Errorf("tables of %s: %w", service, err)
		}
	}
	return nil
}
