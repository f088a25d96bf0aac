package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"

	"github.com/classcode/maillage/pkg/database"
)

const (
	feedMeetings = 500
	feedGoal     = 20 // ms
)

// calendar measures how long a program waits for a feed, one after the other over one connection: from SQLite, through the service, to the
// socket. Nothing of a feed is remembered between two.
func (b *bench) calendar(ctx context.Context) (rows []Row, err error) {
	i, err := b.start(ctx, "")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, i.close()) }()
	path, err := i.subscribe(ctx)
	if err != nil {
		return nil, err
	}
	address := i.app.HTTP.Addr().String()
	feed, err := fetch(ctx, address, path)
	if err != nil {
		return nil, err
	}
	if n := bytes.Count(feed, []byte("\r\nBEGIN:VEVENT\r\n")); n != feedMeetings {
		return nil, fmt.Errorf("%d meetings in the feed", n)
	}
	row := Row{
		Name: "calendar.feed", Unit: "ms", Medium: b.Medium, Rounds: b.Rounds, Round: b.Round.Seconds(), InFlight: 1, Baseline: feedGoal,
		Against: fmt.Sprintf("what is required for %d meetings", feedMeetings),
	}
	for n := range b.Rounds {
		perSecond, err := b.turn(ctx, getting(address, path, 1), b.Round)
		if err != nil {
			return nil, err
		}
		row.Values = append(row.Values, 1000/perSecond)
		say("%s: round %d of %d: %s ms", row.Name, n+1, b.Rounds, figure(1000/perSecond))
	}
	row.settle()
	return []Row{row}, nil
}

// subscribe fills a commune with meetings, and gives the path of its feed.
func (i *instance) subscribe(ctx context.Context) (path string, err error) {
	db, err := database.Open(ctx, database.Config{DSN: "sqlite:" + filepath.Join(i.data, "meetings.db"), MaxConns: 2})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := openMeetings(ctx, db, feedMeetings); err != nil {
		return "", err
	}
	err = db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO commune_territories (commune_code, territory_code) SELECT DISTINCT commune_code, 'DEP-38' FROM meetings`)
		return err
	})
	if err != nil {
		return "", err
	}
	tokens, err := i.people(ctx, "learner", 1)
	if err != nil {
		return "", err
	}
	var made struct{ URL string }
	if err := i.ask(ctx, http.MethodPost, "/v1/calendars", tokens[0], map[string]string{"territoryCode": "DEP-38"}, &made); err != nil {
		return "", err
	}
	link, err := url.Parse(made.URL)
	if err != nil {
		return "", err
	}
	return link.Path, nil
}
