package api_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

func profile(edit ...func(*meshv1.Professional)) *meshv1.CreateProfessionalRequest {
	p := &meshv1.Professional{
		CommuneCode: "69123", RadiusKm: 30, ModuleIds: []string{module}, Tags: []string{"Thymio", "C++", "réseaux d'élèves"},
		Availabilities: []*meshv1.Availability{{Weekday: meshv1.Weekday_WEEKDAY_TUESDAY, Start: "18:00", End: "24:00"}},
		Absences:       []*meshv1.Absence{{FirstDate: "2026-12-24", LastDate: "2026-12-31"}},
		TimeZone:       "Europe/Paris", MonthlyLimit: 2, Active: true,
	}
	for _, e := range edit {
		e(p)
	}
	return &meshv1.CreateProfessionalRequest{Professional: p, Adult: true}
}

func TestProfessionals(t *testing.T) {
	f := start(t)
	req := profile()
	req.RequestId = uuid.NewString()
	own := must[*meshv1.Professional](t)(f.CreateProfessional(f.as(t, "someone 1"), req))
	if again := must[*meshv1.Professional](t)(f.CreateProfessional(f.as(t, "someone 1"), req)); !proto.Equal(own, again) {
		t.Fatalf("%v, then %v", own, again)
	}
	if own.GetPersonId() != f.person(t, "someone 1").GetId() || own.GetAvailabilities()[0].GetEnd() != "24:00" || own.GetTags()[1] != "C++" {
		t.Fatalf("created %v", own)
	}
	if roles := f.person(t, "someone 1").GetRoles(); len(roles) != 1 || roles[0].GetRole() != meshv1.Role_ROLE_PROFESSIONAL {
		t.Fatalf("roles %v", roles)
	}
	t.Run("who reads", func(t *testing.T) { f.whoReads(t, own) })
	t.Run("who finds", func(t *testing.T) { f.whoFinds(t, own) })
	t.Run("update", func(t *testing.T) { f.updateProfile(t, own) })
}

func (f *fixture) whoReads(t *testing.T, own *meshv1.Professional) {
	for subject, may := range map[string]bool{
		"someone 1": true, "coordinator 1": true, "national 1": false, "organiser 1": false, "learner 1": false, "professional 2": false,
	} {
		read, err := f.GetProfessional(f.as(t, subject), &meshv1.GetProfessionalRequest{PersonId: own.GetPersonId()})
		list := must[*meshv1.ListProfessionalsResponse](t)(f.ListProfessionals(f.as(t, subject), &meshv1.ListProfessionalsRequest{TerritoryCode: "DEP-69"}))
		switch {
		case may && (err != nil || !proto.Equal(read, own) || len(list.GetProfessionals()) != 1):
			t.Errorf("%s: %v, %v, %v", subject, read, err, list)
		case !may:
			refused(t, err, codes.NotFound, "NOT_FOUND", "person_id")
			if len(list.GetProfessionals()) > 0 {
				t.Errorf("%s lists %v", subject, list)
			}
		}
	}
}

func (f *fixture) whoFinds(t *testing.T, own *meshv1.Professional) {
	evening := time.Date(2026, 12, 1, 18, 0, 0, 0, time.UTC) // a Tuesday
	find := &meshv1.FindProfessionalsRequest{
		CommuneCode: "69123", ModuleId: module, StartTime: timestamppb.New(evening), EndTime: timestamppb.New(evening.Add(2 * time.Hour)),
	}
	for _, subject := range []string{"organiser 1", "coordinator 1", "relay 1"} {
		found := must[*meshv1.FindProfessionalsResponse](t)(f.FindProfessionals(f.as(t, subject), find)).GetProfessionals()
		if len(found) != 1 || found[0].GetPersonId() != own.GetPersonId() || found[0].GetFree() != meshv1.Free_FREE_YES || !found[0].GetInReach() || found[0].GetDistanceMetres() != 0 {
			t.Errorf("%s finds %v", subject, found)
		}
	}
	find.StartTime, find.EndTime = nil, nil
	find.ModuleId = unknown
	if found := must[*meshv1.FindProfessionalsResponse](t)(f.FindProfessionals(f.as(t, "organiser 1"), find)).GetProfessionals(); len(found) != 0 {
		t.Errorf("for another module: %v", found)
	}
	find.PersonIds = []string{own.GetPersonId(), unknown}
	if found := must[*meshv1.FindProfessionalsResponse](t)(f.FindProfessionals(f.as(t, "organiser 1"), find)).GetProfessionals(); len(found) != 1 || found[0].GetFree() != 0 {
		t.Errorf("by name: %v", found)
	}
	for _, subject := range []string{"national 1", "learner 1", "professional 2"} {
		_, err := f.FindProfessionals(f.as(t, subject), find)
		refused(t, err, codes.PermissionDenied, "SEEKER_NOT_ENTITLED", "")
	}
}

