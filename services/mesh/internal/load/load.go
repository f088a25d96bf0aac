// Package load brings the reference data into the mesh: territories, former codes and places.
package load

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"time"

	"github.com/classcode/maillage/services/mesh/internal/domain"
	"github.com/classcode/maillage/services/mesh/internal/refdata"
)

// Progress hears how far a part of the load has come.
type Progress func(what string, done, total int)

// Store is where the reference data goes, in bulk: every row given takes the place of what was there.
type Store interface {
	Loaded(ctx context.Context, name string) (fingerprint string, err error)
	SetLoaded(ctx context.Context, name, fingerprint string) error
	ReplaceTerritories(ctx context.Context, all []domain.Territory, progress func(done int)) error
	ReplaceAncestors(ctx context.Context, all []domain.Ancestor) error
	ReplaceAliases(ctx context.Context, all []domain.Alias, progress func(done int)) error
	Write(ctx context.Context, use func(domain.Tx) error) error
}

// Loader loads the reference data into a store.
type Loader struct {
	Store Store
	Now   domain.Clock
	// Development adds the structure over which the development personas hold their roles.
	Development bool
}

// Run loads what is not loaded yet; what has not changed since the last time is left alone.
func (l Loader) Run(ctx context.Context, progress Progress) error {
	for _, step := range []func(context.Context, Progress) error{l.territories, l.aliases, l.places, l.demo} {
		if err := step(ctx, progress); err != nil {
			return fmt.Errorf("load reference data: %w", err)
		}
	}
	return nil
}

func (l Loader) territories(ctx context.Context, progress Progress) error {
	all, ancestors, err := territories(l.Now().Format(time.DateOnly))
	if err != nil {
		return err
	}
	const what = "territories"
	return l.once(ctx, what, len(all), progress, func(report func(int)) error {
		if err := l.Store.ReplaceAncestors(ctx, ancestors); err != nil {
			return err
		}
		return l.Store.ReplaceTerritories(ctx, all, report)
	}, each(all), each(ancestors))
}

func (l Loader) aliases(ctx context.Context, progress Progress) error {
	given, err := refdata.Aliases()
	if err != nil {
		return err
	}
	all := make([]domain.Alias, len(given))
	for i, a := range given {
		all[i] = domain.Alias{Code: a.Code, Current: a.Current}
	}
	return l.once(ctx, "aliases", len(all), progress, func(report func(int)) error {
		return l.Store.ReplaceAliases(ctx, all, report)
	}, each(all))
}

// demo is not counted as reference data: it is there for the personas of development only.
func (l Loader) demo(ctx context.Context, _ Progress) error {
	if !l.Development {
		return nil
	}
	return l.Store.Write(ctx, func(tx domain.Tx) error { return domain.CreateDemoStructure(ctx, tx, l.Now()) })
}

// once runs load unless exactly these rows were loaded before.
func (l Loader) once(ctx context.Context, what string, total int, progress Progress, load func(report func(int)) error, rows ...iter.Seq[any]) error {
	print := fingerprint(rows...)
	before, err := l.Store.Loaded(ctx, what)
	if err != nil {
		return err
	}
	if before == print {
		progress(what, total, total)
		return nil
	}
	if err := load(func(done int) { progress(what, done, total) }); err != nil {
		return err
	}
	return l.Store.SetLoaded(ctx, what, print)
}

// fingerprint is of the rows as they are loaded, and not of the files: an academy that comes into force changes it too. One row at a
// time, since fmt holds all that it writes in memory: tens of megabytes for the territories.
func fingerprint(sets ...iter.Seq[any]) string {
	h := sha256.New()
	for _, rows := range sets {
		for row := range rows {
			_, _ = fmt.Fprintf(h, "%T%+v\n", row, row) // a hash never fails
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// each yields the addresses of the rows, which need not be copied to be handed over.
func each[T any](rows []T) iter.Seq[any] {
	return func(yield func(any) bool) {
		for i := range rows {
			if !yield(&rows[i]) {
				return
			}
		}
	}
}
