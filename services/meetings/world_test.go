package meetings_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/access/accesstest"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/rpc"
	"github.com/classcode/maillage/pkg/testkit"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/meetings"
)

func TestMain(m *testing.M) { testkit.Main(m) }

var start = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const structure = "0190a1b2-0000-7000-8000-0000000000aa"

// world is the service behind its real chain of interceptors, with the mesh and the catalogue as others see them.
type world struct {
	*testing.T
	meetingsv1.MeetingsServiceClient
	meetingsv1.AttestationServiceClient
	meetingsv1.AttestationShareServiceClient
	meetingsv1.NoticeServiceClient
	meetingsv1.SwapServiceClient
	meetingsv1.FeedbackServiceClient
	meetingsv1.BadgeServiceClient
	meetingsv1.PollServiceClient
	meetingsv1.ProgrammeServiceClient
	meetingsv1.CalendarServiceClient
	meetingsv1.ProfessionalSearchServiceClient
	meetingsv1.LogisticsServiceClient
	meetingsv1.ReadinessServiceClient
	meetingsv1.AttendanceServiceClient
	meetingsv1.KitServiceClient
	issuer *accesstest.Issuer
	clock  *testkit.Clock
	db     *database.DB
	mesh   *mesh
	near   *professionals
	rooms  *rooms
	deps   meetings.Deps
	cfg    meetings.Config
}

// mesh answers for groups only.
type mesh struct {
	meshv1.MeshServiceClient
	groups map[string]*meshv1.Group
	away   bool
	closed bool // its members are nobody's to see
}

func (m *mesh) GetGroup(_ context.Context, in *meshv1.GetGroupRequest, _ ...grpc.CallOption) (*meshv1.Group, error) {
	g, ok := m.groups[in.GetId()]
	switch {
	case m.away:
		return nil, status.Error(codes.Unavailable, "away")
	case !ok:
		return nil, status.Error(codes.NotFound, "no such group")
	}
	return g, nil
}

// GetPlace knows one place in Nantes, and those of the groups, and calls them all the same.
func (m *mesh) GetPlace(_ context.Context, in *meshv1.GetPlaceRequest, _ ...grpc.CallOption) (*meshv1.Place, error) {
	known := in.GetId() == place
	for _, g := range m.groups {
		known = known || g.GetPlaceId() == in.GetId()
	}
	switch {
	case m.away:
		return nil, status.Error(codes.Unavailable, "away")
	case !known:
		return nil, status.Error(codes.NotFound, "no such place")
	}
	return &meshv1.Place{
		Id: in.GetId(), Name: "Médiathèque", CommuneCode: "44109", StructureId: structure, Position: &meshv1.Position{Latitude: 47.2118, Longitude: -1.5619},
	}, nil
}

// catalogue knows one module.
type catalogue struct {
	cataloguev1.CatalogueServiceClient
	module *cataloguev1.Module
}

func (c catalogue) GetModule(_ context.Context, in *cataloguev1.GetModuleRequest, _ ...grpc.CallOption) (*cataloguev1.Module, error) {
	if in.GetId() != c.module.GetId() {
		return nil, status.Error(codes.NotFound, "no such module")
	}
	return c.module, nil
}

var people = accesstest.People{
	"coordinator": {{Kind: access.Coordinator, Territory: "REG-52"}},
	"elsewhere":   {{Kind: access.Coordinator, Territory: "REG-93"}},
	"relay":       {{Kind: access.Relay, Structure: structure}},
	"national":    {{Kind: access.National}},
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, issuer: accesstest.New(t), clock: testkit.NewClock(start), db: testkit.Open(t, testkit.SQLite(t), nil)}
	w.mesh, w.rooms, w.near = &mesh{groups: map[string]*meshv1.Group{}}, &rooms{}, &professionals{}
	w.cfg = meetings.Config{PageKey: []byte("0123456789abcdef0123456789abcdef"), SigningKeyFile: filepath.Join(t.TempDir(), "signing.pem")}
	w.deps = meetings.Deps{
		DB: w.db, Now: w.clock.Now, Mesh: w.mesh, Rooms: w.rooms, Professionals: w.near, Directory: people,
		Catalogue: catalogue{module: &cataloguev1.Module{Id: uuid.NewString(), Title: "Programmation créative", MeetingCount: 2}},
		Territories: accesstest.Ladder{
			"44109": {"DEP-44", "REG-52", "FR"}, "13055": {"DEP-13", "REG-93", "FR"}, "DEP-44": {"REG-52", "FR"}, "REG-52": {"FR"}, "FR": nil,
		},
	}
	w.serve(w.service())
	return w
}

