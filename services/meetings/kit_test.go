package meetings_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/classcode/maillage/pkg/errs"
	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
	"github.com/classcode/maillage/services/meetings/internal/paper/papertest"
)

// FindNearestCommunes knows two communes exactly, and a third by guess.
func (m *mesh) FindNearestCommunes(_ context.Context, in *meshv1.FindNearestCommunesRequest, _ ...grpc.CallOption) (*meshv1.FindNearestCommunesResponse, error) {
	if m.away {
		return nil, status.Error(codes.Unavailable, "away")
	}
	near := func(name string, north, east float64, precision meshv1.Precision) *meshv1.NearCommune {
		at := in.GetPosition()
		return &meshv1.NearCommune{Name: name, Position: &meshv1.Position{Latitude: at.GetLatitude() + north, Longitude: at.GetLongitude() + east}, Precision: precision}
	}
	const exact, guessed = meshv1.Precision_PRECISION_EXACT, meshv1.Precision_PRECISION_ESTIMATED
	return &meshv1.FindNearestCommunesResponse{Communes: []*meshv1.NearCommune{
		near("Rezé", -0.03, 0.01, exact), near("Orvault", 0.06, -0.06, exact), near("Devinée", 0.02, 0.05, guessed),
	}}, nil
}

// ListResources has one for its module.
func (c catalogue) ListResources(_ context.Context, in *cataloguev1.ListResourcesRequest, _ ...grpc.CallOption) (*cataloguev1.ListResourcesResponse, error) {
	if in.GetModuleId() != c.module.GetId() {
		return nil, status.Error(codes.NotFound, "no such module")
	}
	return &cataloguev1.ListResourcesResponse{Resources: []*cataloguev1.Resource{{Uri: "https://scratch.mit.edu/projects"}}}, nil
}

// press is a world in which people have names.
func press(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.deps.Contacts, w.cfg.PublicURL = &contacts{english: map[string]bool{}}, "https://maillage.example/"
	w.serve(w.service())
	return w
}

func (w *world) kit(person, meeting string, format meetingsv1.KitFormat) (*meetingsv1.KitDocument, error) {
	return w.GetKit(w.as(person), &meetingsv1.GetKitRequest{MeetingId: meeting, Format: format})
}

func (w *world) prescriberKit(person, meeting string, format meetingsv1.KitFormat) (*meetingsv1.KitDocument, error) {
	return w.GetPrescriberKit(w.as(person), &meetingsv1.GetPrescriberKitRequest{MeetingId: meeting, Format: format})
}

