package e2e

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

const (
	commune     = "69123"
	lifeSeats   = 5
	lifeRobots  = 3 // for five persons, two at each
	zone        = "Europe/Paris"
	english     = 8 // the learner who reads English
	lifeMeeting = 2 * time.Hour
)

// stage is what the story is about.
type stage struct {
	group, place             string
	small, large, kit        string
	first, second, elsewhere *meetingsv1.Meeting
	rooms                    [2]*meetingsv1.Booking
	starts                   map[time.Time]*meetingsv1.Meeting // of which meeting each instant is the start
	registrations            map[[2]string]*meetingsv1.Registration
	asks                     map[string]*meetingsv1.Ask
}

// gather brings people and place together: a campaign, those who wish, the group that forms of them, and who organises it.
func (l *life) gather() {
	l.national, l.coordinator, l.relay = l.arrive("national", "nadia"), l.arrive("coordinator", "corinne"), l.arrive("relay", "remi")
	l.organiser = l.arrive("organiser", "odile")
	l.prefer(l.organiser)
	l.prefer(l.relay)
	for i := range 10 {
		l.learners = append(l.learners, l.arrive("learner", fmt.Sprintf("lea-%d", i)))
		l.prefer(l.learners[i])
	}
	l.learners[english].language = "en"
	l.patch(l.learners[english], "/v1/contact?updateMask=language_code", &meshv1.Contact{LanguageCode: "en"}, nil)
	l.settle()
	campaign := &meshv1.Campaign{}
	l.post(l.coordinator, "/v1/campaigns", &meshv1.Campaign{Title: "Une série entière", TerritoryCode: "REG-84"}, campaign)
	for _, who := range append([]*someone{l.organiser}, l.learners[:8]...) {
		l.post(who, "/v1/interests", &meshv1.Interest{CommuneCode: commune, ModuleId: module, CampaignId: campaign.GetId()}, nil)
	}
	formed := &meshv1.FormGroupsResponse{}
	l.post(l.coordinator, "/v1/campaigns/"+campaign.GetId()+":formGroups", &meshv1.FormGroupsRequest{ModuleId: module}, formed)
	if len(formed.GetGroups()) != 1 || formed.GetGroups()[0].GetMemberCount() != 9 || formed.GetGroups()[0].GetPlaceId() != l.place {
		l.t.Fatalf("%v; want nine people around %s", formed, l.place)
	}
	l.group = formed.GetGroups()[0].GetId()
	charge := &meshv1.Organiser{}
	l.post(l.organiser, "/v1/organisers", &meshv1.Organiser{GroupId: l.group, Origin: meshv1.OrganiserOrigin_ORGANISER_ORIGIN_COOPTATION}, charge)
	l.post(l.organiser, "/v1/organisers/"+charge.GetId()+":accept", &meshv1.AcceptOrganiserRequest{}, charge)
	if charge.GetState() != meshv1.OrganiserState_ORGANISER_STATE_ACCEPTED {
		l.t.Fatalf("%v", charge)
	}
}

// prefer has someone be told of everything, at any hour: the test may run at night.
func (l *life) prefer(who *someone) {
	l.patch(who, "/v1/noticePreferences", &meetingsv1.NoticePreferences{
		ShortReminder: true, MeetingConfirmed: true, QuietStartTime: "12:00", QuietEndTime: "12:00",
	}, nil)
}

