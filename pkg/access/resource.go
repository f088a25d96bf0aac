package access

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/classcode/maillage/pkg/errs"
)

// resource loads what the call touches, and what lies above it.
func (g *Guard) resource(ctx context.Context, p *permission, req proto.Message) (Resource, []string, error) {
	if p.field == "" {
		return Resource{Type: p.kind, ID: p.kind}, nil, nil
	}
	id := p.id(req)
	if id == "" {
		return Resource{}, nil, errs.ErrRequired.At(p.field)
	}
	if p.kind == territoryType {
		territories, err := g.territories.Ancestors(ctx, id)
		return Resource{Type: territoryType, ID: id, Territory: id}, territories, missing(p, err)
	}
	resource, err := g.resolvers[p.kind](ctx, id)
	if err != nil {
		return Resource{}, nil, missing(p, err)
	}
	resource.Type = p.kind
	if resource.ID == "" {
		resource.ID = id
	}
	if resource.Territory == "" {
		return resource, nil, nil
	}
	territories, err := g.territories.Ancestors(ctx, resource.Territory)
	if err != nil && errs.From(err).Kind == errs.NotFound {
		// The resource exists, so the fault is not in the request.
		err = errs.ErrInternal.Because(fmt.Errorf("%s %s lies in %q: %w", p.kind, id, resource.Territory, err))
	}
	return resource, territories, err
}

func missing(p *permission, err error) error {
	if err != nil && errs.From(err).Kind == errs.NotFound {
		return hidden(p, err)
	}
	return err
}

// hidden is one text for what does not exist and for what the caller may not see, else the words would tell.
func hidden(p *permission, cause error) error {
	return errs.ErrNotFound.At(p.field).Because(cause)
}
