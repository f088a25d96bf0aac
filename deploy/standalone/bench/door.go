package main

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"reflect"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/classcode/maillage/gateway"
	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/log"
	"github.com/classcode/maillage/pkg/rpc"
	"github.com/classcode/maillage/pkg/telemetry"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
)

const (
	// connections is how many ask at the same time.
	connections = 32
	pageSize    = 50
)

//go:embed policies.cedar
var policies embed.FS

// door measures what a page costs on its way out: gateway, interceptors and their messages, with nothing behind them.
func (b *bench) door(ctx context.Context) (rows []Row, err error) {
	records := modules(pageSize)
	behind, err := newShelf(ctx, b.folder, records)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, behind.close()) }()
	ours, stopOurs, err := serve(gateway.NewServer(behind.door, behind.log))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stopOurs()) }()
	theirs, stopTheirs, err := serve(plain(encodeModules(records)))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stopTheirs()) }()

	path := fmt.Sprintf("/v1/modules?pageSize=%d", pageSize)
	if err := sameAnswer[modulePage](ctx, path, ours, theirs); err != nil {
		return nil, err
	}
	row := Row{Name: "http.page50.door", Unit: "pages/s", Against: "net/http and encoding/json over the same records", InFlight: connections}
	err = b.alternate(ctx, &row, getting(ours, path, connections), getting(theirs, path, connections))
	return []Row{row}, err
}

// sameAnswer makes sure that both sides say the same: a page with less in it is quicker.
func sameAnswer[T any](ctx context.Context, path string, ours, theirs string) error {
	var a, b T
	if err := errors.Join(fetchInto(ctx, ours, path, &a), fetchInto(ctx, theirs, path, &b)); err != nil {
		return err
	}
	if !reflect.DeepEqual(a, b) {
		return fmt.Errorf("%s: the two sides do not answer the same:\n%+v\n%+v", path, a, b)
	}
	return nil
}

// encodeModules builds the page of each request from the records, as the shelf does: both sides have the same records, and an answer
// that was made beforehand would be a file, not a list.
func encodeModules(records []module) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		page := modulePage{Modules: make([]moduleJSON, len(records))}
		for i, r := range records {
			page.Modules[i] = r.json()
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(page) // only a caller who has left makes it fail
	}
}

// shelf is a catalogue in memory behind the real server and the real door.
type shelf struct {
	cataloguev1.UnimplementedCatalogueServiceServer
	records []module
	log     *slog.Logger
	door    http.Handler
	closers []func() error
}

// ListModules answers with messages of its own each time, as a service that has just read them from its database.
func (s *shelf) ListModules(_ context.Context, req *cataloguev1.ListModulesRequest) (*cataloguev1.ListModulesResponse, error) {
	out := &cataloguev1.ListModulesResponse{}
	for _, r := range s.records[:min(int(req.GetPageSize()), len(s.records))] {
		out.Modules = append(out.Modules, r.message())
	}
	return out, nil
}

func newShelf(ctx context.Context, folder string, records []module) (*shelf, error) {
	logs, err := os.Create(filepath.Join(folder, "door.log"))
	if err != nil {
		return nil, err
	}
	s := &shelf{records: records, log: log.New(logs, slog.LevelInfo, log.JSON), closers: []func() error{logs.Close}}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *shelf) open(ctx context.Context) error {
	t, err := telemetry.New(ctx, telemetry.Config{ServiceName: "bench"})
	if err != nil {
		return err
	}
	s.closers = append(s.closers, func() error { return t.Close(context.WithoutCancel(ctx)) })
	server, conn, err := s.serve(t)
	if err != nil {
		return err
	}
	s.closers = append(s.closers, func() error { server.Stop(); return nil }, conn.Close)
	s.door, err = gateway.New(ctx, gateway.Config{}, gateway.Deps{
		Catalogue: conn, Mesh: conn, Meetings: conn, Indicators: conn,
		Log: s.log, Tracer: t.Tracer("bench"), Metrics: t.Registry,
	})
	return err
}

func (s *shelf) serve(t *telemetry.Telemetry) (*rpc.Server, *rpc.Conn, error) {
	nobody := nobody{}
	guard, err := access.New(access.GuardConfig{
		Services:  []protoreflect.ServiceDescriptor{cataloguev1.File_maillage_catalogue_v1_service_proto.Services().Get(0)},
		Policies:  policies,
		Resolvers: map[string]access.Resolver{"Enrolment": nobody.resource}, Directory: nobody, Territories: nobody,
	})
	if err != nil {
		return nil, nil, err
	}
	verifier, err := access.NewVerifier(access.VerifierConfig{Issuers: []access.Issuer{{URL: "https://issuer.invalid", Audience: "bench"}}})
	if err != nil {
		return nil, nil, err
	}
	server, err := rpc.NewServer(rpc.ServerConfig{Log: s.log, Telemetry: t, Verifier: verifier, Guard: guard})
	if err != nil {
		return nil, nil, err
	}
	cataloguev1.RegisterCatalogueServiceServer(server, s)
	conn, err := server.InProcess()
	return server, conn, err
}

func (s *shelf) close() error {
	var all []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		all = append(all, s.closers[i]())
	}
	return errors.Join(all...)
}