// settle has the structure's relay lend a place with two rooms, and robots; three professionals say when they come.
func (l *life) settle() {
	place := &meshv1.Place{}
	l.post(l.coordinator, "/v1/places", &meshv1.Place{
		Name: "Médiathèque du Bachut", CommuneCode: commune, StructureId: structure, Position: &meshv1.Position{Latitude: 45.74846, Longitude: 4.84671},
	}, place)
	l.place = place.GetId()
	for into, room := range map[*string]*meshv1.Room{
		&l.small: {Name: "Petite salle", Seats: lifeSeats}, &l.large: {Name: "Grande salle", Seats: 2 * lifeSeats},
	} {
		made := &meshv1.Room{}
		l.post(l.relay, "/v1/places/"+l.place+"/rooms", room, made)
		*into = made.GetId()
	}
	kit := &meetingsv1.Equipment{}
	l.post(l.relay, "/v1/equipment", &meetingsv1.Equipment{
		Owner: "structures/" + structure, Kind: meetingsv1.EquipmentKind_EQUIPMENT_KIND_ROBOT, Label: "Thymio II", Quantity: 2 * lifeRobots, PersonsPerUnit: 2,
	}, kit)
	l.kit = kit.GetId()
	for i := range 3 {
		who := l.arrive("professional", fmt.Sprintf("paul-%d", i))
		l.professionals = append(l.professionals, who)
		l.prefer(who)
		l.post(who, "/v1/professionals", &meshv1.CreateProfessionalRequest{Adult: true, Professional: &meshv1.Professional{
			CommuneCode: commune, RadiusKm: 30, TimeZone: zone, ModuleIds: []string{module}, Active: true,
		}}, nil)
	}
}

// plan has the organiser plan the series by the module's first day, and say and book what it needs; a week after its first meeting, the
// relay plans another one for the structure.
func (l *life) plan() {
	begin := time.Now().AddDate(0, 0, 10)
	series := &meetingsv1.Series{}
	l.post(l.organiser, "/v1/series", &meetingsv1.CreateSeriesRequest{
		GroupId: l.group, TimeZone: zone, Capacity: lifeSeats, ModuleStartDate: begin.Format(time.DateOnly), LocalStartHour: "18:30",
	}, series)
	if len(series.GetMeetings()) != 2 {
		l.t.Fatalf("%v", series)
	}
	l.first, l.second, l.elsewhere = series.GetMeetings()[0], series.GetMeetings()[1], &meetingsv1.Meeting{}
	l.starts, l.registrations, l.asks = map[time.Time]*meetingsv1.Meeting{}, map[[2]string]*meetingsv1.Registration{}, map[string]*meetingsv1.Ask{}
	half := paris(l.first.GetStartTime().AsTime()).AddDate(0, 0, 7).Add(30 * time.Minute)
	l.post(l.relay, "/v1/meetings", &meetingsv1.CreateMeetingRequest{Parent: "structures/" + structure, Meeting: &meetingsv1.Meeting{
		Title: "Atelier robots", PlaceId: l.place, TimeZone: zone, Capacity: lifeSeats,
		StartTime: timestamppb.New(half), EndTime: timestamppb.New(half.Add(lifeMeeting)),
	}}, l.elsewhere)
	for i, m := range []*meetingsv1.Meeting{l.first, l.second, l.elsewhere} {
		l.starts[m.GetStartTime().AsTime()] = m
		if i < len(l.rooms) {
			l.equip(m, i)
		}
	}
}

func (l *life) equip(m *meetingsv1.Meeting, i int) {
	path := "/v1/meetings/" + m.GetId()
	l.patch(l.organiser, path+"/needs", &meetingsv1.Needs{
		Equipment: []*meetingsv1.EquipmentNeed{{Kind: meetingsv1.EquipmentKind_EQUIPMENT_KIND_ROBOT, PersonsPerUnit: 2}},
	}, nil)
	l.gaps(m, 2*lifeRobots-lifeRobots)
	l.rooms[i] = &meetingsv1.Booking{}
	l.post(l.organiser, path+"/bookings", &meetingsv1.CreateBookingRequest{RoomId: []string{l.small, l.large}[i]}, l.rooms[i])
	l.post(l.organiser, path+"/bookings", &meetingsv1.CreateBookingRequest{EquipmentId: l.kit, Quantity: lifeRobots}, nil)
	l.gaps(m, 0)
}

// gaps checks how many robots a meeting still lacks.
func (l *life) gaps(m *meetingsv1.Meeting, want int32) {
	l.t.Helper()
	found, missing := &meetingsv1.CheckNeedsResponse{}, int32(0)
	l.get(l.relay, "/v1/meetings/"+m.GetId()+"/needs:check", found)
	for _, g := range found.GetGaps() {
		missing += g.GetMissing()
	}
	if missing != want {
		l.t.Fatalf("%v; want %d robots missing", found, want)
	}
}
