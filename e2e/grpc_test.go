package e2e

import (
	"slices"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"

	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	indicatorsv1 "github.com/classcode/maillage/proto/gen/maillage/indicators/v1"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

func (s *site) grpcAnswers(t *testing.T) {
	conns := map[string]*grpc.ClientConn{}
	for service, name := range map[string]string{
		"catalogue": "catalogue.v1.Catalogue", "mesh": "mesh.v1.Mesh", "meetings": "meetings.v1.Meetings", "indicators": "indicators.v1.Indicators",
	} {
		conn := s.dial(t, s.grpc[service])
		conns[service] = conn
		if listed := listServices(t, conn); !slices.Contains(listed, "maillage."+name+"Service") {
			t.Errorf("%s is not listed in %v", name, listed)
		}
	}
	ctx := t.Context()
	modules, err := cataloguev1.NewCatalogueServiceClient(conns["catalogue"]).ListModules(ctx, &cataloguev1.ListModulesRequest{})
	if err != nil || len(modules.GetModules()) != 5 {
		t.Errorf("catalogue: %d modules, %v", len(modules.GetModules()), err)
	}
	lyon, err := meshv1.NewMeshServiceClient(conns["mesh"]).GetTerritory(ctx, &meshv1.GetTerritoryRequest{Code: "69123"})
	if err != nil || !slices.Contains(lyon.GetAncestorCodes(), "REG-84") {
		t.Errorf("mesh: %v, %v", lyon, err)
	}
	keys, err := meetingsv1.NewMeetingsServiceClient(conns["meetings"]).GetKeySet(ctx, &meetingsv1.GetKeySetRequest{})
	if err != nil || len(keys.GetKeys()) != 1 {
		t.Errorf("meetings: %v, %v", keys, err)
	}
	indicator, err := indicatorsv1.NewIndicatorsServiceClient(conns["indicators"]).GetIndicator(ctx, &indicatorsv1.GetIndicatorRequest{Id: "I2a"})
	if err != nil || len(indicator.GetMeasures()) != 2 {
		t.Errorf("indicators: %v, %v", indicator, err)
	}
}

// dial reaches a process without a door between.
func (s *site) dial(t *testing.T, address string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// listServices asks the server's reflection for its list, as grpcurl does.
func listServices(t *testing.T, conn *grpc.ClientConn) (names []string) {
	t.Helper()
	stream, err := reflectionv1.NewServerReflectionClient(conn).ServerReflectionInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ask := &reflectionv1.ServerReflectionRequest{MessageRequest: &reflectionv1.ServerReflectionRequest_ListServices{}}
	if err := stream.Send(ask); err != nil {
		t.Fatal(err)
	}
	answer, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range answer.GetListServicesResponse().GetService() {
		names = append(names, s.GetName())
	}
	return names
}
