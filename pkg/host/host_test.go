package host

import (
	"context"
	"database/sql"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	natsserver "github.com/nats-io/nats-server/v2/server"
	"google.golang.org/grpc"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/access/accesstest"
	"github.com/classcode/maillage/pkg/admin"
	"github.com/classcode/maillage/pkg/config"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/host/process"
	"github.com/classcode/maillage/pkg/rpc"
	"github.com/classcode/maillage/pkg/run"
	"github.com/classcode/maillage/pkg/testkit"
	indicatorsv1 "github.com/classcode/maillage/proto/gen/maillage/indicators/v1"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// tiny is a service with one event a call.
type tiny struct {
	indicatorsv1.UnimplementedIndicatorsServiceServer
	db    *database.DB
	relay *events.Relay
	guard *access.Guard
	bus   *events.Bus
	hears *events.Consumer // nil: nothing
	// inside is told of each call, which then waits for leave; nil: it does not wait.
	inside chan struct{}
	leave  chan struct{}
}

func (s *tiny) GetIndicator(ctx context.Context, req *indicatorsv1.GetIndicatorRequest) (*indicatorsv1.Indicator, error) {
	if s.inside != nil {
		s.inside <- struct{}{}
		<-s.leave
	}
	reply := &indicatorsv1.Indicator{Id: req.GetId()}
	return reply, s.db.Write(ctx, func(tx *sql.Tx) error {
		return events.Append(ctx, tx, s.db.Engine(), "tiny", events.Event{
			ID: uuid.Must(uuid.NewV7()).String(), Subject: "maillage.tiny.v1.call.answered", Aggregate: uuid.NewString(), Version: 1,
			Time: time.Now(), Payload: reply,
		})
	})
}

func (s *tiny) Guard() *access.Guard             { return s.guard }
func (s *tiny) Register(r grpc.ServiceRegistrar) { indicatorsv1.RegisterIndicatorsServiceServer(r, s) }
func (s *tiny) Check(ctx context.Context) error  { return s.relay.Check(ctx) }

func (s *tiny) Run(ctx context.Context) error {
	var parts run.Group
	parts.Go("relay", s.relay.Run)
	if s.hears != nil {
		parts.Go("calls", func(ctx context.Context) error { return s.bus.Consume(ctx, *s.hears) })
	}
	return parts.Run(ctx)
}

func (s *tiny) build(ctx context.Context, p Parts) (_ Service, err error) {
	if err := p.DB.Migrate(ctx, nil); err != nil {
		return nil, err
	}
	s.db, s.bus, s.relay = p.DB, p.Bus, events.NewRelay(p.DB, p.Bus, events.RelayConfig{Stream: p.Stream})
	s.guard, err = access.New(access.GuardConfig{
		Services:  []protoreflect.ServiceDescriptor{indicatorsv1.File_maillage_indicators_v1_service_proto.Services().Get(0)},
		Directory: accesstest.People{}, Territories: accesstest.Ladder{},
	})
	return s, err
}

// settings are those of a service on free ports, with SQLite and a broker that is away.
func settings(t *testing.T) Config {
	t.Helper()
	return Config{
		Listen: "127.0.0.1:0", DatabaseDSN: config.DSN(testkit.SQLite(t).DSN), NATSURL: "nats://127.0.0.1:1", StreamReplicas: 1,
		Issuer: []string{"http://127.0.0.1:1/issuer"}, Audience: "maillage", PageKey: config.Secret(strings.Repeat("ab", 32)),
		Process: process.Config{Admin: "127.0.0.1:0", LogLevel: slog.LevelError + 1},
	}
}

// running is a service at work.
type running struct {
	indicatorsv1.IndicatorsServiceClient
	*host
	t     *testing.T
	conn  *grpc.ClientConn
	stop  context.CancelFunc
	ended chan error
}

func start(t *testing.T, cfg Config, s *tiny) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	h, err := open(ctx, "tiny", cfg, s.build)
	if err != nil {
		t.Fatal(err)
	}
	r := &running{host: h, t: t, stop: cancel, ended: make(chan error, 1)}
	go func() {
		err := h.run(ctx)
		h.Close()
		r.ended <- err
	}()
	if r.conn, err = rpc.Dial(h.Listener.Addr().String(), rpc.ClientConfig{}); err != nil {
		t.Fatal(err)
	}
	r.IndicatorsServiceClient = indicatorsv1.NewIndicatorsServiceClient(r.conn)
	t.Cleanup(func() {
		_ = r.conn.Close()
		cancel()
	})
	r.awaitState(admin.Ready, admin.Degraded)
	return r
}