func (w *world) service() *meetings.Service {
	w.Helper()
	s, err := meetings.New(w.Context(), w.cfg, w.deps)
	if err != nil {
		w.Fatal(err)
	}
	return s
}

func (w *world) serve(s *meetings.Service) {
	w.Helper()
	server, err := rpc.NewServer(rpc.ServerConfig{Log: testkit.Logger(w.T), Verifier: w.issuer.Verifier(), Guard: s.Guard()})
	if err != nil {
		w.Fatal(err)
	}
	s.Register(server)
	conn, err := server.InProcess()
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() {
		_ = conn.Close()
		server.Stop()
	})
	w.MeetingsServiceClient, w.NoticeServiceClient = meetingsv1.NewMeetingsServiceClient(conn), meetingsv1.NewNoticeServiceClient(conn)
	w.MeetingsServiceClient = meetingsv1.NewMeetingsServiceClient(conn)
	w.PollServiceClient = meetingsv1.NewPollServiceClient(conn)
	w.ProgrammeServiceClient = meetingsv1.NewProgrammeServiceClient(conn)
	w.CalendarServiceClient = meetingsv1.NewCalendarServiceClient(conn)
	w.ProfessionalSearchServiceClient = meetingsv1.NewProfessionalSearchServiceClient(conn)
	w.LogisticsServiceClient = meetingsv1.NewLogisticsServiceClient(conn)
	w.AttestationServiceClient = meetingsv1.NewAttestationServiceClient(conn)
	w.AttestationShareServiceClient = meetingsv1.NewAttestationShareServiceClient(conn)
	w.SwapServiceClient = meetingsv1.NewSwapServiceClient(conn)
	w.BadgeServiceClient = meetingsv1.NewBadgeServiceClient(conn)
	w.FeedbackServiceClient = meetingsv1.NewFeedbackServiceClient(conn)
	w.ReadinessServiceClient = meetingsv1.NewReadinessServiceClient(conn)
	w.AttendanceServiceClient = meetingsv1.NewAttendanceServiceClient(conn)
	w.KitServiceClient = meetingsv1.NewKitServiceClient(conn)
}

// as is a call in someone's name; nobody's with "".
func (w *world) as(person string) context.Context {
	if person == "" {
		return w.Context()
	}
	return w.bearer(w.issuer.Token(person))
}

func (w *world) bearer(token string) context.Context {
	return metadata.AppendToOutgoingContext(w.Context(), "authorization", "Bearer "+token)
}

// group is a group of the mesh that "organiser" organises, in Nantes unless the commune is another.
func (w *world) group(commune string) string {
	id := uuid.NewString()
	w.mesh.groups[id] = &meshv1.Group{
		Id: id, CampaignId: uuid.NewString(), ModuleId: w.deps.Catalogue.(catalogue).module.GetId(), PlaceId: uuid.NewString(),
		CommuneCode: commune, OrganiserId: "organiser", StructureId: structure, Etag: `"3"`,
	}
	return id
}

func slot(hours, length int) *meetingsv1.Slot {
	begin := start.Add(time.Duration(hours) * time.Hour)
	return &meetingsv1.Slot{StartTime: timestamppb.New(begin), EndTime: timestamppb.New(begin.Add(time.Duration(length) * time.Hour))}
}

func seriesOf(group string, capacity int32) *meetingsv1.CreateSeriesRequest {
	return &meetingsv1.CreateSeriesRequest{
		GroupId: group, Slots: []*meetingsv1.Slot{slot(24, 2), slot(48, 2)}, TimeZone: "Europe/Paris", Capacity: capacity,
	}
}

// must is for steps that are not what the test is about.
func must[T any](w *world) func(T, error) T {
	return func(v T, err error) T {
		w.Helper()
		if err != nil {
			w.Fatal(err)
		}
		return v
	}
}

func (w *world) meeting(capacity int32) *meetingsv1.Meeting {
	w.Helper()
	return must[*meetingsv1.Series](w)(w.CreateSeries(w.as("organiser"), seriesOf(w.group("44109"), capacity))).GetMeetings()[0]
}

func (w *world) register(person, meeting string) *meetingsv1.Registration {
	w.Helper()
	return must[*meetingsv1.Registration](w)(w.CreateRegistration(w.as(person), &meetingsv1.CreateRegistrationRequest{MeetingId: meeting}))
}

