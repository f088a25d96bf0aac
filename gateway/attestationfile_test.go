package gateway

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

const filePath = "/v1/structures/" + someID + "/attestations."

// shelved is a door behind which pages of what is shown to a structure lie.
func shelved(t *testing.T, pages ...[]*meetingsv1.StructureAttestation) (http.Handler, *services) {
	t.Helper()
	door, fake := open(t, Config{}, Deps{})
	fake.answer = func(c call) (proto.Message, error) {
		req := c.request.(*meetingsv1.ListShownAttestationsRequest)
		n := 0
		_, _ = fmt.Sscan(req.GetPageToken(), &n)
		if n >= len(pages) {
			return nil, status.Error(codes.Unavailable, "away")
		}
		out := &meetingsv1.ListShownAttestationsResponse{Attestations: pages[n]}
		if n < len(pages)-1 || pages[n] == nil {
			out.NextPageToken = fmt.Sprint(n + 1)
		}
		return out, nil
	}
	return door, fake
}

func shownTo(name string, a *meetingsv1.ShownAttestation) *meetingsv1.StructureAttestation {
	return &meetingsv1.StructureAttestation{HolderName: name, Attestation: a, Url: "https://classcode.example/a/x"}
}

func shownBadgeTo(name string, b *meetingsv1.ShownBadge) *meetingsv1.StructureAttestation {
	return &meetingsv1.StructureAttestation{HolderName: name, Badge: b, Url: "https://classcode.example/a/x"}
}

func readTable(t *testing.T, text string) [][]string {
	t.Helper()
	text, ok := strings.CutPrefix(text, byteOrder)
	if !ok || !strings.Contains(text, "\r\n") {
		t.Fatalf("%q", text)
	}
	in := csv.NewReader(strings.NewReader(text))
	in.Comma = ';'
	rows, err := in.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestAttestationTable(t *testing.T) {
	revoked := &meetingsv1.ShownAttestation{
		Reason: meetingsv1.InvalidReason_INVALID_REASON_REVOKED, Role: meetingsv1.AttestationRole_ATTESTATION_ROLE_PARTICIPANT,
		RevokeTime: timestamppb.New(linkStart), RevokeReason: "Une erreur",
	}
	lost := &meetingsv1.ShownBadge{
		Reason: meetingsv1.InvalidReason_INVALID_REASON_REVOKED, Category: meetingsv1.BadgeCategory_BADGE_CATEGORY_EVENTS,
		Level: meetingsv1.BadgeLevel_BADGE_LEVEL_PARTICIPANT, RevokeTime: timestamppb.New(linkStart), RevokeReason: "Une erreur",
	}
	door, fake := shelved(t, []*meetingsv1.StructureAttestation{shownTo("Zoé; \"Z\"\nDurand", shownWhole())}, []*meetingsv1.StructureAttestation{
		shownTo("", revoked), shownBadgeTo("Zoé", shownBadge(2)), shownBadgeTo("", lost)})
	res := ask(t, door, "GET", filePath+"csv", "", "Authorization: Bearer x")
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/csv; charset=utf-8" || res.Header.Get("Cache-Control") != "no-store" ||
		res.Header.Get("Content-Disposition") != `attachment; filename="attestations.csv"` {
		t.Fatal(res.StatusCode, res.Header)
	}
	rows := readTable(t, res.Body)
	if len(rows) != 5 || len(rows[0]) != 22 {
		t.Fatalf("%q", rows)
	}
	for i, want := range []string{
		"Zoé; \"Z\"\nDurand", "Attestation", "Animation", "Programmation <b>créative</b>", "3", "Chez nous", "24/11/2026 17:30", "24/11/2026 20:00", "2,5", "3.4 Programmer", "97411", "Saint-Denis",
		"par une coordination du territoire", "", "", "", "26/11/2026 14:30", "classcode.example", "valable", "", "", "https://classcode.example/a/x",
	} {
		if rows[1][i] != want {
			t.Errorf("%s: %q, want %q", rows[0][i], rows[1][i], want)
		}
	}
	for _, i := range []int{0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16} {
		if rows[2][i] != "" {
			t.Errorf("not shown, and told: %s %q", rows[0][i], rows[2][i])
		}
	}
	if rows[2][18] != "révoquée" || rows[2][19] == "" || rows[2][20] != "Une erreur" {
		t.Errorf("%q", rows[2])
	}
	badge := []string{"Zoé", "Badge", "", "", "", "", "", "", "", "", "", "", "", "Technicité", "3 sur 4, passeur",
		"2 personnes présentes avec le titulaire à une rencontre attestée", cellTime(timestamppb.New(linkStart), parisZone), "classcode.example", "valable", "", "", "https://classcode.example/a/x"}
	if got := rows[3]; strings.Join(got, ";") != strings.Join(badge, ";") {
		t.Errorf("%q, want %q", got, badge)
	}
	if got := rows[4]; got[0] != "" || got[13] != "Événements" || !strings.HasPrefix(got[15], "aucun pair") || got[16] != "" || got[18] != "révoqué" || got[20] != "Une erreur" {
		t.Errorf("%q", got)
	}
	hours := 0.0
	for _, row := range rows[1:] { // as a sum over the column does, which takes texts for nothing
		var h float64
		_, _ = fmt.Sscan(strings.Replace(row[8], ",", ".", 1), &h)
		hours += h
	}
	if rows[0][8] != "Heures" || hours != 2.5 {
		t.Errorf("%s: %g", rows[0][8], hours)
	}
	first := fake.seen()[0]
	if in := first.request.(*meetingsv1.ListShownAttestationsRequest); in.GetStructureId() != someID || in.GetPageSize() != 500 || first.md.Get("authorization")[0] != "Bearer x" {
		t.Errorf("%v %v", in, first.md)
	}
	door, _ = shelved(t, []*meetingsv1.StructureAttestation{})
	if rows := readTable(t, ask(t, door, "GET", filePath+"csv", "").Body); len(rows) != 1 {
		t.Errorf("nothing is shown: %q", rows)
	}
}

// No cell is a formula to whoever opens the table.
func TestHarmless(t *testing.T) {
	for cell, want := range map[string]string{
		"=cmd|' /C calc'!A0": "'=cmd|' /C calc'!A0", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "\r=1": "'\r=1", "\n=1": "'\n=1",
		"  =1": "'  =1", "\u00a0=1": "'\u00a0=1", "＝1": "'＝1", "|x": "'|x", "Zoé": "Zoé", "": "", " ": " ", "a=1": "a=1", "2,5": "2,5",
	} {
		if got := harmless(cell); got != want {
			t.Errorf("%q: %q, want %q", cell, got, want)
		}
	}
	evil := shownTo("=cmd|' /C calc'!A0", &meetingsv1.ShownAttestation{Valid: true, MeetingTitle: "@SUM(A1)", ModuleTitle: "-2+3", RevokeReason: "+1", CommuneName: "\t=1"})
	badge := shownBadgeTo("+1", &meetingsv1.ShownBadge{Issuer: "=1", RevokeReason: "@SUM(A1)"})
	door, _ := shelved(t, []*meetingsv1.StructureAttestation{evil, badge})
	for _, row := range readTable(t, ask(t, door, "GET", filePath+"csv", "").Body)[1:] {
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Errorf("%q", cell)
			}
		}
	}
}

