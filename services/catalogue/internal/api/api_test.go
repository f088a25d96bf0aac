package api_test

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/classcode/maillage/pkg/access"
	"github.com/classcode/maillage/pkg/access/accesstest"
	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/events"
	"github.com/classcode/maillage/pkg/rpc"
	"github.com/classcode/maillage/pkg/testkit"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	"github.com/classcode/maillage/services/catalogue"
)

// fixture is the service behind the real chain, over memory, with its five modules.
type fixture struct {
	cataloguev1.CatalogueServiceClient
	issuer *accesstest.Issuer
	db     *database.DB
	conn   grpc.ClientConnInterface
}

func start(t *testing.T) *fixture {
	t.Helper()
	return startWith(t, accesstest.People{"teacher": nil, "other": nil, "chief": {{Kind: access.National}}}, accesstest.Ladder{})
}

func startWith(t *testing.T, people accesstest.People, ladder accesstest.Ladder) *fixture {
	t.Helper()
	server, err := events.Embedded(events.ServerConfig{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	bus, err := server.Connect(events.Config{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bus.Close)
	f := &fixture{issuer: accesstest.New(t), db: testkit.Open(t, testkit.SQLite(t), nil)}
	service, err := catalogue.New(t.Context(), catalogue.Config{PageKey: make([]byte, 32)}, catalogue.Deps{
		DB: f.db, Bus: bus, Directory: people, Territories: ladder,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := service.Load(t.Context(), func(string, int, int) {}); err != nil {
		t.Fatal(err)
	}
	grpcServer, err := rpc.NewServer(rpc.ServerConfig{Verifier: f.issuer.Verifier(), Guard: service.Guard()})
	if err != nil {
		t.Fatal(err)
	}
	service.Register(grpcServer)
	conn, err := grpcServer.InProcess()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(grpcServer.Stop)
	t.Cleanup(func() { _ = conn.Close() })
	f.conn = conn
	f.CatalogueServiceClient = cataloguev1.NewCatalogueServiceClient(conn)
	return f
}

func (f *fixture) as(t *testing.T, subject string) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+f.issuer.Token(subject))
}

// refused asserts a code, a reason and, when given, the field that the error names.
func refused(t *testing.T, err error, code codes.Code, reason, field string) {
	t.Helper()
	s := status.Convert(err)
	var gotReason, gotField string
	for _, d := range s.Details() {
		switch d := d.(type) {
		case *errdetails.ErrorInfo:
			gotReason = d.GetReason()
		case *errdetails.BadRequest:
			gotField = d.GetFieldViolations()[0].GetField()
		}
	}
	if s.Code() != code || gotReason != reason || gotField != field {
		t.Errorf("got %s %s at %q (%v)\nwant %s %s at %q", s.Code(), gotReason, gotField, err, code, reason, field)
	}
}

func TestCatalogueIsPublic(t *testing.T) {
	f := start(t)
	page, err := f.ListModules(t.Context(), &cataloguev1.ListModulesRequest{PageSize: 3})
	if err != nil {
		t.Fatal(err)
	}
	rest, err := f.ListModules(t.Context(), &cataloguev1.ListModulesRequest{PageSize: 3, PageToken: page.GetNextPageToken()})
	if err != nil {
		t.Fatal(err)
	}
	if len(page.GetModules()) != 3 || len(rest.GetModules()) != 2 || rest.GetNextPageToken() != "" {
		t.Errorf("pages of %d and %d modules, then %q", len(page.GetModules()), len(rest.GetModules()), rest.GetNextPageToken())
	}
	for _, m := range append(page.GetModules(), rest.GetModules()...) {
		if m.GetMeetingCount() != 2 || len(m.GetLevels()) != 2 {
			t.Errorf("%s has %d meetings and levels %v", m.GetTitle(), m.GetMeetingCount(), m.GetLevels())
		}
	}
	_, err = f.ListModules(t.Context(), &cataloguev1.ListModulesRequest{PageSize: 3, PageToken: page.GetNextPageToken(), Level: cataloguev1.Level_LEVEL_TRAINING})
	refused(t, err, codes.InvalidArgument, "PAGE_TOKEN_INVALID", "page_token")
}

func TestEnrolmentFromFirstStepToLast(t *testing.T) {
	f := start(t)
	ctx := f.as(t, "teacher")
	modules, err := f.ListModules(ctx, &cataloguev1.ListModulesRequest{PageSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	m := modules.GetModules()[0]
	request := &cataloguev1.CreateEnrolmentRequest{
		Enrolment: &cataloguev1.Enrolment{ModuleId: m.GetId(), Level: cataloguev1.Level_LEVEL_TRAINING},
		RequestId: "0b8f3c1e-3a49-4c8e-9d52-9e6f6d2b8a01",
	}
	e, err := f.CreateEnrolment(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	again, err := f.CreateEnrolment(ctx, request)
	if err != nil || again.GetId() != e.GetId() {
		t.Errorf("the same request again gave %v, %v", again, err)
	}
	request.Enrolment.Level = cataloguev1.Level_LEVEL_DISCOVERY
	_, err = f.CreateEnrolment(ctx, request)
	refused(t, err, codes.FailedPrecondition, "REQUEST_ID_REUSED", "request_id")

	for i, step := range m.GetSteps() {
		if e, err = f.CompleteStep(ctx, &cataloguev1.CompleteStepRequest{Id: e.GetId(), StepId: step.GetId(), Etag: e.GetEtag()}); err != nil {
			t.Fatal(err)
		}
		if done := e.GetState() == cataloguev1.EnrolmentState_ENROLMENT_STATE_COMPLETED; done != (i == len(m.GetSteps())-1) {
			t.Errorf("after step %d: %s", i+1, e.GetState())
		}
	}
}

func TestBadInputChangesNothing(t *testing.T) {
	f := start(t)
	teacher := f.as(t, "teacher")
	modules, err := f.ListModules(teacher, &cataloguev1.ListModulesRequest{})
	if err != nil {
		t.Fatal(err)
	}
	training := cataloguev1.Level_LEVEL_TRAINING
	e, err := f.CreateEnrolment(teacher, &cataloguev1.CreateEnrolmentRequest{Enrolment: &cataloguev1.Enrolment{ModuleId: modules.GetModules()[0].GetId(), Level: training}})
	if err != nil {
		t.Fatal(err)
	}
	const unknown = "0b8f3c1e-3a49-4c8e-9d52-9e6f6d2b8a02"
	resource := &cataloguev1.Resource{Title: "Fiche", Uri: "https://example.org/", Kind: 1, LanguageCode: "fr", Licence: "CC0-1.0"}
	unlicensed := &cataloguev1.Resource{Title: "Fiche", Uri: "https://example.org/", Kind: 1, LanguageCode: "fr"}
	stray := &cataloguev1.Resource{Title: "Fiche", Uri: "https://example.org/", Kind: 1, LanguageCode: "fr", Licence: "CC0-1.0", ModuleIds: []string{unknown}}
	for name, c := range map[string]struct {
		call          func() error
		code          codes.Code
		reason, field string
	}{
		"malformed id": {func() error {
			_, err := f.GetModule(teacher, &cataloguev1.GetModuleRequest{Id: "modules/1"})
			return err
		}, codes.InvalidArgument, "INVALID_ARGUMENT", "id"},
		"unknown id": {func() error {
			_, err := f.GetModule(teacher, &cataloguev1.GetModuleRequest{Id: unknown})
			return err
		}, codes.NotFound, "NOT_FOUND", ""},
		"no token": {func() error {
			_, err := f.CreateEnrolment(t.Context(), &cataloguev1.CreateEnrolmentRequest{Enrolment: &cataloguev1.Enrolment{ModuleId: unknown, Level: training}})
			return err
		}, codes.Unauthenticated, "TOKEN_MISSING", ""},
		"unknown module": {func() error {
			_, err := f.CreateEnrolment(teacher, &cataloguev1.CreateEnrolmentRequest{Enrolment: &cataloguev1.Enrolment{ModuleId: unknown, Level: training}})
			return err
		}, codes.InvalidArgument, "REFERENCE_NOT_FOUND", "enrolment.module_id"},
		"enrolled twice": {func() error {
			_, err := f.CreateEnrolment(teacher, &cataloguev1.CreateEnrolmentRequest{Enrolment: &cataloguev1.Enrolment{ModuleId: e.GetModuleId(), Level: training}})
			return err
		}, codes.AlreadyExists, "ALREADY_ENROLLED", ""},
		"unknown step": {func() error {
			_, err := f.CompleteStep(teacher, &cataloguev1.CompleteStepRequest{Id: e.GetId(), StepId: "week-9"})
			return err
		}, codes.InvalidArgument, "STEP_UNKNOWN", "step_id"},
		"stale etag": {func() error {
			_, err := f.CompleteStep(teacher, &cataloguev1.CompleteStepRequest{Id: e.GetId(), StepId: "week-1", Etag: `"7"`})
			return err
		}, codes.Aborted, "ETAG_MISMATCH", "etag"},
		"someone else's": {func() error {
			_, err := f.CompleteStep(f.as(t, "other"), &cataloguev1.CompleteStepRequest{Id: e.GetId(), StepId: "week-1"})
			return err
		}, codes.NotFound, "NOT_FOUND", "id"},
		"not the national team": {func() error {
			_, err := f.CreateResource(teacher, &cataloguev1.CreateResourceRequest{Resource: resource})
			return err
		}, codes.PermissionDenied, "NOT_PERMITTED", ""},
		"no licence": {func() error {
			_, err := f.CreateResource(f.as(t, "chief"), &cataloguev1.CreateResourceRequest{Resource: unlicensed})
			return err
		}, codes.InvalidArgument, "INVALID_ARGUMENT", "resource.licence"},
		"a module that is not there": {func() error {
			_, err := f.CreateResource(f.as(t, "chief"), &cataloguev1.CreateResourceRequest{Resource: stray})
			return err
		}, codes.InvalidArgument, "REFERENCE_NOT_FOUND", "resource.module_ids"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, c.call(), c.code, c.reason, c.field) })
	}
	after, err := f.GetEnrolment(teacher, &cataloguev1.GetEnrolmentRequest{Id: e.GetId()})
	if err != nil || after.GetEtag() != e.GetEtag() {
		t.Errorf("the enrolment changed: %v, %v", after, err)
	}
	resources, err := f.ListResources(teacher, &cataloguev1.ListResourcesRequest{})
	if err != nil || len(resources.GetResources()) != 0 {
		t.Errorf("resources %v, %v", resources, err)
	}
}