// attested takes a meeting to its attestations: "came" was there, "away" was not.
func (w *world) attested() *meetingsv1.Meeting {
	w.Helper()
	m := w.meeting(5)
	came, away := w.register("came", m.GetId()), w.register("away", m.GetId())
	m = must[*meetingsv1.Meeting](w)(w.ConfirmMeeting(w.as("organiser"), &meetingsv1.ConfirmMeetingRequest{Id: m.GetId(), Etag: m.GetEtag()}))
	w.clock.Set(m.GetEndTime().AsTime())
	m = must[*meetingsv1.Meeting](w)(w.RecordAttendance(w.as("organiser"), &meetingsv1.RecordAttendanceRequest{
		MeetingId: m.GetId(), Attendances: []*meetingsv1.Attendance{
			{RegistrationId: came.GetId(), State: meetingsv1.RegistrationState_REGISTRATION_STATE_PRESENT},
			{RegistrationId: away.GetId(), State: meetingsv1.RegistrationState_REGISTRATION_STATE_ABSENT},
		},
	}))
	w.report("organiser", m.GetId())
	m = must[*meetingsv1.Meeting](w)(w.DeclareMeeting(w.as("organiser"), &meetingsv1.DeclareMeetingRequest{Id: m.GetId(), Etag: m.GetEtag()}))
	signed := must[*meetingsv1.CountersignMeetingResponse](w)(w.CountersignMeeting(w.as("relay"), &meetingsv1.CountersignMeetingRequest{Id: m.GetId()}))
	if signed.GetAttestationCount() != 2 {
		w.Fatalf("%d attestations; want the organiser's and one participant's", signed.GetAttestationCount())
	}
	w.clock.Set(start)
	return signed.GetMeeting()
}

// report writes and closes a meeting's minutes.
func (w *world) report(organiser, meeting string) {
	w.Helper()
	must[*meetingsv1.Minutes](w)(w.WriteMinutes(w.as(organiser), &meetingsv1.WriteMinutesRequest{MeetingId: meeting, Minutes: minutesOf()}))
	must[*meetingsv1.Minutes](w)(w.CloseMinutes(w.as(organiser), &meetingsv1.CloseMinutesRequest{MeetingId: meeting}))
}

// minutesOf is a report in which everything is said.
func minutesOf() *meetingsv1.Minutes {
	return &meetingsv1.Minutes{
		Modality: meetingsv1.MeetingMode_MEETING_MODE_IN_PERSON,
		Participants: []*meetingsv1.ParticipantCount{
			{Category: meetingsv1.ParticipantCategory_PARTICIPANT_CATEGORY_PRIMARY_TEAM, Count: 4, InstitutionCount: 3},
			{Category: meetingsv1.ParticipantCategory_PARTICIPANT_CATEGORY_ASSOCIATION, Count: 1},
		},
		Irritants: []string{"Trop d'outils différents"},
		Needs:     []string{"De la cohérence"},
		Actions: []*meetingsv1.MinutesAction{
			{What: "Choisir ensemble les outils", Who: "Le conseil pédagogique", When: "À la rentrée", Indicator: "Connexions à l'ENT"},
		},
		Summary: "Une belle après-midi.",
	}
}

// refused checks what a caller is told, down to the field.
func (w *world) refused(err error, kind errs.Kind, reason, field string) {
	w.Helper()
	if err == nil {
		w.Fatalf("not refused; want %v %s", kind, reason)
	}
	e := errs.From(rpc.FromStatus(err))
	why, at := e.Reason, ""
	if len(e.Fields) > 0 {
		at = e.Fields[0].Path
		if why == errs.ErrInvalid.Reason { // a rule of the contract: the field says which
			why = e.Fields[0].Reason
		}
	}
	if e.Kind != kind || why != reason || at != field {
		w.Fatalf("%v %s at %q (%v); want %v %s at %q", e.Kind, why, at, err, kind, reason, field)
	}
}

// rows is everything that a change would change.
func (w *world) rows() string {
	w.Helper()
	var n [7]int64
	const query = `SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM requests), (SELECT coalesce(sum(version), 0) FROM meetings),
		(SELECT coalesce(sum(version), 0) FROM registrations), (SELECT coalesce(sum(taken), 0) FROM seats),
		(SELECT coalesce(sum(version), 0) FROM (SELECT version FROM professional_searches UNION ALL SELECT version FROM asks UNION ALL SELECT version FROM bookings) all_of_a_search),
		(SELECT (SELECT count(*) FROM requirements) + (SELECT count(*) FROM thresholds) + (SELECT count(*) FROM problem_routes) + (SELECT count(*) FROM attachments))`
	if err := w.db.Read().QueryRowContext(w.Context(), query).Scan(&n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6]); err != nil {
		w.Fatal(err)
	}
	return fmt.Sprint(n)
}