// The archive has the signed attestations that are shown whole, and the table that names them.
func TestAttestationArchive(t *testing.T) {
	hidden := &meetingsv1.ShownAttestation{Valid: true, Role: meetingsv1.AttestationRole_ATTESTATION_ROLE_PARTICIPANT}
	door, _ := shelved(t, []*meetingsv1.StructureAttestation{shownTo("Zoé", shownWhole()), shownTo("", hidden)}, []*meetingsv1.StructureAttestation{
		shownTo("Ana", shownWhole()), shownBadgeTo("Ana", shownBadge(1)), shownBadgeTo("", &meetingsv1.ShownBadge{Valid: true})})
	res := ask(t, door, "GET", filePath+"zip", "")
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "application/zip" {
		t.Fatal(res.StatusCode, res.Header)
	}
	archive, err := zip.NewReader(strings.NewReader(res.Body), int64(len(res.Body)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range archive.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(text)
	}
	rows := readTable(t, files["attestations.csv"])
	if len(files) != 4 || files["attestations/00001.jwt"] != "ey.J.x" || files["attestations/00002.jwt"] != "ey.J.x" || len(rows) != 6 ||
		rows[1][22] != "attestations/00001.jwt" || rows[2][22] != "" || rows[3][22] != "attestations/00002.jwt" ||
		files["badges/00003.jwt"] != "ey.B.x" || rows[4][22] != "badges/00003.jwt" || rows[5][22] != "" {
		t.Fatalf("%q", files)
	}
}

// A file that breaks off is not taken for a whole one; one that cannot begin is refused as anything is.
func TestAttestationFileBreaksOff(t *testing.T) {
	for _, form := range []string{"csv", "zip"} {
		door, fake := shelved(t, []*meetingsv1.StructureAttestation{shownTo("Zoé", shownWhole())}, nil) // and the third page is away
		server := httptest.NewServer(door)
		var body []byte
		response, err := http.Get(server.URL + filePath + form) //nolint:noctx // the test's own server
		if err == nil {
			body, err = io.ReadAll(response.Body)
			_ = response.Body.Close()
		}
		server.Close()
		if err == nil {
			t.Fatalf("%s: %d bytes are taken for a whole file", form, len(body))
		}
		if _, err := zip.NewReader(bytes.NewReader(body), int64(len(body))); form == "zip" && err == nil {
			t.Fatal("a cut archive opens")
		}
		if len(fake.seen()) != 3 {
			t.Fatalf("%d pages", len(fake.seen()))
		}
		fake.answer = func(call) (proto.Message, error) { return nil, refusedBy(codes.PermissionDenied, "NOT_PERMITTED") }
		if res := ask(t, door, "GET", filePath+form, ""); res.StatusCode != http.StatusForbidden || res.Header.Get("Content-Disposition") != "" {
			t.Fatal(res.StatusCode, res.Header)
		}
		if res := ask(t, door, "POST", filePath+form, "{}"); res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "GET" {
			t.Fatal(res.StatusCode, res.Header)
		}
	}
	door, _ := shelved(t)
	for _, path := range []string{"/v1/structures/%ff/attestations.csv"} {
		if res := ask(t, door, "GET", path, ""); res.StatusCode != http.StatusBadRequest {
			t.Error(path, res.StatusCode, res.Body)
		}
	}
}
