// Command pocketbase is PocketBase with its default settings and a public collection of places, for the bench to compare with.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// placesFile names the environment variable that says where the places are: an array of records with these fields.
const placesFile = "PLACES"

// collection is also the last part of its address.
const collection = "places"

func main() {
	app := pocketbase.New()
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.InstallerFunc = nil // it opens a browser
		if err := fill(e.App, os.Getenv(placesFile)); err != nil {
			return fmt.Errorf("fill the collection: %w", err)
		}
		return e.Next()
	})
	if err := app.Start(); err != nil {
		log.Fatal(err)
	}
}

// fill creates the collection and saves each place of a file in it, in the file's order.
func fill(app core.App, file string) error {
	if file == "" {
		return errors.New(placesFile + " names no file")
	}
	text, err := os.ReadFile(file) //nolint:gosec // the bench's own file
	if err != nil {
		return err
	}
	var all []map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	places := places()
	if err := app.Save(places); err != nil {
		return err
	}
	return app.RunInTransaction(func(tx core.App) error {
		for _, fields := range all {
			record := core.NewRecord(places)
			record.Load(fields)
			if err := tx.Save(record); err != nil {
				return fmt.Errorf("%v: %w", fields["id"], err)
			}
		}
		return nil
	})
}

// places has the fields of the contract's Place, with the types that PocketBase has for them; anyone may list it.
func places() *core.Collection {
	c := core.NewBaseCollection(collection)
	c.ListRule = types.Pointer("")
	if id, ok := c.Fields.GetByName("id").(*core.TextField); ok { // ours are longer than PocketBase's
		id.Min, id.Max, id.Pattern, id.AutogeneratePattern = 36, 36, "^[a-z0-9-]+$", ""
	}
	for _, name := range []string{"name", "communeCode", "openingHours", "structureId", "source", "sourceId", "etag", "address"} {
		c.Fields.Add(&core.TextField{Name: name})
	}
	c.Fields.Add(
		&core.GeoPointField{Name: "position"},
		&core.SelectField{Name: "status", MaxSelect: 1, Values: []string{
			"PLACE_STATUS_IDENTIFIED", "PLACE_STATUS_ACTIVE", "PLACE_STATUS_SUSTAINED",
		}},
		&core.NumberField{Name: "seats", OnlyInt: true},
		&core.DateField{Name: "createTime"},
	)
	return c
}
