package api

import (
	"cmp"
	"context"
	"time"

	ics "github.com/arran4/golang-ical"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/mail"
	"github.com/classcode/maillage/pkg/prose"
	"github.com/classcode/maillage/pkg/rpc"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/meetings/internal/calendar"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// What stands in a feed is French, as the first page is: a program says no language when it subscribes.
const (
	ownFeed, groupFeed = "Mes temps de rencontre", "Temps de rencontre du groupe"
	// of is also what an entry of a mail begins with.
	of        = "Temps de rencontre" + prose.Space + ": "
	calledOff = "Annulé" + prose.Space + ": "
	fromAfar  = "À distance"
)

var entryStatus = map[domain.EntryStatus]ics.ObjectStatus{
	domain.EntryTentative: ics.ObjectStatusTentative, domain.EntryConfirmed: ics.ObjectStatusConfirmed,
	domain.EntryCancelled: ics.ObjectStatusCancelled,
}

// GetCalendarFeed returns a feed to whoever holds its link.
func (s *Server) GetCalendarFeed(ctx context.Context, req *meetingsv1.GetCalendarFeedRequest) (*meetingsv1.GetCalendarFeedResponse, error) {
	c, err := s.Store.CalendarOf(ctx, digest(req.GetSecret()))
	if err != nil {
		return nil, err
	}
	there, err := s.stillThere(ctx, c)
	if err != nil {
		return nil, err
	}
	if !there {
		return nil, domain.ErrCalendarNotFound
	}
	entries, err := s.Store.CalendarEntries(ctx, c, c.Window(s.Now()))
	if err != nil {
		return nil, err
	}
	f := feed{Server: s, Calendar: c, places: map[string]string{}}
	content, err := f.write(ctx, entries)
	if err != nil {
		return nil, err
	}
	return &meetingsv1.GetCalendarFeedResponse{Content: content, ModifyTime: timestamppb.New(modified(c, entries))}, nil
}

// GetMeetingCalendar returns a meeting as a file for anybody's calendar: the entry is the one that mails and feeds bring up to date.
func (s *Server) GetMeetingCalendar(ctx context.Context, req *meetingsv1.GetMeetingCalendarRequest) (*meetingsv1.GetMeetingCalendarResponse, error) {
	m, err := s.Store.Meeting(ctx, req.GetMeetingId())
	if err == nil && m.State == domain.MeetingDraft {
		err = domain.ErrMeetingNotFound
	}
	if err != nil {
		return nil, err
	}
	m.RemoteURL = ""
	f := feed{Server: s, Calendar: domain.Calendar{Kind: domain.PersonCalendar}, places: map[string]string{}}
	content, err := f.write(ctx, []domain.CalendarEntry{{Meeting: m, ModifyTime: s.Now()}})
	return &meetingsv1.GetMeetingCalendarResponse{Content: content}, err
}

// modified is the last change of a meeting in a feed, or when the feed was made.
func modified(c domain.Calendar, entries []domain.CalendarEntry) time.Time {
	last := c.CreateTime
	for _, e := range entries {
		if e.ModifyTime.After(last) {
			last = e.ModifyTime
		}
	}
	return last
}

// feed puts one feed into words.
type feed struct {
	*Server
	domain.Calendar
	places map[string]string // names, by id
}

func (f *feed) write(ctx context.Context, entries []domain.CalendarEntry) ([]byte, error) {
	name, err := f.name(ctx)
	if err != nil {
		return nil, err
	}
	out := calendar.Feed{Name: name, Busy: f.Kind == domain.PersonCalendar}
	for _, e := range entries {
		where, err := f.where(ctx, e)
		if err != nil {
			return nil, err
		}
		summary, link := of+mail.Line(cmp.Or(e.Meeting.Title, e.Meeting.ModuleTitle)), e.Link(f.Calendar)
		if e.Status() == domain.EntryCancelled { // some programs show no status
			summary = calledOff + summary
		}
		out.Entries = append(out.Entries, calendar.Entry{
			Meeting: e.Meeting, Stamp: e.ModifyTime, Status: entryStatus[e.Status()], Summary: summary,
			Location: where, URL: link,
		})
	}
	return out.Bytes()
}

func (f *feed) name(ctx context.Context) (string, error) {
	switch f.Kind {
	case domain.GroupCalendar:
		return groupFeed, nil
	case domain.PlaceCalendar:
		name, err := f.placeName(ctx, f.SubjectID)
		return of + name, err
	case domain.TerritoryCalendar:
		name, err := f.territoryName(ctx, f.SubjectID)
		return of + name, err
	}
	return ownFeed, nil
}

// where is the place with its commune; of a territory's many meetings, the commune.
func (f *feed) where(ctx context.Context, e domain.CalendarEntry) (string, error) {
	if e.Remote() {
		return cmp.Or(e.Link(f.Calendar), fromAfar), nil
	}
	commune, err := f.territoryName(ctx, e.Meeting.CommuneCode)
	if err != nil || f.Kind == domain.TerritoryCalendar || e.Meeting.PlaceID == "" {
		return commune, err
	}
	place, err := f.placeName(ctx, e.Meeting.PlaceID)
	if err != nil || place == "" || commune == "" {
		return cmp.Or(place, commune), err
	}
	return place + ", " + commune, nil
}

// placeName is empty for a place that is no more.
func (f *feed) placeName(ctx context.Context, id string) (string, error) {
	if name, ok := f.places[id]; ok {
		return name, nil
	}
	p, err := f.Groups.GetPlace(ctx, &meshv1.GetPlaceRequest{Id: id})
	if err = rpc.FromStatus(err); err != nil && !isMissing(err) {
		return "", err
	}
	f.places[id] = mail.Line(p.GetName())
	return f.places[id], nil
}

// territoryName is asked for once in a process's life: these names change by law, once a year. A code that is no more is its own name.
func (s *Server) territoryName(ctx context.Context, code string) (string, error) {
	if name, ok := s.territories.Load(code); ok {
		return name.(string), nil
	}
	t, err := s.Groups.GetTerritory(ctx, &meshv1.GetTerritoryRequest{Code: code})
	if err = rpc.FromStatus(err); err != nil && !isMissing(err) {
		return "", err
	}
	name := mail.Line(cmp.Or(t.GetName(), code))
	s.territories.Store(code, name)
	return name, nil
}
