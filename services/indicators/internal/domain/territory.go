package domain

import (
	"context"
	"fmt"

	"github.com/classcode/maillage/pkg/errs"
)

// Country is the territory in which all others lie.
const Country = "FR"

// ErrTerritoryNotFound says that no grid has this code.
var ErrTerritoryNotFound = errs.New(errs.NotFound, "TERRITORY_NOT_FOUND",
	"No territory has this code; give a commune's INSEE code, a prefixed code such as REG-84, or FR.",
	"Aucun territoire ne porte ce code ; donnez le code INSEE d'une commune, un code préfixé comme REG-84, ou FR.").At("territory_code")

// Territory is the current code of the territory that was asked for; the country when none was.
func Territory(ctx context.Context, known Territories, code string) (string, error) {
	if code == "" || code == Country {
		return Country, nil
	}
	above, err := known.Ancestors(ctx, code)
	switch {
	case err != nil && errs.From(err).Kind == errs.NotFound:
		return "", ErrTerritoryNotFound.Because(err)
	case err != nil:
		return "", fmt.Errorf("territory %s: %w", code, err)
	case len(above) == 0:
		return "", ErrTerritoryNotFound
	}
	return above[0], nil
}

// Locate learns in which territories a commune lies, when it is heard of for the first time. Called outside of a transaction:
// it asks mesh.
func Locate(ctx context.Context, store Store, known Territories, commune string) error {
	if commune == "" {
		return nil
	}
	if found, err := store.CommuneKnown(ctx, commune); found || err != nil {
		return err
	}
	territories, err := known.Ancestors(ctx, commune)
	if err != nil {
		return fmt.Errorf("where is commune %s: %w", commune, err)
	}
	return store.Write(ctx, func(tx Tx) error { return tx.SaveCommune(ctx, commune, territories) })
}
