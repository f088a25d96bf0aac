package season

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// person is a synthetic person with a token of one's own.
type person struct {
	id, token, commune string
	interest           *meshv1.Interest
}

// hire gets a person a token, and the id under which the mesh knows the person.
func (s *season) hire(ctx context.Context, persona, name string) (*person, error) {
	token, err := s.token(ctx, persona, fmt.Sprintf("season-%s-%s", s.run, name))
	if err != nil {
		return nil, err
	}
	p := &person{token: token}
	known := &meshv1.Person{}
	if err := s.post(ctx, p, "/v1/people:resolve", &meshv1.ResolvePersonRequest{}, known); err != nil {
		return nil, err
	}
	p.id = known.GetId()
	return p, nil
}

// settle gives each learner a commune of the territory, in proportion to the communes' populations.
func (s *season) settle(ctx context.Context) error {
	communes, err := s.communes(ctx)
	if err != nil {
		return err
	}
	var total int64
	for _, c := range communes {
		total += c.GetPopulation()
	}
	if total == 0 {
		return errors.New("aucune commune peuplée dans " + s.Territory)
	}
	for _, p := range s.learners {
		n := s.random.Int64N(total)
		for _, c := range communes {
			if n -= c.GetPopulation(); n < 0 {
				p.commune = c.GetCode()
				break
			}
		}
	}
	return nil
}

// communes lists the territory's communes, department by department, in the instance's order.
func (s *season) communes(ctx context.Context) ([]*meshv1.Territory, error) {
	departments, err := s.territories(ctx, "TERRITORY_KIND_DEPARTMENT", s.Territory)
	if err != nil {
		return nil, err
	}
	var communes []*meshv1.Territory
	for _, d := range departments {
		some, err := s.territories(ctx, "TERRITORY_KIND_COMMUNE", d.GetCode())
		if err != nil {
			return nil, err
		}
		communes = append(communes, some...)
	}
	return communes, nil
}

func (s *season) territories(ctx context.Context, kind, parent string) ([]*meshv1.Territory, error) {
	var all []*meshv1.Territory
	query := url.Values{"kind": {kind}, "parentCode": {parent}, "pageSize": {"500"}}
	for {
		page := &meshv1.ListTerritoriesResponse{}
		if err := s.get(ctx, nil, "/v1/territories", query, page); err != nil {
			return nil, err
		}
		all = append(all, page.GetTerritories()...)
		if page.GetNextPageToken() == "" {
			return all, nil
		}
		query.Set("pageToken", page.GetNextPageToken())
	}
}
