package api

import (
	"context"
	"strconv"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/page"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/mesh/internal/domain"
	"github.com/classcode/maillage/services/mesh/internal/wire"
)

// GroupResource says where a group meets; it belongs to its members and its organiser.
func (s *Server) GroupResource(ctx context.Context, id string) (access.Resource, error) {
	g, err := s.Store.Group(ctx, id)
	if err != nil {
		return access.Resource{}, err
	}
	members, err := s.Store.Members(ctx, id, domain.Page{Limit: domain.MaxGroup})
	resource := access.Resource{Type: "Group", ID: id, Territory: g.CommuneCode, Structure: g.StructureID}
	if g.OrganiserID != "" {
		resource.Owners = append(resource.Owners, g.OrganiserID)
	}
	for _, m := range members {
		resource.Owners = append(resource.Owners, m.PersonID)
	}
	return resource, err
}

// GetGroup returns a group.
func (s *Server) GetGroup(ctx context.Context, req *meshv1.GetGroupRequest) (*meshv1.Group, error) {
	group, err := s.Store.Group(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return wire.Group(group), nil
}

// ListGroups returns groups, oldest first.
func (s *Server) ListGroups(ctx context.Context, req *meshv1.ListGroupsRequest) (*meshv1.ListGroupsResponse, error) {
	territory, err := s.territoryFilter(ctx, req.GetTerritoryCode())
	if err != nil {
		return nil, err
	}
	query := page.Query{Method: "ListGroups", Filter: req.GetCampaignId() + "|" + territory, Order: "created,id"}
	groups, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.Group, error) {
			return s.Store.Groups(ctx, domain.GroupQuery{
				CampaignID: req.GetCampaignId(), Territory: territory, Page: domain.Page{After: after, Limit: limit},
			})
		},
		func(g domain.Group) []string { return byTime(g.CreateTime, g.ID) })
	if err != nil {
		return nil, err
	}
	out := &meshv1.ListGroupsResponse{NextPageToken: next}
	for _, g := range groups {
		out.Groups = append(out.Groups, wire.Group(g))
	}
	return out, nil
}

// ListGroupMembers returns a group's members, nearest to the place first.
func (s *Server) ListGroupMembers(ctx context.Context, req *meshv1.ListGroupMembersRequest) (*meshv1.ListGroupMembersResponse, error) {
	query := page.Query{Method: "ListGroupMembers", Filter: req.GetGroupId(), Order: "distance,person", Scope: scopeOf(viewer(ctx))}
	members, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.Member, error) {
			return s.Store.Members(ctx, req.GetGroupId(), domain.Page{After: after, Limit: limit})
		},
		func(m domain.Member) []string { return []string{strconv.Itoa(m.Distance), m.PersonID} })
	if err != nil {
		return nil, err
	}
	out := &meshv1.ListGroupMembersResponse{NextPageToken: next}
	for _, m := range members {
		out.Members = append(out.Members, wire.Member(m))
	}
	return out, nil
}
