package app

import (
	"cmp"
	"context"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/directory"
	"github.com/classcode/maillage/pkg/jobs"
	"github.com/classcode/maillage/pkg/mail"
	"github.com/classcode/maillage/pkg/rpc"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/catalogue"
	"github.com/classcode/maillage/services/indicators"
	"github.com/classcode/maillage/services/meetings"
	"github.com/classcode/maillage/services/mesh"
)

// names are the services, in the order in which they are made and their data is loaded.
var names = []string{"catalogue", "mesh", "meetings", "indicators"}

// mail sends through the server that was configured, or into a folder beside the data.
func (a *App) mail() (mail.Sender, error) {
	cfg := a.cfg.Mail
	cfg.Folder = cmp.Or(cfg.Folder, a.cfg.path("mail"))
	return mail.Open(cfg, a.log)
}

// assemble makes the four services; they reach each other through the in-process connection, as the door does.
func (a *App) assemble(ctx context.Context) error {
	meshClient := meshv1.NewMeshServiceClient(a.conn)
	catalogueClient := cataloguev1.NewCatalogueServiceClient(a.conn)
	sender, err := a.mail()
	if err != nil {
		return err
	}
	people, territories := directory.NewPeople(meshClient), directory.NewTerritories(meshClient)
	a.people = people

	makers := map[string]func(db *database.DB) (service, error){
		"catalogue": func(db *database.DB) (service, error) {
			return catalogue.New(ctx, catalogue.Config{PageKey: a.pages}, catalogue.Deps{
				DB: db, Bus: a.bus, Directory: people, Territories: territories,
			})
		},
		"mesh": func(db *database.DB) (service, error) {
			return mesh.New(ctx, mesh.Config{PageKey: a.pages, Development: a.issuer != nil}, mesh.Deps{
				DB: db, Bus: a.bus, Catalogue: catalogueClient,
			})
		},
		"meetings": func(db *database.DB) (service, error) {
			own := rpc.AsService(a.conn, a.serviceKey, "meetings")
			return meetings.New(ctx, meetings.Config{
				PageKey: a.pages, IssuerURI: a.cfg.CredentialIssuer, SigningKeyFile: a.cfg.path("attestation-key.pem"),
				PublicURL: cmp.Or(a.cfg.PublicURL, "http://"+a.HTTP.Addr().String()), MailRate: a.cfg.Mail.Rate,
			}, meetings.Deps{
				Mail: sender, Contacts: meshv1.NewContactServiceClient(own), Forming: meshv1.NewFormingServiceClient(own),
				Log: a.log, Jobs: jobs.NewMetrics(a.telemetry.Registry),
				DB: db, Bus: a.bus, Mesh: meshClient, Rooms: meshv1.NewRoomServiceClient(a.conn), Catalogue: catalogueClient,
				Professionals: meshv1.NewProfessionalServiceClient(a.conn), Directory: people, Territories: territories,
			})
		},
		"indicators": func(db *database.DB) (service, error) {
			return indicators.New(ctx, indicators.Config{PageKey: a.pages}, indicators.Deps{
				DB: db, Bus: a.bus, Directory: people, Territories: territories,
			})
		},
	}
	for _, name := range names {
		db, err := a.open(ctx, name)
		if err != nil {
			return err
		}
		s, err := makers[name](db)
		if err != nil {
			return err
		}
		a.services = append(a.services, s)
	}
	return nil
}