func (f *fixture) updateProfile(t *testing.T, own *meshv1.Professional) {
	update := func(subject string, in *meshv1.Professional, paths ...string) (*meshv1.Professional, error) {
		in.PersonId = own.GetPersonId()
		return f.UpdateProfessional(f.as(t, subject), &meshv1.UpdateProfessionalRequest{Professional: in, UpdateMask: mask(paths...)})
	}
	changed := must[*meshv1.Professional](t)(update("someone 1", &meshv1.Professional{Active: false, Etag: own.GetEtag()}, "active", "etag"))
	if changed.GetActive() || changed.GetCommuneCode() != "69123" || changed.GetEtag() == own.GetEtag() {
		t.Errorf("changed to %v", changed)
	}
	if found := must[*meshv1.FindProfessionalsResponse](t)(f.FindProfessionals(f.as(t, "coordinator 1"), &meshv1.FindProfessionalsRequest{CommuneCode: "69123"})); len(found.GetProfessionals()) > 0 {
		t.Errorf("at rest, but found: %v", found)
	}
	_, err := update("someone 1", &meshv1.Professional{Active: true, Etag: own.GetEtag()}, "active")
	refused(t, err, codes.Aborted, "ETAG_MISMATCH", "professional.etag")
	_, err = update("coordinator 1", &meshv1.Professional{Active: true}, "active")
	refused(t, err, codes.NotFound, "NOT_FOUND", "professional.person_id")
	_, err = update("someone 1", &meshv1.Professional{}, "create_time")
	refused(t, err, codes.InvalidArgument, "FIELD_MASK_INVALID", "update_mask")
	_, err = update("someone 1", &meshv1.Professional{}) // all of it: nothing is left of where they come from
	refused(t, err, codes.InvalidArgument, "FIELD_REQUIRED", "professional.commune_code")
	_, err = f.CreateProfessional(f.as(t, "someone 1"), profile())
	refused(t, err, codes.AlreadyExists, "PROFESSIONAL_EXISTS", "")
}

