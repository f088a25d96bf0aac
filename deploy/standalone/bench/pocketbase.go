package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// againstPocketBase measures a page of our program against a page of PocketBase with as many records, both with SQLite and their
// default settings, each a process of its own.
func (b *bench) againstPocketBase(ctx context.Context) (rows []Row, err error) {
	ours, stopOurs, err := b.serveMaillage(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stopOurs()) }()
	places, err := allPlaces(ctx, ours)
	if err != nil {
		return nil, err
	}
	theirs, stopTheirs, err := b.servePocketBase(ctx, places)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stopTheirs()) }()

	path := fmt.Sprintf("/v1/places?pageSize=%d", pageSize)
	// Without the total, which we do not count either; in the order of their insertion, which is ours by name and costs it nothing.
	theirPath := fmt.Sprintf("/api/collections/places/records?perPage=%d&skipTotal=1", pageSize)
	if err := sameRecords(ctx, theirs, theirPath, places[:pageSize]); err != nil {
		return nil, err
	}
	row := Row{Name: "http.page50.pocketbase", Unit: "pages/s", Against: "PocketBase 0.39, the same records", InFlight: connections}
	err = b.alternate(ctx, &row, getting(ours, path, connections), getting(theirs, theirPath, connections))
	return []Row{row}, err
}

func (b *bench) serveMaillage(ctx context.Context) (address string, stop func() error, err error) {
	path, err := binary(ctx, "maillage")
	if err != nil {
		return "", nil, err
	}
	address, err = freeAddress(ctx)
	if err != nil {
		return "", nil, err
	}
	admin, err := freeAddress(ctx)
	if err != nil {
		return "", nil, err
	}
	data, err := os.MkdirTemp(b.folder, "data-")
	if err != nil {
		return "", nil, err
	}
	p, err := b.launch(path, nil, "serve", "--dev-login", "--data", data, "--http", address, "--grpc", "127.0.0.1:0", "--admin", admin)
	if err != nil {
		return "", nil, err
	}
	if err := p.ready(ctx, "http://"+admin+"/readyz"); err != nil {
		return "", nil, errors.Join(err, b.stop(p))
	}
	return address, func() error { return b.stop(p) }, nil
}

// servePocketBase starts a PocketBase that holds the places.
func (b *bench) servePocketBase(ctx context.Context, places []placeJSON) (address string, stop func() error, err error) {
	path, err := binary(ctx, "pocketbase")
	if err != nil {
		return "", nil, err
	}
	address, err = freeAddress(ctx)
	if err != nil {
		return "", nil, err
	}
	folder, err := os.MkdirTemp(b.folder, "pocketbase-")
	if err != nil {
		return "", nil, err
	}
	records := make([]recordJSON, len(places))
	for i, p := range places {
		records[i] = newRecord(p)
	}
	text, err := json.Marshal(records)
	if err != nil {
		return "", nil, err
	}
	file := filepath.Join(folder, "places.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return "", nil, err
	}
	p, err := b.launch(path, []string{"PLACES=" + file}, "serve", "--http", address, "--dir", filepath.Join(folder, "data"))
	if err != nil {
		return "", nil, err
	}
	if err := p.ready(ctx, "http://"+address+"/api/health"); err != nil {
		return "", nil, errors.Join(err, b.stop(p))
	}
	return address, func() error { return b.stop(p) }, nil
}

// allPlaces goes through all the pages.
func allPlaces(ctx context.Context, address string) (all []placeJSON, err error) {
	for token := ""; ; {
		var page struct {
			Places        []placeJSON `json:"places"`
			NextPageToken string      `json:"nextPageToken"`
		}
		query := url.Values{"pageSize": {"500"}, "pageToken": {token}}
		if err := fetchInto(ctx, address, "/v1/places?"+query.Encode(), &page); err != nil {
			return nil, err
		}
		all = append(all, page.Places...)
		if token = page.NextPageToken; token == "" {
			break
		}
	}
	if len(all) <= pageSize {
		return nil, fmt.Errorf("%d places are no page; the data is not loaded", len(all))
	}
	return all, nil
}

// recordJSON is a place as PocketBase has it: two fields have other types there, and two more tell the collection.
type recordJSON struct {
	placeJSON
	Position struct {
		Lat float64 `json:"lat"`
		Lon float64 `json:"lon"`
	} `json:"position"`
	CreateTime     string `json:"createTime"`
	CollectionID   string `json:"collectionId,omitempty"`
	CollectionName string `json:"collectionName,omitempty"`
}

func newRecord(p placeJSON) recordJSON {
	r := recordJSON{placeJSON: p, CreateTime: p.CreateTime.UTC().Truncate(time.Millisecond).Format("2006-01-02 15:04:05.000Z")}
	r.Position.Lat, r.Position.Lon = p.Position.Latitude, p.Position.Longitude
	r.placeJSON.Position, r.placeJSON.CreateTime = placeJSON{}.Position, time.Time{} // hidden by the two above
	return r
}

// sameRecords makes sure that PocketBase's page holds these places, field for field.
func sameRecords(ctx context.Context, address, path string, places []placeJSON) error {
	var page struct {
		Items      []recordJSON `json:"items"`
		Page       int          `json:"page"`
		PerPage    int          `json:"perPage"`
		TotalItems int          `json:"totalItems"`
		TotalPages int          `json:"totalPages"`
	}
	if err := fetchInto(ctx, address, path, &page); err != nil {
		return err
	}
	if len(page.Items) != len(places) {
		return fmt.Errorf("%s: %d records, not %d", path, len(page.Items), len(places))
	}
	for i, got := range page.Items {
		got.CollectionID, got.CollectionName = "", ""
		if want := newRecord(places[i]); got != want {
			return fmt.Errorf("%s: record %d is not the place:\n%+v\n%+v", path, i, got, want)
		}
	}
	return nil
}
