package domain

import (
	"context"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Resource is something to go further with.
type Resource struct {
	ID           string
	Title        string
	Summary      string
	URI          string
	Kind         int // as in the contract
	LanguageCode string
	Licence      string
	ModuleIDs    []string
	Version      int64
	CreateTime   time.Time
}

// ResourceQuery selects resources by title.
type ResourceQuery struct {
	ModuleID string // "" for all
	Page
}

// ErrResourceNotFound says that the catalogue has no such resource.
var ErrResourceNotFound = errs.Missing("resource", "ressource")

// CreateResource adds a resource; the modules that it completes must exist.
func CreateResource(ctx context.Context, tx Tx, r Resource) (Resource, error) {
	for _, id := range r.ModuleIDs {
		if _, err := tx.Module(ctx, id); err != nil {
			return Resource{}, atField(err, "resource.module_ids")
		}
	}
	r.Version = 1
	return r, tx.InsertResource(ctx, r)
}

// atField names the field that refers to something missing; the request is wrong then, not the address.
func atField(err error, path string) error {
	if e := errs.From(err); e.Kind == errs.NotFound {
		return errs.New(errs.Invalid, "REFERENCE_NOT_FOUND", e.EN, e.FR).At(path)
	}
	return err
}