func TestProfileRefusals(t *testing.T) {
	f := start(t)
	f.person(t, "someone 1")
	before := f.rows(t)
	for name, c := range map[string]struct {
		edit          func(*meshv1.Professional)
		code          codes.Code
		reason, field string
	}{
		"no commune":        {func(p *meshv1.Professional) { p.CommuneCode = "" }, codes.InvalidArgument, "FIELD_REQUIRED", "professional.commune_code"},
		"no such commune":   {func(p *meshv1.Professional) { p.CommuneCode = "99999" }, codes.InvalidArgument, "REFERENCE_NOT_FOUND", "professional.commune_code"},
		"an atoll":          {func(p *meshv1.Professional) { p.CommuneCode = "98711" }, codes.InvalidArgument, "COMMUNE_WITHOUT_POSITION", "professional.commune_code"},
		"negative radius":   {func(p *meshv1.Professional) { p.RadiusKm = -1 }, codes.InvalidArgument, "INVALID_ARGUMENT", "professional.radius_km"},
		"no such module":    {func(p *meshv1.Professional) { p.ModuleIds = []string{module, unknown} }, codes.InvalidArgument, "REFERENCE_NOT_FOUND", "professional.module_ids[1]"},
		"the same twice":    {func(p *meshv1.Professional) { p.ModuleIds = []string{module, module} }, codes.InvalidArgument, "INVALID_ARGUMENT", "professional.module_ids"},
		"no structure":      {func(p *meshv1.Professional) { p.StructureId = unknown }, codes.InvalidArgument, "REFERENCE_NOT_FOUND", "professional.structure_id"},
		"tag with CRLF":     {func(p *meshv1.Professional) { p.Tags = []string{"a\r\nBcc: b"} }, codes.InvalidArgument, "INVALID_ARGUMENT", "professional.tags[0]"},
		"tag of spaces":     {func(p *meshv1.Professional) { p.Tags = []string{"   "} }, codes.InvalidArgument, "INVALID_ARGUMENT", "professional.tags[0]"},
		"RTL override":      {func(p *meshv1.Professional) { p.Tags = []string{"a\u202Eb"} }, codes.InvalidArgument, "INVALID_ARGUMENT", "professional.tags[0]"},
		"200 characters":    {func(p *meshv1.Professional) { p.Tags = []string{strings.Repeat("é", 200)} }, codes.InvalidArgument, "INVALID_ARGUMENT", "professional.tags[0]"},
		"21 tags":           {func(p *meshv1.Professional) { p.Tags = strings.Split(strings.Repeat("a", 20)+"b", "") }, codes.InvalidArgument, "INVALID_ARGUMENT", "professional.tags"},
		"no zone":           {func(p *meshv1.Professional) { p.TimeZone = "" }, codes.InvalidArgument, "TIME_ZONE_UNKNOWN", "professional.time_zone"},
		"a zone of nowhere": {func(p *meshv1.Professional) { p.TimeZone = "Local" }, codes.InvalidArgument, "TIME_ZONE_UNKNOWN", "professional.time_zone"},
		"25 o'clock":        {func(p *meshv1.Professional) { p.Availabilities[0].End = "25:00" }, codes.InvalidArgument, "INVALID_ARGUMENT", "professional.availabilities[0].end"},
		"eighth day":        {func(p *meshv1.Professional) { p.Availabilities[0].Weekday = 8 }, codes.InvalidArgument, "INVALID_ARGUMENT", "professional.availabilities[0].weekday"},
		"over midnight":     {func(p *meshv1.Professional) { p.Availabilities[0].End = "01:00" }, codes.InvalidArgument, "AVAILABILITY_EMPTY", "professional.availabilities[0].end"},
		"30 February":       {func(p *meshv1.Professional) { p.Absences[0].FirstDate = "2026-02-30" }, codes.InvalidArgument, "DATE_INVALID", "professional.absences[0].first_date"},
		"back to front":     {func(p *meshv1.Professional) { p.Absences[0].LastDate = "2026-12-23" }, codes.InvalidArgument, "ABSENCE_EMPTY", "professional.absences[0].last_date"},
	} {
		_, err := f.CreateProfessional(f.as(t, "someone 1"), profile(c.edit))
		t.Run(name, func(t *testing.T) { refused(t, err, c.code, c.reason, c.field) })
	}
	minor := profile()
	minor.Adult = false
	_, err := f.CreateProfessional(f.as(t, "someone 1"), minor)
	refused(t, err, codes.InvalidArgument, "ADULTS_ONLY", "adult")
	f.catalogue.away.Store(true)
	_, err = f.CreateProfessional(f.as(t, "someone 1"), profile(func(p *meshv1.Professional) { p.ModuleIds = []string{uuid.NewString()} }))
	refused(t, err, codes.Unavailable, "UNAVAILABLE", "")
	if after := f.rows(t); after != before {
		t.Errorf("%d rows, %d before", after, before)
	}
	t.Run("find", f.findRefusals)
}

func (f *fixture) findRefusals(t *testing.T) {
	now := time.Date(2026, 12, 1, 18, 0, 0, 0, time.UTC)
	find := func(edit func(*meshv1.FindProfessionalsRequest)) error {
		req := &meshv1.FindProfessionalsRequest{CommuneCode: "69123"}
		edit(req)
		_, err := f.FindProfessionals(f.as(t, "organiser 1"), req)
		return err
	}
	for name, c := range map[string]struct {
		edit          func(*meshv1.FindProfessionalsRequest)
		reason, field string
	}{
		"nowhere": {func(r *meshv1.FindProfessionalsRequest) { r.CommuneCode = "" }, "ONE_POINT_REQUIRED", "position"},
		"no end":  {func(r *meshv1.FindProfessionalsRequest) { r.StartTime = timestamppb.New(now) }, "PERIOD_INVALID", "end_time"},
		"back to front": {func(r *meshv1.FindProfessionalsRequest) {
			r.StartTime, r.EndTime = timestamppb.New(now), timestamppb.New(now)
		}, "PERIOD_INVALID", "end_time"},
		"10 000 years": {func(r *meshv1.FindProfessionalsRequest) {
			r.StartTime, r.EndTime = timestamppb.New(now), &timestamppb.Timestamp{Seconds: 1 << 60}
		}, "PERIOD_INVALID", "end_time"},
		"too far":        {func(r *meshv1.FindProfessionalsRequest) { r.RadiusMetres = 1_000_001 }, "INVALID_ARGUMENT", "radius_metres"},
		"101 persons":    {func(r *meshv1.FindProfessionalsRequest) { r.PersonIds = slices.Repeat([]string{unknown}, 101) }, "INVALID_ARGUMENT", "person_ids"},
		"someone's page": {func(r *meshv1.FindProfessionalsRequest) { r.PageToken = "bm9uZQ" }, "PAGE_TOKEN_INVALID", "page_token"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, find(c.edit), codes.InvalidArgument, c.reason, c.field) })
	}
}
