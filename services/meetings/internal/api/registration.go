package api

import (
	"context"
	"strconv"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/etag"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

// RegistrationResource says whose a registration is: the person's, and the organiser's who keeps the seats.
func (s *Server) RegistrationResource(ctx context.Context, id string) (access.Resource, error) {
	r, err := s.Store.Registration(ctx, id)
	if err != nil {
		return access.Resource{}, err
	}
	m, err := s.Store.Meeting(ctx, r.MeetingID)
	return access.Resource{
		Type: "Registration", ID: id, Territory: m.CommuneCode, Structure: m.StructureID,
		Owners: some(r.PersonID, m.OrganiserID), Private: true,
	}, err
}

// CreateRegistration registers the caller for a meeting; the capacity is never exceeded. Whoever asks at the same time shares a
// transaction.
func (s *Server) CreateRegistration(ctx context.Context, req *meetingsv1.CreateRegistrationRequest) (*meetingsv1.Registration, error) {
	command, err := idempotent.NewCommand(ctx, req)
	if err != nil {
		return nil, err
	}
	return s.seats.Do(ctx, req.GetMeetingId(), caller(ctx), seat{
		command: command, request: domain.Request{ID: newID(), MeetingID: req.GetMeetingId(), PersonID: caller(ctx), Now: s.Now()},
	})
}

// GetRegistration returns a registration.
func (s *Server) GetRegistration(ctx context.Context, req *meetingsv1.GetRegistrationRequest) (*meetingsv1.Registration, error) {
	r, err := within(ctx, s.Store, req)
	if err != nil {
		return nil, err
	}
	return wire.Registration(r), nil
}

// ListRegistrations returns all of a meeting's registrations to its organiser and the coordinators of its territory, and
// their own to anybody else.
func (s *Server) ListRegistrations(ctx context.Context, req *meetingsv1.ListRegistrationsRequest) (*meetingsv1.ListRegistrationsResponse, error) {
	whose, err := s.whose(ctx, req.GetMeetingId())
	if err != nil {
		return nil, err
	}
	query := page.Query{Method: "ListRegistrations", Filter: req.GetMeetingId(), Order: "created,id", Scope: whose}
	registrations, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.Registration, error) {
			return s.Store.Registrations(ctx, domain.RegistrationQuery{
				MeetingID: req.GetMeetingId(), PersonID: whose, Page: domain.Page{After: after, Limit: limit},
			})
		},
		func(r domain.Registration) []string {
			return []string{strconv.FormatInt(database.Micros(r.CreateTime), 10), r.ID}
		})
	if err != nil {
		return nil, err
	}
	out := &meetingsv1.ListRegistrationsResponse{NextPageToken: next}
	for _, r := range registrations {
		out.Registrations = append(out.Registrations, wire.Registration(r))
	}
	return out, nil
}

// whose is the person whose registrations the caller may see, "" for everyone's.
func (s *Server) whose(ctx context.Context, meetingID string) (string, error) {
	m, err := s.Store.Meeting(ctx, meetingID)
	if err != nil {
		return "", err
	}
	if caller(ctx) == m.OrganiserID {
		return "", nil
	}
	everyone, err := s.coordinates(ctx, m.CommuneCode)
	if err != nil || everyone {
		return "", err
	}
	return caller(ctx), nil
}

// CancelRegistration gives a seat back.
func (s *Server) CancelRegistration(ctx context.Context, req *meetingsv1.CancelRegistrationRequest) (*meetingsv1.Registration, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Registration, error) {
		r, err := within(ctx, tx, req)
		if err != nil {
			return nil, err
		}
		if err := etag.Check(req.GetEtag(), r.Version); err != nil {
			return nil, err
		}
		r, err = domain.CancelRegistration(ctx, tx, r, s.Now())
		return wire.Registration(r), err
	})
}

// RecordAttendance says who came.
func (s *Server) RecordAttendance(ctx context.Context, req *meetingsv1.RecordAttendanceRequest) (*meetingsv1.Meeting, error) {
	lines := make([]domain.Attendance, len(req.GetAttendances()))
	for i, a := range req.GetAttendances() {
		lines[i] = domain.Attendance{RegistrationID: a.GetRegistrationId(), State: domain.RegistrationState(a.GetState())}
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Meeting, error) {
		m, err := tx.Meeting(ctx, req.GetMeetingId())
		if err != nil {
			return nil, err
		}
		m, err = domain.RecordAttendance(ctx, tx, m, lines, s.Now())
		return wire.Meeting(m), err
	})
}

// within finds the registration that a request names, in the meeting that it names.
func within(ctx context.Context, from domain.RegistrationReads, req interface {
	GetId() string
	GetMeetingId() string
}) (domain.Registration, error) {
	r, err := from.Registration(ctx, req.GetId())
	if err == nil && r.MeetingID != req.GetMeetingId() {
		err = domain.ErrRegistrationNotFound.At("id")
	}
	return r, err
}
