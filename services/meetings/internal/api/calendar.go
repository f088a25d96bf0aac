package api

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	"github.com/classcode/maillage/pkg/rpc"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// secretSize is in bytes; nobody guesses 256 bits.
const secretSize = 32

// CalendarResource says whose a feed is; to others it does not exist.
func (s *Server) CalendarResource(ctx context.Context, id string) (access.Resource, error) {
	c, err := s.Store.Calendar(ctx, id)
	return access.Resource{Type: "Calendar", ID: id, Owners: some(c.PersonID), Private: true}, err
}

// CreateCalendar makes a feed, and tells its link this once.
func (s *Server) CreateCalendar(ctx context.Context, req *meetingsv1.CreateCalendarRequest) (*meetingsv1.CreateCalendarResponse, error) {
	c, err := s.subject(ctx, req.GetCalendar())
	if err != nil {
		return nil, err
	}
	c.ID, c.PersonID = newID(), caller(ctx)
	c.Digest = digest(s.secret(c.ID))
	// What is remembered for a retry has no link in it: no secret is kept anywhere.
	made, err := idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Calendar, error) {
		c, err := domain.CreateCalendar(ctx, tx, c, s.Now())
		return wire.Calendar(c), err
	})
	if err != nil {
		return nil, err
	}
	return &meetingsv1.CreateCalendarResponse{Calendar: made, Url: s.PublicURL + "/v1/calendars/" + s.secret(made.GetId()) + ".ics"}, nil
}

func (s *Server) secret(id string) string { return s.secretOf("calendar", id) }

// secretOf follows from the id of what a link leads to, so that a retry is told the same one. It is looked up by its digest: when the key
// changes, the links that people have go on serving.
func (s *Server) secretOf(noun, id string) string {
	raw, err := hkdf.Key(sha256.New, s.Links, nil, "maillage "+noun+" 1 "+id, secretSize)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", noun, err)) // only a length beyond SHA-256's is refused
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// subject is of what a feed is asked for, once it is known that there is such a thing, and for a group, that it is the caller's.
func (s *Server) subject(ctx context.Context, in *meetingsv1.Calendar) (c domain.Calendar, err error) {
	group, place, territory := in.GetGroupId(), in.GetPlaceId(), in.GetTerritoryCode()
	if len(some(group, place, territory)) > 1 {
		return c, domain.ErrCalendarSubject.At("calendar")
	}
	switch {
	case group != "":
		return domain.Calendar{Kind: domain.GroupCalendar, SubjectID: group}, s.inGroup(ctx, group)
	case place != "":
		return domain.Calendar{Kind: domain.PlaceCalendar, SubjectID: place}, s.isPlace(ctx, place)
	case territory != "":
		t, err := s.Groups.GetTerritory(ctx, &meshv1.GetTerritoryRequest{Code: territory})
		if err = rpc.FromStatus(err); isMissing(err) {
			return c, errs.Missing("territory", "territoire").At("calendar.territory_code")
		}
		return domain.Calendar{Kind: domain.TerritoryCalendar, SubjectID: t.GetCode()}, err
	}
	return domain.Calendar{Kind: domain.PersonCalendar, SubjectID: caller(ctx)}, nil
}

// inGroup refuses whoever neither organises the group nor is a member.
func (s *Server) inGroup(ctx context.Context, id string) error {
	g, err := s.group(ctx, id)
	if isMissing(err) {
		return errs.Missing("group", "groupe").At("calendar.group_id")
	}
	if err != nil || g.GetOrganiserId() == caller(ctx) {
		return err
	}
	found, err := s.Groups.ListGroupMembers(ctx, &meshv1.ListGroupMembersRequest{GroupId: id, PageSize: members})
	if err = rpc.FromStatus(err); isMissing(err) {
		return errs.ErrDenied // who may not see the members is told that there are none
	}
	own := func(m *meshv1.GroupMember) bool { return m.GetPersonId() == caller(ctx) }
	if err == nil && !slices.ContainsFunc(found.GetMembers(), own) {
		return errs.ErrDenied
	}
	return err
}

func (s *Server) isPlace(ctx context.Context, id string) error {
	_, err := s.Groups.GetPlace(ctx, &meshv1.GetPlaceRequest{Id: id})
	if err = rpc.FromStatus(err); isMissing(err) {
		return errs.Missing("place", "lieu").At("calendar.place_id")
	}
	return err
}

// ListCalendars returns the caller's feeds whose links serve.
func (s *Server) ListCalendars(ctx context.Context, req *meetingsv1.ListCalendarsRequest) (*meetingsv1.ListCalendarsResponse, error) {
	who := caller(ctx)
	calendars, next, err := page.List(s.Pages, page.Query{Method: "ListCalendars", Order: "created,id", Scope: who}, req,
		func(after []string, limit int) ([]domain.Calendar, error) {
			return s.Store.Calendars(ctx, domain.CalendarQuery{PersonID: who, Page: domain.Page{After: after, Limit: limit}})
		},
		func(c domain.Calendar) []string {
			return []string{strconv.FormatInt(database.Micros(c.CreateTime), 10), c.ID}
		})
	if err != nil {
		return nil, err
	}
	out := &meetingsv1.ListCalendarsResponse{NextPageToken: next}
	for _, c := range calendars {
		out.Calendars = append(out.Calendars, wire.Calendar(c))
	}
	return out, nil
}

// RevokeCalendar ends a feed's link.
func (s *Server) RevokeCalendar(ctx context.Context, req *meetingsv1.RevokeCalendarRequest) (*meetingsv1.Calendar, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Calendar, error) {
		c, err := domain.RevokeCalendar(ctx, tx, req.GetId(), s.Now())
		return wire.Calendar(c), err
	})
}

// stillThere reports whether the feed's owner still belongs to what it shows; only a group can be left.
func (s *Server) stillThere(ctx context.Context, c domain.Calendar) (bool, error) {
	if c.Kind != domain.GroupCalendar || s.Memberships == nil {
		return true, nil
	}
	g, err := s.Groups.GetGroup(ctx, &meshv1.GetGroupRequest{Id: c.SubjectID})
	if err = rpc.FromStatus(err); isMissing(err) {
		return false, nil
	}
	if err != nil || g.GetOrganiserId() == c.PersonID {
		return err == nil, err
	}
	all, err := s.Memberships.ListMemberships(ctx, &meshv1.ListMembershipsRequest{GroupId: c.SubjectID})
	return slices.ContainsFunc(all.GetMemberships(), func(m *meshv1.Membership) bool { return m.GetPersonId() == c.PersonID }), rpc.FromStatus(err)
}
