package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	cataloguegw "github.com/classcode/maillage/gateway/gen/maillage/catalogue/v1"
	indicatorsgw "github.com/classcode/maillage/gateway/gen/maillage/indicators/v1"
	meetingsgw "github.com/classcode/maillage/gateway/gen/maillage/meetings/v1"
	meshgw "github.com/classcode/maillage/gateway/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/gateway/internal/jsonout"
	"github.com/classcode/maillage/pkg/errs"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	indicatorsv1 "github.com/classcode/maillage/proto/gen/maillage/indicators/v1"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// api is grpc-gateway with our errors and our idea of a good request.
type api struct {
	routes *routes
	log    *slog.Logger
}

func newAPI(ctx context.Context, routes *routes, deps Deps) (http.Handler, error) {
	a := &api{routes: routes, log: deps.Log}
	mux := runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, strictJSON{&runtime.JSONPb{
			MarshalOptions:   jsonout.Options,
			UnmarshalOptions: strict,
		}}),
		runtime.WithForwardResponseRewriter(lend),
		runtime.WithIncomingHeaderMatcher(incoming),
		runtime.WithOutgoingHeaderMatcher(none),
		runtime.WithOutgoingTrailerMatcher(none),
		runtime.WithUnescapingMode(runtime.UnescapingModeAllExceptSlash),
		runtime.WithDisableHTTPMethodOverride(),
		runtime.WithDisablePathLengthFallback(),
		runtime.WithMiddlewares(a.check),
		runtime.WithErrorHandler(a.fail),
		runtime.WithRoutingErrorHandler(a.lost),
	)
	return mux, register(ctx, mux, deps)
}

func register(ctx context.Context, mux *runtime.ServeMux, deps Deps) error {
	err := errors.Join(
		cataloguegw.RegisterCatalogueServiceHandlerClient(ctx, mux, cataloguev1.NewCatalogueServiceClient(conn{deps.Catalogue})),
		cataloguegw.RegisterPracticeSheetServiceHandlerClient(ctx, mux, cataloguev1.NewPracticeSheetServiceClient(conn{deps.Catalogue})),
		indicatorsgw.RegisterIndicatorsServiceHandlerClient(ctx, mux, indicatorsv1.NewIndicatorsServiceClient(conn{deps.Indicators})),
		meetingsgw.RegisterMeetingsServiceHandlerClient(ctx, mux, meetingsv1.NewMeetingsServiceClient(conn{deps.Meetings})),
		meetingsgw.RegisterAttestationServiceHandlerClient(ctx, mux, meetingsv1.NewAttestationServiceClient(conn{deps.Meetings})),
		meetingsgw.RegisterAttestationShareServiceHandlerClient(ctx, mux, meetingsv1.NewAttestationShareServiceClient(conn{deps.Meetings})),
		meetingsgw.RegisterSwapServiceHandlerClient(ctx, mux, meetingsv1.NewSwapServiceClient(conn{deps.Meetings})),
		meetingsgw.RegisterFeedbackServiceHandlerClient(ctx, mux, meetingsv1.NewFeedbackServiceClient(conn{deps.Meetings})),
		meetingsgw.RegisterBadgeServiceHandlerClient(ctx, mux, meetingsv1.NewBadgeServiceClient(conn{deps.Meetings})),
		meetingsgw.RegisterPollServiceHandlerClient(ctx, mux, meetingsv1.NewPollServiceClient(conn{deps.Meetings})),
		meetingsgw.RegisterProgrammeServiceHandlerClient(ctx, mux, meetingsv1.NewProgrammeServiceClient(conn{deps.Meetings})),
		meetingsgw.RegisterCalendarServiceHandlerClient(ctx, mux, meetingsv1.NewCalendarServiceClient(conn{deps.Meetings})),
		meetingsgw.RegisterProfessionalSearchServiceHandlerClient(ctx, mux, meetingsv1.NewProfessionalSearchServiceClient(conn{deps.Meetings})),
		meetingsgw.RegisterReadinessServiceHandlerClient(ctx, mux, meetingsv1.NewReadinessServiceClient(conn{deps.Meetings})),
		meetingsgw.RegisterAttendanceServiceHandlerClient(ctx, mux, meetingsv1.NewAttendanceServiceClient(conn{deps.Meetings})),
		meshgw.RegisterMeshServiceHandlerClient(ctx, mux, meshv1.NewMeshServiceClient(conn{deps.Mesh})),
		meetingsgw.RegisterNoticeServiceHandlerClient(ctx, mux, meetingsv1.NewNoticeServiceClient(conn{deps.Meetings})),
		meshgw.RegisterContactServiceHandlerClient(ctx, mux, meshv1.NewContactServiceClient(conn{deps.Mesh})),
		meshgw.RegisterFormingServiceHandlerClient(ctx, mux, meshv1.NewFormingServiceClient(conn{deps.Mesh})),
		meshgw.RegisterProfessionalServiceHandlerClient(ctx, mux, meshv1.NewProfessionalServiceClient(conn{deps.Mesh})),
		meetingsgw.RegisterLogisticsServiceHandlerClient(ctx, mux, meetingsv1.NewLogisticsServiceClient(conn{deps.Meetings})),
		meshgw.RegisterRoomServiceHandlerClient(ctx, mux, meshv1.NewRoomServiceClient(conn{deps.Mesh})),
	)
	if err != nil {
		return fmt.Errorf("register the services: %w", err)
	}
	return nil
}

// fail answers for an error that came while a route was served.
func (a *api) fail(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
	if own, ok := errors.AsType[*errs.Error](err); ok {
		refuse(w, r, own)
		return
	}
	if _, ok := errors.AsType[*runtime.HTTPStatusError](err); ok { // an escape sequence such as %zz
		refuse(w, r, errMalformedPath)
		return
	}
	st := status.Convert(err)
	p, ours := fromStatus(st, speaks(r))
	switch {
	case ours:
	case st.Code() == codes.InvalidArgument: // grpc-gateway could not read the request, and only says so in a text
		if e := exchangeFrom(r.Context()).explain(r); e != nil {
			p = fromError(e, speaks(r))
		}
	default: // our services log their own errors; nobody else logs this one
		a.log.WarnContext(r.Context(), "a service could not be called", "code", st.Code().String(), "error", st.Message())
	}
	p.write(w, r)
}

// lost answers for a request that no route takes.
func (a *api) lost(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, _ int) {
	allowed := a.routes.methods(r.URL.EscapedPath())
	if len(allowed) == 0 {
		refuse(w, r, errRoute)
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	refuse(w, r, errMethod)
}