// inside are the files of an archive, by name.
func inside(t *testing.T, archive []byte) map[string][]byte {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, f := range r.File {
		file, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if all[f.Name], err = io.ReadAll(file); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

const printedZIP = meetingsv1.KitFormat_KIT_FORMAT_ZIP

func TestKitOfAMeeting(t *testing.T) {
	w := press(t)
	m := w.meeting(120)
	for i := range 105 { // more than the mesh tells at once
		w.register(fmt.Sprintf("guest-%03d", i), m.GetId())
	}
	w.register("nobody", m.GetId()) // has told nobody how to be called
	must[*meetingsv1.Needs](w)(w.UpdateNeeds(w.as("organiser"), &meetingsv1.UpdateNeedsRequest{Needs: &meetingsv1.Needs{
		MeetingId: m.GetId(), Network: &meetingsv1.NetworkNeed{MinBandwidthMbps: 30, OwnComputers: true, Hosts: []string{"hub.example", "scratch.mit.edu"}},
	}}))
	whole := must[*meetingsv1.KitDocument](w)(w.kit("organiser", m.GetId(), 0))
	if whole.GetMediaType() != "application/pdf" || whole.GetFileName() != "kit.pdf" {
		t.Errorf("%s %s", whole.GetMediaType(), whole.GetFileName())
	}
	papertest.Inside(t, whole.GetContent())
	text := strings.Join(strings.Fields(papertest.Text(t, whole.GetContent())), " ")
	for _, want := range []string{
		"Programmation créative", "dimanche 22 novembre 2026, de 13 h à 15 h", "Médiathèque", "Rezé", "Orvault", "GUEST-000", "GUEST-104", "106 personnes sur 120 places", "au moins 30 Mbit/s",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the kit does not say %q", want)
		}
	}
	if strings.Contains(text, "Devinée") {
		t.Error("the map shows a commune whose position is a guess")
	}
	if first, last := strings.Index(text, "GUEST-000"), strings.Index(text, "GUEST-104"); first > last {
		t.Error("names are not in their order")
	}
	archive := must[*meetingsv1.KitDocument](w)(w.kit("organiser", m.GetId(), printedZIP))
	files := inside(t, archive.GetContent())
	if archive.GetMediaType() != "application/zip" || archive.GetFileName() != "kit.zip" || len(files) != 10 {
		t.Errorf("%s %s of %d files", archive.GetMediaType(), archive.GetFileName(), len(files))
	}
	if got := string(files["06-reseau.txt"]); got != "hub.example\nmaillage.example\nscratch.mit.edu\n" {
		t.Errorf("%q", got)
	}
	if got := papertest.Codes(t, files["03-invitation.pdf"]); !slices.Equal(got, []string{"https://maillage.example/rencontres/" + m.GetId()}) {
		t.Errorf("%q", got)
	}
	again := must[*meetingsv1.KitDocument](w)(w.kit("coordinator", m.GetId(), printedZIP))
	if !bytes.Equal(archive.GetContent(), again.GetContent()) {
		t.Error("the coordinator is given another kit than the organiser")
	}
	relays := must[*meetingsv1.KitDocument](w)(w.prescriberKit("relay", m.GetId(), 0))
	if text := papertest.Text(t, relays.GetContent()); strings.Contains(text, "GUEST") || !strings.Contains(text, "Prescrire") || relays.GetFileName() != "kit-prescripteur.pdf" {
		t.Errorf("the relay's %s names people, or says nothing", relays.GetFileName())
	}
}

func TestWhoMayHaveAKit(t *testing.T) {
	w := press(t)
	m := w.meeting(5)
	w.register("came", m.GetId())
	for _, person := range everybody {
		_, err := w.kit(person, m.GetId(), 0)
		if may := person == "organiser" || person == "coordinator"; may != (err == nil) {
			t.Errorf("%s and the kit: %v", person, err)
		} else if !may {
			w.refused(err, errs.Denied, "NOT_PERMITTED", "")
		}
		_, err = w.prescriberKit(person, m.GetId(), 0)
		if may := person == "organiser" || person == "coordinator" || person == "relay"; may != (err == nil) {
			t.Errorf("%s and the prescriber's: %v", person, err)
		} else if !may {
			w.refused(err, errs.Denied, "NOT_PERMITTED", "")
		}
	}
	_, err := w.kit("", m.GetId(), 0)
	w.refused(err, errs.Unauthenticated, "TOKEN_MISSING", "")
}

func TestKitRefused(t *testing.T) {
	w := press(t)
	m, before := w.meeting(5), w.rows()
	_, err := w.kit("organiser", "x", 0)
	w.refused(err, errs.Invalid, "STRING_UUID", "meeting_id")
	_, err = w.kit("organiser", uuid.NewString(), 0)
	w.refused(err, errs.NotFound, "NOT_FOUND", "meeting_id")
	_, err = w.kit("organiser", m.GetId(), 99)
	w.refused(err, errs.Invalid, "ENUM_DEFINED_ONLY", "format")
	w.mesh.away = true
	_, err = w.kit("organiser", m.GetId(), 0)
	w.refused(err, errs.Unavailable, "UNAVAILABLE", "")
	w.mesh.away = false
	if after := w.rows(); after != before {
		t.Errorf("printing changed %s to %s", before, after)
	}
	must[*meetingsv1.Meeting](w)(w.CancelMeeting(w.as("organiser"), &meetingsv1.CancelMeetingRequest{Id: m.GetId(), Cause: "salle fermée"}))
	_, err = w.kit("organiser", m.GetId(), 0)
	w.refused(err, errs.Precondition, "KIT_CANCELLED", "meeting_id")
	_, err = w.prescriberKit("relay", m.GetId(), printedZIP)
	w.refused(err, errs.Precondition, "KIT_CANCELLED", "meeting_id")
}

// A workshop's kit shows the slots of its programme.
func TestKitOfAWorkshop(t *testing.T) {
	w := press(t)
	p := must[*meetingsv1.Programme](w)(w.CreateProgramme(w.as("relay"), programmeOf("structures/"+structure)))
	for i := range 2 {
		p = must[*meetingsv1.Programme](w)(w.AddWorkshop(w.as("relay"), &meetingsv1.AddWorkshopRequest{Id: p.GetId(), Title: fmt.Sprint("Atelier ", i+1), Capacity: 7}))
	}
	id := p.GetWorkshops()[1].GetSessions()[0].GetMeetingId()
	files := inside(t, must[*meetingsv1.KitDocument](w)(w.kit("relay", id, printedZIP)).GetContent())
	text := strings.Join(strings.Fields(papertest.Text(t, files["01-deroule.pdf"])), " ")
	for _, want := range []string{"Journée des ateliers", "Créneau 2", "10 h 30 – 12 h", "Atelier 2, 7 places · cet atelier"} {
		if !strings.Contains(text, want) {
			t.Errorf("the running order does not say %q: %s", want, text)
		}
	}
}

// In the zones of those who are far away, and over the hour that comes twice, hours are those of their clocks.
func TestKitsFarAway(t *testing.T) {
	w := press(t)
	for zone, c := range map[string]struct {
		begin time.Time
		want  string
	}{
		"Indian/Reunion":   {time.Date(2026, time.December, 1, 14, 0, 0, 0, time.UTC), "mardi 1er décembre 2026, de 18 h à 20 h (heure de La Réunion)"},
		"Pacific/Tahiti":   {time.Date(2026, time.December, 2, 4, 0, 0, 0, time.UTC), "mardi 1er décembre 2026, de 18 h à 20 h (heure de Tahiti)"},
		"America/Miquelon": {time.Date(2026, time.December, 1, 21, 30, 0, 0, time.UTC), "mardi 1er décembre 2026, de 18 h 30 à 20 h 30 (heure de Saint-Pierre-et-Miquelon)"},
		"Europe/Paris":     {time.Date(2027, time.October, 30, 23, 30, 0, 0, time.UTC), "dimanche 31 octobre 2027, de 1 h 30 à 2 h 30"},
	} {
		m := w.single("Rencontre", zone, c.begin)
		files := inside(t, must[*meetingsv1.KitDocument](w)(w.kit("relay", m.GetId(), printedZIP)).GetContent())
		if text := strings.Join(strings.Fields(papertest.Text(t, files["03-invitation.pdf"])), " "); !strings.Contains(text, c.want) {
			t.Errorf("%s: %q is not in %s", zone, c.want, text)
		}
	}
}
