package meetings_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"github.com/classcode/maillage/pkg/errs"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

func programmeOf(parent string) *meetingsv1.CreateProgrammeRequest {
	hours := func(from, to string) *meetingsv1.Slot {
		return &meetingsv1.Slot{LocalStartTime: "2026-12-05T" + from, LocalEndTime: "2026-12-05T" + to}
	}
	return &meetingsv1.CreateProgrammeRequest{
		Parent: parent, Title: "Journée des ateliers", PlaceId: place, TimeZone: "Europe/Paris",
		Slots: []*meetingsv1.Slot{hours("09:00", "10:30"), hours("10:30", "12:00")},
	}
}

// From the programme to everyone's rotation.
func TestProgrammeAndRotation(t *testing.T) {
	w := newWorld(t)
	p := must[*meetingsv1.Programme](w)(w.CreateProgramme(w.as("relay"), programmeOf("structures/"+structure)))
	for i := range 3 {
		p = must[*meetingsv1.Programme](w)(w.AddWorkshop(w.as("relay"), &meetingsv1.AddWorkshopRequest{Id: p.GetId(), Title: fmt.Sprint("Atelier ", i+1), Capacity: 2}))
	}
	if len(p.GetWorkshops()) != 3 || len(p.GetWorkshops()[2].GetSessions()) != 2 || p.GetSlots()[1].GetLocalStartTime() != "2026-12-05T10:30" || p.GetOrganiserId() != "relay" {
		t.Fatalf("%v", p)
	}
	m := must[*meetingsv1.Meeting](w)(w.GetMeeting(w.as(""), &meetingsv1.GetMeetingRequest{Id: p.GetWorkshops()[1].GetSessions()[0].GetMeetingId()}))
	if m.GetTitle() != "Atelier 2" || m.GetPlaceId() != place || m.GetCapacity() != 2 || m.GetLocalEndTime() != "2026-12-05T10:30" {
		t.Fatalf("%v", m)
	}
	persons := []string{"a", "b", "c", "d", "e", "f"}
	for _, person := range persons {
		must[*meetingsv1.Programme](w)(w.JoinProgramme(w.as(person), &meetingsv1.JoinProgrammeRequest{Id: p.GetId()}))
	}
	proposed := must[*meetingsv1.Rotation](w)(w.PlanRotation(w.as("coordinator"), &meetingsv1.PlanRotationRequest{Id: p.GetId()}))
	apply := &meetingsv1.ApplyRotationRequest{Id: p.GetId(), Etag: proposed.GetEtag(), RequestId: uuid.NewString()}
	applied := must[*meetingsv1.Rotation](w)(w.ApplyRotation(w.as("coordinator"), apply))
	if !proto.Equal(applied, proposed) || len(applied.GetVisits()) != 12 {
		t.Fatalf("%v; want %v", applied, proposed)
	}
	if same := must[*meetingsv1.Rotation](w)(w.ApplyRotation(w.as("coordinator"), apply)); !proto.Equal(same, applied) {
		t.Fatalf("%v; want %v", same, applied)
	}
	for _, person := range persons {
		own := must[*meetingsv1.ListOwnChoicesResponse](w)(w.ListOwnChoices(w.as(person), &meetingsv1.ListOwnChoicesRequest{Id: p.GetId()}))
		var want []string
		for _, v := range applied.GetVisits() {
			if v.GetPersonId() == person {
				want = append(want, v.GetMeetingId())
			}
		}
		var got []string
		for _, c := range own.GetChoices() {
			got = append(got, c.GetMeetingId())
		}
		if !own.GetJoined() || !slices.Equal(got, want) || len(got) != 2 || got[0] == got[1] {
			t.Errorf("%s has %v; want %v", person, got, want)
		}
	}
	left := must[*meetingsv1.Programme](w)(w.LeaveProgramme(w.as("a"), &meetingsv1.LeaveProgrammeRequest{Id: p.GetId()}))
	if left.GetJoinedCount() != 5 {
		t.Fatalf("%v", left)
	}
}

