package rpc_test

import (
	"bytes"
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/access/accesstest"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/rpc"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
)

//go:embed testdata/*.cedar
var policies embed.FS

const (
	anyID  = "7f0b4bd4-7c2c-4f0a-9a3e-0c4d5c1f2a01"
	adasID = "7f0b4bd4-7c2c-4f0a-9a3e-0c4d5c1f2a02"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// catalogue does in each call what the test says.
type catalogue struct {
	cataloguev1.UnimplementedCatalogueServiceServer
	do func(context.Context) error
}

func (c *catalogue) run(ctx context.Context) error {
	if c.do == nil {
		return nil
	}
	return c.do(ctx)
}

func (c *catalogue) GetModule(ctx context.Context, req *cataloguev1.GetModuleRequest) (*cataloguev1.Module, error) {
	return &cataloguev1.Module{Id: req.GetId()}, c.run(ctx)
}

func (c *catalogue) ListModules(ctx context.Context, _ *cataloguev1.ListModulesRequest) (*cataloguev1.ListModulesResponse, error) {
	return &cataloguev1.ListModulesResponse{}, c.run(ctx)
}

func (c *catalogue) CreateResource(ctx context.Context, _ *cataloguev1.CreateResourceRequest) (*cataloguev1.Resource, error) {
	return &cataloguev1.Resource{}, c.run(ctx)
}

func (c *catalogue) GetEnrolment(ctx context.Context, _ *cataloguev1.GetEnrolmentRequest) (*cataloguev1.Enrolment, error) {
	return &cataloguev1.Enrolment{}, c.run(ctx)
}

func (c *catalogue) ListEnrolments(ctx context.Context, _ *cataloguev1.ListEnrolmentsRequest) (*cataloguev1.ListEnrolmentsResponse, error) {
	return &cataloguev1.ListEnrolmentsResponse{}, c.run(ctx)
}

// house is a running server with what tests look at.
type house struct {
	cataloguev1.CatalogueServiceClient
	server *rpc.Server
	conn   line
	issuer *accesstest.Issuer
	log    *logged
}

func guard(t testing.TB) *access.Guard {
	t.Helper()
	files, err := fs.Sub(policies, "testdata")
	if err != nil {
		t.Fatal(err)
	}
	g, err := access.New(access.GuardConfig{
		Services: []protoreflect.ServiceDescriptor{
			cataloguev1.File_maillage_catalogue_v1_service_proto.Services().ByName("CatalogueService"),
		},
		Policies: files,
		Resolvers: map[string]access.Resolver{"Enrolment": func(_ context.Context, id string) (access.Resource, error) {
			if id != adasID {
				return access.Resource{}, errs.Missing("enrolment", "inscription")
			}
			return access.Resource{Owners: []string{"ada"}, Private: true}, nil
		}},
		Directory:   accesstest.People{"nat": {{Kind: access.National}}},
		Territories: accesstest.Ladder{},
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// line is what both kinds of connection are to a caller.
type line interface {
	grpc.ClientConnInterface
	Close() error
}

// way makes a connection, and the function that connects it to a server.
type way func(testing.TB, rpc.ClientConfig) (line, func(*rpc.Server) error)

func inProcess(_ testing.TB, cfg rpc.ClientConfig) (line, func(*rpc.Server) error) {
	c := rpc.InProcess(cfg)
	return c, c.Connect
}

// network is all of gRPC but the wire: what a connection in process has to be like.
func network(t testing.TB, cfg rpc.ClientConfig) (line, func(*rpc.Server) error) {
	t.Helper()
	c, connect, err := rpc.Bufconn(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c, connect
}

func everyWay(t *testing.T, test func(*testing.T, way)) {
	t.Run("network", func(t *testing.T) { test(t, network) })
	t.Run("in process", func(t *testing.T) { test(t, inProcess) })
}

// open starts a server around c; change adjusts its configuration.
func open(t testing.TB, w way, c cataloguev1.CatalogueServiceServer, change ...func(*rpc.ServerConfig)) *house {
	t.Helper()
	h := &house{issuer: accesstest.New(t), log: &logged{}}
	cfg := rpc.ServerConfig{
		Log:      slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Verifier: h.issuer.Verifier(), Guard: guard(t),
	}
	for _, f := range change {
		f(&cfg)
	}
	var err error
	if h.server, err = rpc.NewServer(cfg); err != nil {
		t.Fatal(err)
	}
	cataloguev1.RegisterCatalogueServiceServer(h.server, c)
	var connect func(*rpc.Server) error
	h.conn, connect = w(t, rpc.ClientConfig{Telemetry: cfg.Telemetry})
	if err := connect(h.server); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = h.conn.Close()
		h.server.Stop()
	})
	h.CatalogueServiceClient = cataloguev1.NewCatalogueServiceClient(h.conn)
	return h
}

// as is a context that carries this person's token, and more metadata.
func (h *house) as(t *testing.T, subject string, kv ...string) context.Context {
	if subject != "" {
		kv = append(kv, "authorization", "Bearer "+h.issuer.Token(subject))
	}
	return metadata.AppendToOutgoingContext(t.Context(), kv...)
}

type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Split(strings.TrimSpace(l.text.String()), "\n")
}

// answer is what a caller reads in a status.
type answer struct {
	code                       codes.Code
	reason, domain, text, lang string
	meta                       map[string]string
	fields                     []*errdetails.BadRequest_FieldViolation
	retry                      *errdetails.RetryInfo
}

func read(err error) answer {
	st := status.Convert(err)
	a := answer{code: st.Code()}
	for _, d := range st.Details() {
		switch d := d.(type) {
		case *errdetails.ErrorInfo:
			a.reason, a.domain, a.meta = d.GetReason(), d.GetDomain(), d.GetMetadata()
		case *errdetails.LocalizedMessage:
			a.text, a.lang = d.GetMessage(), d.GetLocale()
		case *errdetails.BadRequest:
			a.fields = d.GetFieldViolations()
		case *errdetails.RetryInfo:
			a.retry = d
		}
	}
	return a
}
