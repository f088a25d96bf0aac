package refdata

import (
	"bytes"
	"embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

//go:embed *.csv
var files embed.FS

// Territories returns the nodes above communes, by code.
func Territories() ([]Territory, error) {
	return read("territories", "code,kind,grid,parent,name,valid_from,valid_to,vintage,successor", func(r *row) Territory {
		return Territory{Code: r.text(), Kind: r.text(), Grid: r.text(), Parent: r.text(), Name: r.text(),
			ValidFrom: r.text(), ValidTo: r.text(), Vintage: r.text(), Successor: r.text()}
	})
}

// DepartmentAcademies returns the academy of each department in each vintage, by department and date.
func DepartmentAcademies() ([]DepartmentAcademy, error) {
	return read("department_academies", "department,academy,valid_from,valid_to", func(r *row) DepartmentAcademy {
		return DepartmentAcademy{Department: r.text(), Academy: r.text(), ValidFrom: r.text(), ValidTo: r.text()}
	})
}

// Denominators returns the members of the named sets, by set, date and code.
func Denominators() ([]Denominator, error) {
	return read("denominators", "set,code,valid_from,valid_to,source", func(r *row) Denominator {
		return Denominator{Set: r.text(), Code: r.text(), ValidFrom: r.text(), ValidTo: r.text(), Source: r.text()}
	})
}

// Communes returns the current communes and the municipal arrondissements, by code.
func Communes() ([]Commune, error) {
	return read("communes", "code,kind,name,parent,department,postcodes,population,lat,lon,precision", func(r *row) Commune {
		return Commune{Code: r.text(), Kind: r.text(), Name: r.text(), Parent: r.text(), Department: r.text(),
			Postcodes: r.list(), Population: r.count(), Lat: r.degrees(), Lon: r.degrees(), Precision: r.text()}
	})
}

// Aliases returns the codes that lead to a current commune, by code.
func Aliases() ([]Alias, error) {
	return read("aliases", "code,current,kind,name", func(r *row) Alias {
		return Alias{Code: r.text(), Current: r.text(), Kind: r.text(), Name: r.text()}
	})
}

// Places returns the places for digital mediation that passed the checks, by source id.
func Places() ([]Place, error) {
	const columns = "id,source_id,name,commune,address,postcode,lat,lon,opening_hours,kinds,website,updated"
	return read("places", columns, func(r *row) Place {
		return Place{ID: r.text(), SourceID: r.text(), Name: r.text(), Commune: r.text(), Address: r.text(), Postcode: r.text(),
			Lat: r.degrees(), Lon: r.degrees(), OpeningHours: r.text(), Kinds: r.list(), Website: r.text(), Updated: r.text()}
	})
}

// RejectedPlaces returns the records of the source that were refused, by source id.
func RejectedPlaces() ([]RejectedPlace, error) {
	return read("places_rejected", "source_id,reason_code,reason", func(r *row) RejectedPlace {
		return RejectedPlace{SourceID: r.text(), ReasonCode: r.text(), Reason: r.text()}
	})
}

// read parses one file. The header must be the expected one, so that a column moved by the script is an
// error here and not a wrong value further on. Fields are evaluated in the order they are written in.
func read[T any](name, columns string, parse func(*row) T) ([]T, error) {
	content, err := files.ReadFile(name + ".csv")
	if err != nil {
		return nil, fmt.Errorf("refdata: %w", err)
	}
	reader := csv.NewReader(bytes.NewReader(content))
	reader.ReuseRecord = true
	header, err := reader.Read()
	if err != nil {
		return nil, fmt.Errorf("refdata: %s: %w", name, err)
	}
	if got := strings.Join(header, ","); got != columns {
		return nil, fmt.Errorf("refdata: %s: columns are %q, want %q", name, got, columns)
	}
	items := make([]T, 0, bytes.Count(content, []byte{'\n'})) // growing it would cost more than parsing
	for {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return items, nil
		}
		if err != nil {
			return nil, fmt.Errorf("refdata: %s: %w", name, err)
		}
		r := row{cells: cells}
		items = append(items, parse(&r))
		if r.err != nil {
			line, _ := reader.FieldPos(0)
			return nil, fmt.Errorf("refdata: %s line %d: %w", name, line, r.err)
		}
	}
}

// row hands out the cells of a line from left to right and keeps the first error.
type row struct {
	cells []string
	err   error
}

func (r *row) text() string {
	cell := r.cells[0]
	r.cells = r.cells[1:]
	return cell
}

func (r *row) list() []string { return strings.Fields(r.text()) }

func (r *row) count() int {
	cell := r.text()
	if cell == "" {
		return UnknownPopulation
	}
	n, err := strconv.Atoi(cell)
	r.err = errors.Join(r.err, err)
	return n
}

func (r *row) degrees() float64 {
	cell := r.text()
	if cell == "" {
		return 0
	}
	value, err := strconv.ParseFloat(cell, 64)
	r.err = errors.Join(r.err, err)
	return value
}