func (r *running) awaitState(states ...string) {
	r.t.Helper()
	testkit.Poll(r.t, 20*time.Second, func() bool {
		_, report := r.ready()
		return strings.Contains(strings.Join(states, " "), report.Status) && report.Status != ""
	}, strings.Join(states, " or "))
}

func (r *running) get(path string) (int, string) {
	response, err := http.Get("http://" + r.Admin.Addr().String() + path) //nolint:noctx // loopback
	if err != nil {
		return 0, ""
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, ""
	}
	return response.StatusCode, string(body)
}

func (r *running) ready() (code int, report admin.Report) {
	code, body := r.get("/readyz")
	_ = json.Unmarshal([]byte(body), &report) // no answer is no status
	return code, report
}

func (r *running) health() healthv1.HealthCheckResponse_ServingStatus {
	answer, _ := healthv1.NewHealthClient(r.conn).Check(r.t.Context(), &healthv1.HealthCheckRequest{})
	return answer.GetStatus()
}

func (r *running) call(ctx context.Context) error {
	_, err := r.GetIndicator(ctx, &indicatorsv1.GetIndicatorRequest{Id: "I2a"})
	return err
}

// broker is a NATS server on a port of its own; change adjusts it.
func broker(t *testing.T, change func(*natsserver.Options)) string {
	t.Helper()
	o := &natsserver.Options{Host: "127.0.0.1", Port: natsserver.RANDOM_PORT, NoLog: true, NoSigs: true, JetStream: true, StoreDir: t.TempDir()}
	if change != nil {
		change(o)
	}
	s, err := natsserver.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(20 * time.Second) {
		t.Fatal("the broker does not start")
	}
	return s.ClientURL()
}

func TestWorksWithoutItsBroker(t *testing.T) {
	r := start(t, settings(t), &tiny{})
	code, report := r.ready()
	broken := map[string]bool{}
	for _, check := range report.Checks {
		broken[check.Name] = !check.OK
	}
	if code != http.StatusOK || report.Status != admin.Degraded || broken["database"] || !broken["events"] || !broken["relay"] {
		t.Errorf("%d %+v", code, report)
	}
	testkit.Poll(t, 10*time.Second, func() bool { return r.health() == healthv1.HealthCheckResponse_SERVING }, "SERVING")
	if err := r.call(t.Context()); err != nil {
		t.Error(err)
	}
	_, metrics := r.get("/metrics")
	for _, want := range []string{
		`rpc_server_duration_seconds_count{code="OK",method="/maillage.indicators.v1.IndicatorsService/GetIndicator"} 1`,
		`maillage_build_info{`, `service="tiny"`,
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
	r.stop()
	if err := <-r.ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestLosesPostgresAndHeals(t *testing.T) {
	cluster, err := testkit.StartCluster(testkit.ClusterConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cluster.Stop() })
	db, err := cluster.Database(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cfg := settings(t)
	cfg.DatabaseDSN = config.DSN(db.DSN)
	r := start(t, cfg, &tiny{})
	if err := r.call(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := cluster.Crash(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := rpc.FromStatus(r.call(t.Context())); !isUnavailable(err) || time.Since(began) > 5*time.Second {
		t.Errorf("without PostgreSQL: %v after %v", err, time.Since(began))
	}
	r.awaitState(admin.Down)
	if err := cluster.Start(); err != nil {
		t.Fatal(err)
	}
	r.awaitState(admin.Degraded)
	if err := r.call(t.Context()); err != nil {
		t.Errorf("PostgreSQL is back: %v", err)
	}
	r.stop()
	if err := <-r.ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}

func isUnavailable(err error) bool { return err != nil && errs.From(err).Kind == errs.Unavailable }
