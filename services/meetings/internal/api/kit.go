package api

import (
	"cmp"
	"context"
	"slices"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/mail"
	"github.com/classcode/maillage/pkg/rpc"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/kit"
)

const (
	// mapReach is as far as a poster's map may show, mapTowns as many communes as it chooses from.
	mapReach, mapTowns = 130_000, 500
	// moduleResources is as many of a module's resources as are looked at for their hosts.
	moduleResources = 500
)

// GetKit returns the whole kit of a meeting.
func (s *Server) GetKit(ctx context.Context, req *meetingsv1.GetKitRequest) (*meetingsv1.KitDocument, error) {
	k, err := s.kit(ctx, req.GetMeetingId())
	if err != nil {
		return nil, err
	}
	if k.Participants, err = s.participants(ctx, k.Meeting.ID); err != nil {
		return nil, err
	}
	return printed("kit", req.GetFormat(), k.PDF, k.ZIP)
}

// GetPrescriberKit returns the kit that names nobody.
func (s *Server) GetPrescriberKit(ctx context.Context, req *meetingsv1.GetPrescriberKitRequest) (*meetingsv1.KitDocument, error) {
	k, err := s.kit(ctx, req.GetMeetingId())
	if err != nil {
		return nil, err
	}
	return printed("kit-prescripteur", req.GetFormat(), k.PrescriberPDF, k.PrescriberZIP)
}

func printed(name string, format meetingsv1.KitFormat, pdf, archive func() ([]byte, error)) (*meetingsv1.KitDocument, error) {
	write, out := pdf, &meetingsv1.KitDocument{MediaType: "application/pdf", FileName: name + ".pdf"}
	if format == meetingsv1.KitFormat_KIT_FORMAT_ZIP {
		write, out.MediaType, out.FileName = archive, "application/zip", name+".zip"
	}
	var err error
	out.Content, err = write()
	return out, err
}

// kit gathers what is known of a meeting, but for who comes.
func (s *Server) kit(ctx context.Context, id string) (k kit.Kit, err error) {
	if k.Meeting, err = s.Store.Meeting(ctx, id); err != nil {
		return k, err
	}
	if err := k.Meeting.Printable(); err != nil {
		return k, err
	}
	k.Door = s.PublicURL
	if k.Programme, err = s.Store.ProgrammeOf(ctx, id); err != nil {
		return k, err
	}
	if k.Needs, err = s.Store.Needs(ctx, id); err != nil {
		return k, err
	}
	hosts := domain.AllowList{}
	if err := s.taught(ctx, &k, hosts); err != nil {
		return k, err
	}
	hosts.Add(s.PublicURL, domain.HostOfDoor)
	hosts.Add(k.Meeting.RemoteURL, domain.HostOfMeeting)
	for _, host := range k.Needs.Network.Hosts {
		hosts.Add(host, domain.HostNeeded)
	}
	k.Hosts = hosts.Hosts()
	return k, s.located(ctx, &k)
}

// taught adds the module and the hosts of what it uses.
func (s *Server) taught(ctx context.Context, k *kit.Kit, hosts domain.AllowList) error {
	if k.Meeting.ModuleID == "" {
		return nil
	}
	module, err := s.Modules.GetModule(ctx, &cataloguev1.GetModuleRequest{Id: k.Meeting.ModuleID})
	if err = rpc.FromStatus(err); isMissing(err) {
		return nil // it left the catalogue since
	}
	if err != nil {
		return err
	}
	k.Module = kit.Module{Title: mail.Line(module.GetTitle()), Summary: module.GetSummary(), Address: module.GetUri()}
	hosts.Add(module.GetUri(), domain.HostOfModule)
	found, err := s.Modules.ListResources(ctx, &cataloguev1.ListResourcesRequest{ModuleId: k.Meeting.ModuleID, PageSize: moduleResources})
	if err = rpc.FromStatus(err); err != nil {
		return err
	}
	for _, r := range found.GetResources() {
		hosts.Add(r.GetUri(), domain.HostOfResource)
	}
	k.Catalogued = true
	return nil
}

// located adds the names of where people meet and who hosts, and what lies around.
func (s *Server) located(ctx context.Context, k *kit.Kit) (err error) {
	if k.Meeting.CommuneCode != "" {
		if k.Commune, err = s.territoryName(ctx, k.Meeting.CommuneCode); err != nil {
			return err
		}
	}
	if k.Meeting.StructureID != "" {
		structure, err := s.Structures.GetStructure(ctx, &meshv1.GetStructureRequest{Id: k.Meeting.StructureID})
		if err = rpc.FromStatus(err); err != nil && !isMissing(err) {
			return err
		}
		k.Structure = mail.Line(structure.GetName())
	}
	if k.Meeting.PlaceID == "" || k.Meeting.Mode == domain.MeetingRemote {
		return nil
	}
	place, err := s.Groups.GetPlace(ctx, &meshv1.GetPlaceRequest{Id: k.Meeting.PlaceID})
	if err = rpc.FromStatus(err); isMissing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	k.Place = kit.Place{
		Name: mail.Line(place.GetName()), Address: mail.Line(place.GetAddress()),
		Latitude: place.GetPosition().GetLatitude(), Longitude: place.GetPosition().GetLongitude(),
	}
	return s.around(ctx, k, place.GetPosition())
}

// around adds the communes that the map may name: those whose position is exact, since an estimated one may be some kilometres off.
func (s *Server) around(ctx context.Context, k *kit.Kit, position *meshv1.Position) error {
	if position == nil {
		return nil
	}
	found, err := s.Groups.FindNearestCommunes(ctx, &meshv1.FindNearestCommunesRequest{Position: position, RadiusMetres: mapReach, Limit: mapTowns})
	if err = rpc.FromStatus(err); err != nil {
		return err
	}
	for _, c := range found.GetCommunes() {
		if c.GetPrecision() == meshv1.Precision_PRECISION_EXACT {
			k.Towns = append(k.Towns, kit.Town{
				Name: c.GetName(), Latitude: c.GetPosition().GetLatitude(), Longitude: c.GetPosition().GetLongitude(), Population: c.GetPopulation(),
			})
		}
	}
	return nil
}

// participants are those who have a seat, by name; who has told nobody how to be called comes last, and is written by hand.
func (s *Server) participants(ctx context.Context, meetingID string) ([]kit.Participant, error) {
	roll, err := s.Store.Roll(ctx, meetingID)
	if err != nil {
		return nil, err
	}
	persons := make([]string, len(roll))
	for i, r := range roll {
		persons[i] = r.PersonID
	}
	names, err := s.names(ctx, persons)
	if err != nil {
		return nil, err
	}
	all := make([]kit.Participant, len(roll))
	for i, r := range roll {
		all[i] = kit.Participant{Name: names[r.PersonID], Remote: r.Mode == domain.Remote, Facilitator: r.Role == domain.FacilitatorSeat, Reserved: !r.NameShared}
	}
	slices.SortStableFunc(all, func(a, b kit.Participant) int {
		if (a.Name == "") != (b.Name == "") {
			return cmp.Compare(len(b.Name), len(a.Name))
		}
		return cmp.Compare(database.Fold(a.Name), database.Fold(b.Name))
	})
	return all, nil
}