func TestProgrammeRefusals(t *testing.T) {
	w := newWorld(t)
	p := must[*meetingsv1.Programme](w)(w.CreateProgramme(w.as("relay"), programmeOf("structures/"+structure)))
	must[*meetingsv1.Programme](w)(w.AddWorkshop(w.as("relay"), &meetingsv1.AddWorkshopRequest{Id: p.GetId(), Title: "Robots", Capacity: 2}))
	must[*meetingsv1.Programme](w)(w.JoinProgramme(w.as("a"), &meetingsv1.JoinProgrammeRequest{Id: p.GetId()}))
	type request = *meetingsv1.CreateProgrammeRequest
	create := func(edit func(request)) func() error {
		return func() error {
			req := programmeOf("structures/" + structure)
			edit(req)
			_, err := w.CreateProgramme(w.as("relay"), req)
			return err
		}
	}
	add := func(person string, req *meetingsv1.AddWorkshopRequest) func() error {
		if req.GetId() == "" {
			req.Id = p.GetId()
		}
		if req.GetCapacity() == 0 {
			req.Capacity = 5
		}
		return func() error { _, err := w.AddWorkshop(w.as(person), req); return err }
	}
	hours := func(from, to string) *meetingsv1.Slot {
		return &meetingsv1.Slot{LocalStartTime: "2026-12-05T" + from, LocalEndTime: "2026-12-05T" + to}
	}
	plan := func(person string, slots, workshops []int32) func() error {
		return func() error {
			_, err := w.PlanRotation(w.as(person), &meetingsv1.PlanRotationRequest{Id: p.GetId(), Slots: slots, Workshops: workshops})
			return err
		}
	}
	w.refuses(map[string]refusal{
		"overlapping":    {create(func(r request) { r.Slots[1].LocalStartTime = "2026-12-05T10:29" }), errs.Invalid, "SLOTS_OVERLAP", "slots[1].start_time"},
		"out of order":   {create(func(r request) { slices.Reverse(r.Slots) }), errs.Invalid, "SLOTS_OVERLAP", "slots[1].start_time"},
		"no slot":        {create(func(r request) { r.Slots = nil }), errs.Invalid, "REPEATED_MIN_ITEMS", "slots"},
		"no length":      {create(func(r request) { r.Slots[0].LocalEndTime = r.Slots[0].LocalStartTime }), errs.Invalid, "END_BEFORE_START", "slots[0].end_time"},
		"no place":       {create(func(r request) { r.PlaceId = "" }), errs.Invalid, "FIELD_REQUIRED", "place_id"},
		"unknown place":  {create(func(r request) { r.PlaceId = uuid.NewString() }), errs.NotFound, "NOT_FOUND", "place_id"},
		"long title":     {create(func(r request) { r.Title = strings.Repeat("é", 201) }), errs.Invalid, "STRING_MAX_LEN", "title"},
		"title of two":   {create(func(r request) { r.Title = "Journée\r\nX: y" }), errs.Invalid, "TITLE_INVALID", "title"},
		"unknown zone":   {create(func(r request) { r.TimeZone = "Europe/Lutece" }), errs.Invalid, "TIME_ZONE_UNKNOWN", "time_zone"},
		"stranger adds":  {add("stranger", &meetingsv1.AddWorkshopRequest{Title: "a"}), errs.Denied, "NOT_PERMITTED", ""},
		"no programme":   {add("relay", &meetingsv1.AddWorkshopRequest{Id: uuid.NewString(), Title: "a"}), errs.NotFound, "NOT_FOUND", "id"},
		"unknown slot":   {add("relay", &meetingsv1.AddWorkshopRequest{Title: "a", Slots: []int32{1, 3}}), errs.Invalid, "PROGRAMME_SLOT_UNKNOWN", "slots[1]"},
		"slot twice":     {add("relay", &meetingsv1.AddWorkshopRequest{Title: "a", Slots: []int32{1, 1}}), errs.Invalid, "REPEATED_UNIQUE", "slots"},
		"outside":        {add("relay", &meetingsv1.AddWorkshopRequest{Title: "a", Slots: []int32{1}, Hours: hours("08:59", "10:30")}), errs.Invalid, "WORKSHOP_OUTSIDE_SLOT", "hours"},
		"beyond":         {add("relay", &meetingsv1.AddWorkshopRequest{Title: "a", Slots: []int32{1}, Hours: hours("09:30", "10:31")}), errs.Invalid, "WORKSHOP_OUTSIDE_SLOT", "hours"},
		"hours of two":   {add("relay", &meetingsv1.AddWorkshopRequest{Title: "a", Hours: hours("09:30", "10:30")}), errs.Invalid, "WORKSHOP_HOURS", "hours"},
		"no seat":        {add("relay", &meetingsv1.AddWorkshopRequest{Title: "a", Capacity: -1}), errs.Invalid, "INT32_GTE_LTE", "capacity"},
		"stranger plans": {plan("stranger", nil, nil), errs.Denied, "NOT_PERMITTED", ""},
		"national plans": {plan("national", nil, nil), errs.Denied, "NOT_PERMITTED", ""},
		"k > n":          {plan("relay", nil, nil), errs.Precondition, "ROTATION_FEW_WORKSHOPS", "id"},
		"unknown one":    {plan("relay", nil, []int32{7}), errs.Invalid, "WORKSHOP_UNKNOWN", "workshops[0]"},
		"stale plan": {func() error {
			_, err := w.ApplyRotation(w.as("relay"), &meetingsv1.ApplyRotationRequest{Id: p.GetId(), Slots: []int32{1}, Etag: `"another"`})
			return err
		}, errs.Stale, "ETAG_MISMATCH", "etag"},
		"nobody joins": {func() error {
			_, err := w.JoinProgramme(w.as(""), &meetingsv1.JoinProgrammeRequest{Id: p.GetId()})
			return err
		}, errs.Unauthenticated, "TOKEN_MISSING", ""},
		"joins nothing": {func() error {
			_, err := w.JoinProgramme(w.as("a"), &meetingsv1.JoinProgrammeRequest{Id: uuid.NewString()})
			return err
		}, errs.NotFound, "NOT_FOUND", ""},
	})
	for _, person := range []string{"b", "c"} {
		must[*meetingsv1.Programme](w)(w.JoinProgramme(w.as(person), &meetingsv1.JoinProgrammeRequest{Id: p.GetId()}))
	}
	w.refuses(map[string]refusal{"too many people": {plan("relay", []int32{1}, nil), errs.Precondition, "ROTATION_FEW_SEATS", "id"}})
	w.clock.Set(p.GetSlots()[1].GetStartTime().AsTime())
	w.refuses(map[string]refusal{
		"joins too late": {func() error {
			_, err := w.JoinProgramme(w.as("d"), &meetingsv1.JoinProgrammeRequest{Id: p.GetId()})
			return err
		}, errs.Precondition, "PROGRAMME_BEGUN", "id"},
		"added too late": {add("relay", &meetingsv1.AddWorkshopRequest{Title: "a"}), errs.Invalid, "START_IN_PAST", "slots"},
	})
}
