package meetings_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/metadata"

	"github.com/classcode/maillage/pkg/access/accesstest"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/rpc"
	"github.com/classcode/maillage/pkg/testkit"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/meetings"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// replicas is how many of the service stand on one database.
const replicas = 3

// sea is several replicas of the service over one database, with a crowd that may call any of them.
type sea struct {
	*testing.T
	clock    *testkit.Clock
	db       *database.DB // of the first, for reading the books
	services []*meetings.Service
	clients  []meetingsv1.MeetingsServiceClient
	issuer   *accesstest.Issuer
	mesh     *mesh
	module   string

	mu     sync.Mutex
	tokens map[string]metadata.MD
}

// seas runs a test on both engines. On PostgreSQL each replica has connections of its own; SQLite's file has one process, in which
// the replicas share them.
func seas(t *testing.T, loosen func(*sea, domain.Store) domain.Store, test func(s *sea)) {
	t.Helper()
	for name, config := range map[string]func(testing.TB) *database.Config{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		t.Run(name, func(t *testing.T) { test(newSea(t, config(t), loosen)) })
	}
}

func newSea(t *testing.T, cfg *database.Config, loosen func(*sea, domain.Store) domain.Store) *sea {
	t.Helper()
	s := &sea{T: t, clock: testkit.NewClock(start), issuer: accesstest.New(t), mesh: &mesh{groups: map[string]*meshv1.Group{}},
		module: uuid.NewString(), tokens: map[string]metadata.MD{}}
	s.db = testkit.Open(t, cfg, nil)
	folder := t.TempDir()
	for n := range replicas {
		db := s.db
		if n > 0 && db.Engine() == database.Postgres {
			db = testkit.Open(t, cfg, nil)
		}
		service, err := meetings.Without(t.Context(), meetings.Config{
			PageKey: []byte("0123456789abcdef0123456789abcdef"), SigningKeyFile: filepath.Join(folder, "signing.pem"),
		}, meetings.Deps{
			DB: db, Now: s.clock.Now, Mesh: s.mesh, Directory: people,
			Catalogue:   catalogue{module: &cataloguev1.Module{Id: s.module, Title: "Programmation créative", MeetingCount: 2}},
			Territories: accesstest.Ladder{"44109": {"DEP-44", "REG-52", "FR"}},
		}, func(st domain.Store) domain.Store { return loosen(s, st) })
		if err != nil {
			t.Fatal(err)
		}
		s.services = append(s.services, service)
		s.clients = append(s.clients, s.serve(service))
	}
	return s
}

func (s *sea) serve(service *meetings.Service) meetingsv1.MeetingsServiceClient {
	s.Helper()
	server, err := rpc.NewServer(rpc.ServerConfig{Log: testkit.Logger(s.T), Verifier: s.issuer.Verifier(), Guard: service.Guard()})
	if err != nil {
		s.Fatal(err)
	}
	service.Register(server)
	conn, err := server.InProcess()
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() {
		_ = conn.Close()
		server.Stop()
	})
	return meetingsv1.NewMeetingsServiceClient(conn)
}

func firm(_ *sea, st domain.Store) domain.Store { return st }

// as is a call in someone's name.
func (s *sea) as(person string) context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tokens[person] == nil {
		s.tokens[person] = metadata.Pairs("authorization", "Bearer "+s.issuer.Token(person))
	}
	return metadata.NewOutgoingContext(s.Context(), s.tokens[person])
}

// meeting opens a meeting that begins in almost ten years: some hundred storms, in each of which time passes, must find it to come.
func (s *sea) meeting(capacity int32) string {
	s.Helper()
	id := uuid.NewString()
	s.mesh.groups[id] = &meshv1.Group{
		Id: id, CampaignId: uuid.NewString(), ModuleId: s.module, PlaceId: uuid.NewString(), CommuneCode: "44109", OrganiserId: "organiser",
	}
	request := seriesOf(id, capacity)
	// From now on: each storm takes the clock some weeks further, and two hundred of them ten years.
	passed := int(s.clock.Now().Sub(start).Hours())
	request.Slots = []*meetingsv1.Slot{slot(passed+3600*24, 2), slot(passed+3601*24, 2)}
	series, err := s.clients[0].CreateSeries(s.as("organiser"), request)
	if err != nil {
		s.Fatal(err)
	}
	return series.GetMeetings()[0].GetId()
}

// reasonOf is why a call was refused, "" when it was not.
func reasonOf(err error) string {
	if err == nil {
		return ""
	}
	return errs.From(rpc.FromStatus(err)).Reason
}

// counts is what the books say of a meeting's seats of one mode at one instant.
type counts struct {
	mode                                                domain.SeatMode
	capacity, taken, waiting                            int
	confirmed, offered, waitlisted, served, firstInLine int64
}

// books is a meeting's, of all of its modes.
type books []counts

// count reads a meeting's books in one statement, so that all of it is of one instant. served is the highest number of the line
// that was offered a seat, firstInLine the lowest that still waits.
func (s *sea) count(meeting string) (books, error) {
	return database.All(s.Context(), s.db.Read(), func(scan database.Scan) (c counts, err error) {
		return c, scan(&c.mode, &c.capacity, &c.taken, &c.waiting, &c.confirmed, &c.offered, &c.waitlisted, &c.served, &c.firstInLine)
	}, `SELECT s.mode, s.capacity, s.taken, s.waiting,
		count(*) FILTER (WHERE r.state = 1), count(*) FILTER (WHERE r.state = 7), count(*) FILTER (WHERE r.state = 6),
		coalesce(max(r.ticket) FILTER (WHERE r.state IN (1, 7, 8, 9)), 0), coalesce(min(r.ticket) FILTER (WHERE r.state = 6), 0)
		FROM seats s LEFT JOIN registrations r ON r.meeting_id = s.meeting_id AND r.mode = s.mode
		WHERE s.meeting_id = $1 GROUP BY s.mode, s.capacity, s.taken, s.waiting ORDER BY s.mode`, meeting)
}

// wrong is what must never be in any mode, whenever one looks.
func (b books) wrong() string {
	for _, c := range b {
		if wrong := c.wrong(); wrong != "" {
			return wrong
		}
	}
	return ""
}

func (c counts) wrong() string {
	held := int(c.confirmed + c.offered)
	switch {
	case held > c.capacity:
		return fmt.Sprintf("oversold: %+v", c)
	case held != c.taken || int(c.waitlisted) != c.waiting:
		return fmt.Sprintf("miscounted: %+v", c)
	case held != min(c.capacity, held+int(c.waitlisted)):
		return fmt.Sprintf("a seat too few: %+v", c)
	case c.firstInLine > 0 && c.firstInLine < c.served:
		return fmt.Sprintf("out of order: %+v", c)
	}
	return ""
}

// watch looks at a meeting's books until the context ends, and gives what it saw first that must never be.
func (s *sea) watch(ctx context.Context, meeting string) (wrong string) {
	for ctx.Err() == nil {
		c, err := s.count(meeting)
		if err == nil && c.wrong() != "" {
			return c.wrong()
		}
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
	return ""
}
