package api

import (
	"context"
	"slices"
	"strconv"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
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

// CreateRegistration gives the caller a seat, or a place in the waiting list; the capacity is never exceeded. Whoever asks at the
// same time shares a transaction.
func (s *Server) CreateRegistration(ctx context.Context, req *meetingsv1.CreateRegistrationRequest) (*meetingsv1.Registration, error) {
	command, err := idempotent.NewCommand(ctx, req)
	if err != nil {
		return nil, err
	}
	return s.seats.Do(ctx, req.GetMeetingId(), caller(ctx), seat{
		command: command,
		request: domain.Request{
			ID: newID(), PersonID: caller(ctx), SeatOnly: req.GetSeatOnly(), NameShared: req.GetRegistration().GetNameShared(),
			Pool: domain.Pool{
				MeetingID: req.GetMeetingId(),
				Mode:      domain.SeatMode(req.GetRegistration().GetMode()), Role: domain.SeatRole(req.GetRegistration().GetRole()),
			},
		},
	})
}

// GetRegistration returns a registration.
func (s *Server) GetRegistration(ctx context.Context, req *meetingsv1.GetRegistrationRequest) (*meetingsv1.Registration, error) {
	r, err := within(ctx, s.Store, req)
	if err != nil {
		return nil, err
	}
	all, err := s.ranked(ctx, r.MeetingID, r)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// ranked is registrations of a meeting as the contract has them, with the ranks of those who wait.
func (s *Server) ranked(ctx context.Context, meetingID string, all ...domain.Registration) (out []*meetingsv1.Registration, err error) {
	var ranks map[string]int
	if slices.ContainsFunc(all, func(r domain.Registration) bool { return r.State == domain.RegistrationWaitlisted }) {
		if ranks, err = s.Store.WaitingPositions(ctx, meetingID); err != nil {
			return nil, err
		}
	}
	for _, r := range all {
		one := wire.Registration(r)
		one.WaitingPosition = int32(ranks[r.ID]) //nolint:gosec // a waiting list has an end
		out = append(out, one)
	}
	return out, nil
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
	all, err := s.ranked(ctx, req.GetMeetingId(), registrations...)
	return &meetingsv1.ListRegistrationsResponse{Registrations: all, NextPageToken: next}, err
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

// CancelRegistration gives a seat back, or a place in the waiting list.
func (s *Server) CancelRegistration(ctx context.Context, req *meetingsv1.CancelRegistrationRequest) (*meetingsv1.Registration, error) {
	return s.onRegistration(ctx, req, func(tx domain.Tx, r domain.Registration) (domain.Registration, error) {
		return domain.CancelRegistration(ctx, tx, r, req.GetReason(), s.Now())
	})
}

// AcceptOffer takes the seat that is offered.
func (s *Server) AcceptOffer(ctx context.Context, req *meetingsv1.AcceptOfferRequest) (*meetingsv1.Registration, error) {
	return s.onRegistration(ctx, req, func(tx domain.Tx, r domain.Registration) (domain.Registration, error) {
		return domain.Accept(ctx, tx, r, s.Now())
	})
}

// DeclineOffer leaves the seat that is offered to whoever waits next.
func (s *Server) DeclineOffer(ctx context.Context, req *meetingsv1.DeclineOfferRequest) (*meetingsv1.Registration, error) {
	return s.onRegistration(ctx, req, func(tx domain.Tx, r domain.Registration) (domain.Registration, error) {
		return domain.Decline(ctx, tx, r, req.GetReason(), s.Now())
	})
}

// onRegistrationRequest names a registration, and perhaps the etag that it must still have.
type onRegistrationRequest interface {
	onMeetingRequest
	GetMeetingId() string
}

func (s *Server) onRegistration(
	ctx context.Context, req onRegistrationRequest, use func(domain.Tx, domain.Registration) (domain.Registration, error),
) (*meetingsv1.Registration, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Registration, error) {
		r, err := within(ctx, tx, req)
		if err != nil {
			return nil, err
		}
		if err := etag.Check(req.GetEtag(), r.Version); err != nil {
			return nil, err
		}
		r, err = use(tx, r)
		return wire.Registration(r), err
	})
}

// UpdateRegistration changes the mode of a registration, or whether others see the person's name.
func (s *Server) UpdateRegistration(ctx context.Context, req *meetingsv1.UpdateRegistrationRequest) (*meetingsv1.Registration, error) {
	in := req.GetRegistration()
	if len(req.GetUpdateMask().GetPaths()) == 0 {
		return nil, errs.ErrMask.At("update_mask")
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Registration, error) {
		r, err := within(ctx, tx, in)
		if err != nil {
			return nil, err
		}
		if etag.Check(in.GetEtag(), r.Version) != nil {
			return nil, errs.ErrStaleEtag.At("registration.etag").With("current", etag.Of(r.Version))
		}
		for _, path := range req.GetUpdateMask().GetPaths() {
			switch path {
			case "mode":
				r, err = domain.Switch(ctx, tx, r, domain.SeatMode(in.GetMode()), s.Now())
			case "name_shared":
				r, err = domain.ShareName(ctx, tx, r, caller(ctx), in.GetNameShared())
			case "id", "meeting_id", "etag": // a PATCH over HTTP without a mask gets one from its body, these included
			default:
				err = errs.ErrMask.At("update_mask").With("path", path)
			}
			if err != nil {
				return nil, err
			}
		}
		return wire.Registration(r), nil
	})
}

// SetSeats says how many persons of a role may take part in a mode.
func (s *Server) SetSeats(ctx context.Context, req *meetingsv1.SetSeatsRequest) (*meetingsv1.Meeting, error) {
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Meeting, error) {
		m, err := tx.Meeting(ctx, req.GetMeetingId())
		if err != nil {
			return nil, err
		}
		if err := etag.Check(req.GetEtag(), m.Version); err != nil {
			return nil, err
		}
		pool := domain.Pool{Mode: domain.SeatMode(req.GetMode()), Role: domain.SeatRole(req.GetRole())}
		m, err = domain.SetSeats(ctx, tx, m, pool, int(req.GetCapacity()), s.Now())
		return wire.Meeting(m), err
	})
}

// RecordAttendance says who came.
func (s *Server) RecordAttendance(ctx context.Context, req *meetingsv1.RecordAttendanceRequest) (*meetingsv1.Meeting, error) {
	lines := make([]domain.Attendance, len(req.GetAttendances()))
	for i, a := range req.GetAttendances() {
		lines[i] = domain.Attendance{
			RegistrationID: a.GetRegistrationId(), State: domain.RegistrationState(a.GetState()), Part: domain.AttendancePart(a.GetPart()), Reason: a.GetReason(),
		}
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.Meeting, error) {
		m, err := tx.Meeting(ctx, req.GetMeetingId())
		if err != nil {
			return nil, err
		}
		m, err = domain.RecordAttendance(ctx, tx, m, lines, caller(ctx), s.Now())
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
