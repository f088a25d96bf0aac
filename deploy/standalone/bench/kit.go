package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/database"
)

const (
	kitPeople = 25
	kitGoal   = 1000 // ms
	// kitCommune is in the territory that the development's coordinator coordinates; openMeetings puts its meetings there.
	kitCommune = "38185"
)

// kit measures how long an organiser waits for the whole kit of a meeting of 25 people, one after the other over one connection: from SQLite,
// through the service, which asks the mesh for names, place and neighbours and the catalogue for the module, to the socket.
func (b *bench) kit(ctx context.Context) (rows []Row, err error) {
	i, err := b.start(ctx, "")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, i.close()) }()
	path, token, err := i.filled(ctx)
	if err != nil {
		return nil, err
	}
	address := i.app.HTTP.Addr().String()
	asking, err := newAsker(ctx, address, fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n\r\n", path, address, token))
	if err != nil {
		return nil, err
	}
	defer func() { _ = asking.conn.Close() }()
	var kit bytes.Buffer
	if err := asking.ask(&kit); err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(kit.Bytes(), []byte("%PDF-")) {
		return nil, fmt.Errorf("no PDF but %d bytes", kit.Len())
	}
	say("  %s: %d bytes", path, kit.Len())
	row := Row{
		Name: "kit.render", Unit: "ms", Medium: b.Medium, Rounds: b.Rounds, Round: b.Round.Seconds(), InFlight: 1, Baseline: kitGoal,
		Against: fmt.Sprintf("what is required for %d people", kitPeople),
	}
	reading := func(ctx context.Context, d time.Duration) (float64, error) {
		return drive(ctx, 1, d, func(context.Context, int) error { return asking.ask(io.Discard) }).strict()
	}
	for n := range b.Rounds {
		perSecond, err := b.turn(ctx, reading, b.Round)
		if err != nil {
			return nil, err
		}
		row.Values = append(row.Values, 1000/perSecond)
		say("%s: round %d of %d: %s ms", row.Name, n+1, b.Rounds, figure(1000/perSecond))
	}
	row.settle()
	return []Row{row}, nil
}

// filled opens a meeting at a real place for people with long names, and gives the path of its kit and the token of who coordinates there.
func (i *instance) filled(ctx context.Context) (path, token string, err error) {
	var near struct {
		Places []struct{ Place struct{ ID string } }
	}
	if err := i.ask(ctx, http.MethodGet, "/v1/places:nearest?limit=1&radiusMetres=200000&communeCode="+kitCommune, "", nil, &near); err != nil {
		return "", "", err
	}
	if len(near.Places) == 0 {
		return "", "", errors.New("no place near " + kitCommune)
	}
	db, err := database.Open(ctx, database.Config{DSN: "sqlite:" + filepath.Join(i.data, "meetings.db"), MaxConns: 2})
	if err != nil {
		return "", "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	ids, err := openMeetings(ctx, db, 1)
	if err != nil {
		return "", "", err
	}
	if err := placeAt(ctx, db, near.Places[0].Place.ID); err != nil {
		return "", "", err
	}
	people, err := i.people(ctx, "learner", kitPeople)
	if err != nil {
		return "", "", err
	}
	for n, person := range people {
		name := map[string]string{"name": fmt.Sprintf("Éléonore-%d %sLefèbvre", n, strings.Repeat("Œuvrard-Ñuñez-", 3))}
		if err := i.ask(ctx, http.MethodPatch, "/v1/contact?updateMask=name", person, name, nil); err != nil {
			return "", "", err
		}
		if err := i.ask(ctx, http.MethodPost, "/v1/meetings/"+ids[0]+"/registrations", person, map[string]any{}, nil); err != nil {
			return "", "", err
		}
	}
	tokens, err := i.people(ctx, "coordinator", 1)
	if err != nil {
		return "", "", err
	}
	return "/v1/meetings/" + ids[0] + "/kit.pdf", tokens[0], nil
}

// placeAt moves the meetings to a place.
func placeAt(ctx context.Context, db *database.DB, place string) error {
	return db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE meetings SET place_id = $1`, place)
		return err
	})
}
