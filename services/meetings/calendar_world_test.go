package meetings_test

import (
	"context"
	"net/url"
	"path"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// GetTerritory knows two communes by their names.
func (m *mesh) GetTerritory(_ context.Context, in *meshv1.GetTerritoryRequest, _ ...grpc.CallOption) (*meshv1.Territory, error) {
	name, ok := map[string]string{"44109": "Nantes", "13055": "Marseille", "REG-52": "Pays de la Loire", "FR": "France"}[in.GetCode()]
	switch {
	case m.away:
		return nil, status.Error(codes.Unavailable, "away")
	case !ok:
		return nil, status.Error(codes.NotFound, "no such code")
	}
	return &meshv1.Territory{Code: in.GetCode(), Name: name}, nil
}

// subscribe makes a feed, and gives its id and its secret.
func (w *world) subscribe(person string, c *meetingsv1.Calendar) (id, secret string) {
	w.Helper()
	made := must[*meetingsv1.CreateCalendarResponse](w)(w.CreateCalendar(w.as(person), &meetingsv1.CreateCalendarRequest{Calendar: c}))
	u, err := url.Parse(made.GetUrl())
	if err != nil {
		w.Fatal(err)
	}
	return made.GetCalendar().GetId(), strings.TrimSuffix(path.Base(u.Path), ".ics")
}

// number is what a query counts.
func (w *world) number(query string, args ...any) (n int) {
	w.Helper()
	if err := w.db.Read().QueryRowContext(w.Context(), query, args...).Scan(&n); err != nil {
		w.Fatalf("%s: %v", query, err)
	}
	return n
}

// feed is what a calendar program is answered, which signs in nowhere.
func (w *world) feed(secret string) string {
	w.Helper()
	return string(must[*meetingsv1.GetCalendarFeedResponse](w)(w.GetCalendarFeed(w.Context(), &meetingsv1.GetCalendarFeedRequest{Secret: secret})).GetContent())
}

// single plans a meeting of two hours that stands alone, in Nantes.
func (w *world) single(title, zone string, begin time.Time) *meetingsv1.Meeting {
	w.Helper()
	return must[*meetingsv1.Meeting](w)(w.CreateMeeting(w.as("relay"), &meetingsv1.CreateMeetingRequest{
		Parent: "structures/" + structure,
		Meeting: &meetingsv1.Meeting{
			Title: title, PlaceId: place, TimeZone: zone, Capacity: 10, StartTime: timestamppb.New(begin), EndTime: timestamppb.New(begin.Add(2 * time.Hour)),
		},
	}))
}

func (w *world) moveTo(m *meetingsv1.Meeting, begin time.Time) *meetingsv1.Meeting {
	w.Helper()
	return must[*meetingsv1.Meeting](w)(w.UpdateMeeting(w.as("relay"), &meetingsv1.UpdateMeetingRequest{
		Meeting:    &meetingsv1.Meeting{Id: m.GetId(), StartTime: timestamppb.New(begin), EndTime: timestamppb.New(begin.Add(2 * time.Hour))},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"start_time", "end_time"}},
	}))
}

func (w *world) callOff(m *meetingsv1.Meeting) {
	w.Helper()
	must[*meetingsv1.Meeting](w)(w.CancelMeeting(w.as("relay"), &meetingsv1.CancelMeetingRequest{Id: m.GetId(), Cause: "salle fermée"}))
}
