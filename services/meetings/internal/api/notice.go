package api

import (
	"context"
	"strconv"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/etag"
	"github.com/classcode/maillage/pkg/idempotent"
	"github.com/classcode/maillage/pkg/page"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/wire"
)

const (
	// calmFor is longer than the commit of a batch of registrations.
	calmFor = 50 * time.Millisecond
	// calmPatience: what waits for a moment without registrations goes on all the same.
	calmPatience = 2 * time.Second
)

// Calm waits until nobody has registered for a moment, two seconds at most: the mails that follow from a rush come after it.
func (s *Server) Calm(ctx context.Context) {
	began, tick := time.Now(), time.NewTicker(calmFor/5)
	defer tick.Stop()
	for last := began.Add(-calmFor); time.Since(began) < calmPatience; {
		if s.seats.Busy() {
			last = time.Now()
		} else if time.Since(last) >= calmFor {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// GetNoticePreferences returns the caller's own preferences.
func (s *Server) GetNoticePreferences(ctx context.Context, _ *meetingsv1.GetNoticePreferencesRequest) (*meetingsv1.NoticePreferences, error) {
	p, err := s.Store.NoticePreferences(ctx, caller(ctx))
	if err != nil {
		return nil, err
	}
	return wire.NoticePreferences(p), nil
}

// UpdateNoticePreferences changes the caller's own preferences.
func (s *Server) UpdateNoticePreferences(ctx context.Context, req *meetingsv1.UpdateNoticePreferencesRequest) (*meetingsv1.NoticePreferences, error) {
	in := req.GetPreferences()
	change := domain.PreferencesChange{
		Level: domain.NoticeLevel(in.GetLevel()), ShortReminder: in.GetShortReminder(), MeetingConfirmed: in.GetMeetingConfirmed(),
		QuietStartTime: in.GetQuietStartTime(), QuietEndTime: in.GetQuietEndTime(), Mask: req.GetUpdateMask().GetPaths(),
	}
	return idempotent.Write(ctx, s.Store, req, func(tx domain.Tx) (*meetingsv1.NoticePreferences, error) {
		p, err := tx.NoticePreferences(ctx, caller(ctx))
		if err != nil {
			return nil, err
		}
		if etag.Check(in.GetEtag(), p.Version) != nil {
			return nil, errs.ErrStaleEtag.At("preferences.etag").With("current", etag.Of(p.Version))
		}
		p, err = domain.UpdatePreferences(ctx, tx, caller(ctx), p, change)
		return wire.NoticePreferences(p), err
	})
}

// Unsubscribe ends reminders and changes for whoever received the link; done again, nothing changes.
func (s *Server) Unsubscribe(ctx context.Context, req *meetingsv1.UnsubscribeRequest) (*meetingsv1.UnsubscribeResponse, error) {
	claim, err := s.openLink(ctx, req.GetToken(), domain.LinkUnsubscribe)
	if err != nil {
		return nil, err
	}
	err = s.Store.Write(ctx, func(tx domain.Tx) error { return domain.Unsubscribe(ctx, tx, claim.PersonID) })
	if err != nil {
		return nil, err
	}
	return &meetingsv1.UnsubscribeResponse{}, nil
}

// ListNotices returns a meeting's notices, oldest first.
func (s *Server) ListNotices(ctx context.Context, req *meetingsv1.ListNoticesRequest) (*meetingsv1.ListNoticesResponse, error) {
	query := page.Query{Method: "ListNotices", Filter: req.GetMeetingId() + "|" + req.GetState().String(), Order: "created,id"}
	notices, next, err := page.List(s.Pages, query, req,
		func(after []string, limit int) ([]domain.Notice, error) {
			return s.Store.Notices(ctx, domain.NoticeQuery{
				MeetingID: req.GetMeetingId(), State: domain.NoticeState(req.GetState()), Page: domain.Page{After: after, Limit: limit},
			})
		},
		func(n domain.Notice) []string {
			return []string{strconv.FormatInt(database.Micros(n.CreateTime), 10), n.ID}
		})
	if err != nil {
		return nil, err
	}
	out := &meetingsv1.ListNoticesResponse{NextPageToken: next}
	for _, n := range notices {
		out.Notices = append(out.Notices, wire.Notice(n))
	}
	return out, nil
}
