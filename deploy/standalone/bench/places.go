package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/etag"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// places measures a page's whole way, from SQLite to the socket.
func (b *bench) places(ctx context.Context) (rows []Row, err error) {
	i, err := b.start(ctx, "")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, i.close()) }()
	// The same file, through the same driver with the same settings.
	db, err := database.Open(ctx, database.Config{DSN: "sqlite:" + filepath.Join(i.data, "mesh.db")})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	ours := i.app.HTTP.Addr().String()
	theirs, stop, err := serve(plain(encodePlaces(db.Read())))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop()) }()

	path := fmt.Sprintf("/v1/places?pageSize=%d", pageSize)
	if err := sameAnswer[placePage](ctx, path, ours, theirs); err != nil {
		return nil, err
	}
	row := Row{Name: "http.page50.standalone", Unit: "pages/s", Against: "net/http, the same query, encoding/json", InFlight: connections}
	err = b.alternate(ctx, &row, getting(ours, path, connections), getting(theirs, path, connections))
	return []Row{row}, err
}

// pageToken stands for the next page's; its content is the program's secret, so that neither side's is compared.
type pageToken string

// UnmarshalJSON implements json.Unmarshaler.
func (t *pageToken) UnmarshalJSON(text []byte) error {
	if len(text) < 20 {
		return fmt.Errorf("%s is no token of a next page; the data is not loaded", text)
	}
	return nil
}

// placePage and what it holds is the contract's JSON.
type placePage struct {
	Places        []placeJSON `json:"places"`
	NextPageToken pageToken   `json:"nextPageToken"`
}

type placeJSON struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	CommuneCode string `json:"communeCode"`
	Position    struct {
		Latitude  float64 `json:"latitude"`
		Longitude float64 `json:"longitude"`
	} `json:"position"`
	Status       string    `json:"status"`
	OpeningHours string    `json:"openingHours"`
	StructureID  string    `json:"structureId"`
	Source       string    `json:"source"`
	SourceID     string    `json:"sourceId"`
	Seats        int       `json:"seats"`
	Etag         string    `json:"etag"`
	CreateTime   time.Time `json:"createTime"`
	Address      string    `json:"address"`
}

// One row more than a page, as the program asks for, to know whether there is another page.
const placesQuery = `SELECT id, name, commune_code, latitude, longitude, status, opening_hours, structure_id, source, source_id, seats,
	address, version, created_at FROM places
	WHERE (name_folded, id) > ($1, $2) AND status >= $3 AND TRUE ORDER BY name_folded, id LIMIT $4`

func encodePlaces(db *sql.DB) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		page, err := readPlaces(r.Context(), db)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(page) // only a caller who has left makes it fail
	}
}

func readPlaces(ctx context.Context, db *sql.DB) (page placePage, err error) {
	rows, err := db.QueryContext(ctx, placesQuery, "", "", 0, pageSize+1)
	if err != nil {
		return page, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var p placeJSON
		var status, version, created int64
		if err := rows.Scan(&p.ID, &p.Name, &p.CommuneCode, &p.Position.Latitude, &p.Position.Longitude, &status, &p.OpeningHours,
			&p.StructureID, &p.Source, &p.SourceID, &p.Seats, &p.Address, &version, &created); err != nil {
			return page, err
		}
		p.Status, p.Etag, p.CreateTime = meshv1.PlaceStatus(status).String(), etag.Of(version), database.Time(created)
		page.Places = append(page.Places, p)
	}
	if len(page.Places) > pageSize {
		page.Places, page.NextPageToken = page.Places[:pageSize], "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	}
	return page, rows.Err()
}
