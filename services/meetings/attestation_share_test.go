package meetings_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/classcode/maillage/pkg/errs"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

var everyField = []meetingsv1.ShownField{
	meetingsv1.ShownField_SHOWN_FIELD_NAME, meetingsv1.ShownField_SHOWN_FIELD_TITLE, meetingsv1.ShownField_SHOWN_FIELD_DATES,
	meetingsv1.ShownField_SHOWN_FIELD_HOURS, meetingsv1.ShownField_SHOWN_FIELD_COMPETENCES, meetingsv1.ShownField_SHOWN_FIELD_COMMUNE,
}

// names knows how everyone but "nobody" is called, and counts how often it is asked.
type names struct {
	meshv1.ContactServiceClient
	asked int
}

func (n *names) BatchGetContacts(_ context.Context, in *meshv1.BatchGetContactsRequest, _ ...grpc.CallOption) (*meshv1.BatchGetContactsResponse, error) {
	n.asked++
	out := &meshv1.BatchGetContactsResponse{}
	for _, id := range in.GetPersonIds() {
		if id != "nobody" {
			out.Contacts = append(out.Contacts, &meshv1.Contact{PersonId: id, Name: "Zoé " + strings.ToUpper(id), Email: id + "@example.org"})
		}
	}
	return out, nil
}

// showing is a world in which "came" has an attestation, and people have names.
func showing(t *testing.T) (*world, *names) {
	t.Helper()
	w, n := newWorld(t), &names{}
	w.deps.Contacts = n
	module := w.deps.Catalogue.(catalogue).module
	module.Version, module.Competences = 4321, []string{"3.4"}
	w.serve(w.service())
	w.attested()
	return w, n
}

func (w *world) showShare(person string, share *meetingsv1.AttestationShare) (*meetingsv1.AttestationShare, string) {
	w.Helper()
	if share.AttestationIds == nil && share.BadgeIds == nil {
		share.AttestationIds = []string{w.own(person).GetId()}
	}
	made := must[*meetingsv1.CreateAttestationShareResponse](w)(w.CreateAttestationShare(w.as(person), &meetingsv1.CreateAttestationShareRequest{Share: share}))
	token, ok := strings.CutPrefix(made.GetUrl(), "http://localhost:8080/a/")
	if !ok || len(token) != 43 {
		w.Fatalf("%q", made.GetUrl())
	}
	return made.GetShare(), token
}

func (w *world) lookup(token string) (*meetingsv1.LookupAttestationShareResponse, error) {
	return w.LookupAttestationShare(w.as(""), &meetingsv1.LookupAttestationShareRequest{Token: token})
}

func TestAttestationShareRefused(t *testing.T) {
	w, _ := showing(t)
	own, other := w.own("came").GetId(), w.own("organiser").GetId()
	badge := must[*meetingsv1.BadgeClaim](w)(w.claimOf("organiser", participant)).GetBadgeId()
	create := func(person string, share *meetingsv1.AttestationShare) error {
		_, err := w.CreateAttestationShare(w.as(person), &meetingsv1.CreateAttestationShareRequest{Share: share})
		return err
	}
	with := func(edit func(*meetingsv1.AttestationShare)) *meetingsv1.AttestationShare {
		share := &meetingsv1.AttestationShare{AttestationIds: []string{own}, ShownFields: everyField}
		edit(share)
		return share
	}
	many := make([]string, 51)
	for i := range many {
		many[i] = uuid.NewString()
	}
	w.refused(create("", with(func(*meetingsv1.AttestationShare) {})), errs.Unauthenticated, "TOKEN_MISSING", "")
	for name, c := range map[string]struct {
		share         *meetingsv1.AttestationShare
		kind          errs.Kind
		reason, field string
	}{
		"nothing":           {&meetingsv1.AttestationShare{}, errs.Invalid, "SHARE_SIZE", "share.attestation_ids"},
		"too many":          {with(func(s *meetingsv1.AttestationShare) { s.AttestationIds = many }), errs.Invalid, "REPEATED_MAX_ITEMS", "share.attestation_ids"},
		"too many together": {with(func(s *meetingsv1.AttestationShare) { s.BadgeIds = many[:50] }), errs.Invalid, "SHARE_SIZE", "share.attestation_ids"},
		"too many badges":   {with(func(s *meetingsv1.AttestationShare) { s.BadgeIds = many }), errs.Invalid, "REPEATED_MAX_ITEMS", "share.badge_ids"},
		"no such badge":     {with(func(s *meetingsv1.AttestationShare) { s.BadgeIds = many[:1] }), errs.NotFound, "NOT_FOUND", "share.badge_ids[0]"},
		"another's badge":   {with(func(s *meetingsv1.AttestationShare) { s.BadgeIds = []string{badge} }), errs.NotFound, "NOT_FOUND", "share.badge_ids[0]"},
		"no badge":          {with(func(s *meetingsv1.AttestationShare) { s.BadgeIds = []string{own} }), errs.NotFound, "NOT_FOUND", "share.badge_ids[0]"},
		"twice":             {with(func(s *meetingsv1.AttestationShare) { s.AttestationIds = []string{own, own} }), errs.Invalid, "REPEATED_UNIQUE", "share.attestation_ids"},
		"no such":           {with(func(s *meetingsv1.AttestationShare) { s.AttestationIds = []string{own, many[0]} }), errs.NotFound, "NOT_FOUND", "share.attestation_ids[1]"},
		"another's":         {with(func(s *meetingsv1.AttestationShare) { s.AttestationIds = []string{other} }), errs.NotFound, "NOT_FOUND", "share.attestation_ids[0]"},
		"no field":          {with(func(s *meetingsv1.AttestationShare) { s.ShownFields = []meetingsv1.ShownField{0} }), errs.Invalid, "ENUM_NOT_IN", "share.shown_fields[0]"},
		"long label":        {with(func(s *meetingsv1.AttestationShare) { s.Label = strings.Repeat("é", 101) }), errs.Invalid, "STRING_MAX_LEN", "share.label"},
		"nowhere":           {with(func(s *meetingsv1.AttestationShare) { s.StructureId = many[0] }), errs.NotFound, "NOT_FOUND", "share.structure_id"},
		"in the past":       {with(func(s *meetingsv1.AttestationShare) { s.ExpireTime = timestamppb.New(start) }), errs.Invalid, "SHARE_EXPIRE_TIME", "share.expire_time"},
		"for ever": {with(func(s *meetingsv1.AttestationShare) { s.ExpireTime = timestamppb.New(start.AddDate(5, 0, 1)) }), errs.Invalid, "SHARE_EXPIRE_TIME",
			"share.expire_time"},
	} {
		t.Run(name, func(t *testing.T) {
			w.T = t
			w.refused(create("came", c.share), c.kind, c.reason, c.field)
		})
	}
	w.T = t
	must[*meetingsv1.RevokeBadgeResponse](w)(w.RevokeBadge(w.as("coordinator"), &meetingsv1.RevokeBadgeRequest{Id: badge, Reason: "Une erreur"}))
	w.refused(create("organiser", &meetingsv1.AttestationShare{BadgeIds: []string{badge}}), errs.Precondition, "BADGE_REVOKED", "share.badge_ids[0]")
	must[*meetingsv1.Attestation](w)(w.RevokeAttestation(w.as("coordinator"), &meetingsv1.RevokeAttestationRequest{Id: own, Reason: "Une erreur"}))
	w.refused(create("came", with(func(*meetingsv1.AttestationShare) {})), errs.Precondition, "ATTESTATION_REVOKED", "share.attestation_ids[0]")
	if n := w.number(`SELECT count(*) FROM attestation_shares`); n != 0 {
		t.Fatalf("%d shares were left by what was refused", n)
	}
}

// What is shown is seen without an account until it is hidden, and then says nothing at all; another secret neither.
func TestAttestationShown(t *testing.T) {
	w, _ := showing(t)
	request := &meetingsv1.CreateAttestationShareRequest{
		Share:     &meetingsv1.AttestationShare{AttestationIds: []string{w.own("came").GetId()}, ShownFields: everyField, Label: " Mon employeur "},
		RequestId: uuid.NewString(),
	}
	made := must[*meetingsv1.CreateAttestationShareResponse](w)(w.CreateAttestationShare(w.as("came"), request))
	again := must[*meetingsv1.CreateAttestationShareResponse](w)(w.CreateAttestationShare(w.as("came"), request))
	if made.String() != again.String() || made.GetShare().GetLabel() != "Mon employeur" || !made.GetShare().GetExpireTime().AsTime().Equal(start.AddDate(1, 0, 0)) {
		t.Fatalf("%v, then %v", made, again)
	}
	token := made.GetUrl()[strings.LastIndex(made.GetUrl(), "/")+1:]
	if n := w.number(`SELECT count(*) FROM attestation_shares c, requests q WHERE c.digest = $1 OR instr(hex(q.reply), hex($1)) > 0`, token); n != 0 {
		t.Fatal("a secret is kept")
	}
	got := must[*meetingsv1.LookupAttestationShareResponse](w)(w.lookup(token))
	a := got.GetAttestations()[0]
	if got.GetHolderName() != "Zoé CAME" || len(got.GetAttestations()) != 1 || !a.GetValid() || a.GetModuleTitle() != "Programmation créative" ||
		a.GetModuleVersion() != 4321 || a.GetAttendedDuration().AsDuration() != 2*time.Hour || a.GetCommuneName() != "Nantes" || a.GetTimeZone() != "Europe/Paris" ||
		a.GetRole() != meetingsv1.AttestationRole_ATTESTATION_ROLE_PARTICIPANT || a.GetCountersigner() != meetingsv1.Countersigner_COUNTERSIGNER_RELAY ||
		a.GetCredential() != w.own("came").GetCredential() || len(got.GetShownFields()) != 6 {
		t.Fatalf("%v", got)
	}
	for _, other := range []string{"organiser", "coordinator", "relay"} {
		_, err := w.HideAttestationShare(w.as(other), &meetingsv1.HideAttestationShareRequest{Id: made.GetShare().GetId()})
		w.refused(err, errs.NotFound, "NOT_FOUND", "id")
		if list := must[*meetingsv1.ListAttestationSharesResponse](w)(w.ListAttestationShares(w.as(other), &meetingsv1.ListAttestationSharesRequest{})); len(list.GetShares()) != 0 {
			t.Fatalf("%s lists %v", other, list)
		}
	}
	list := must[*meetingsv1.ListAttestationSharesResponse](w)(w.ListAttestationShares(w.as("came"), &meetingsv1.ListAttestationSharesRequest{}))
	if len(list.GetShares()) != 1 || list.GetShares()[0].String() != made.GetShare().String() {
		t.Fatalf("%v", list)
	}
	for range 2 {
		hidden := must[*meetingsv1.AttestationShare](w)(w.HideAttestationShare(w.as("came"), &meetingsv1.HideAttestationShareRequest{Id: made.GetShare().GetId()}))
		if !hidden.GetHideTime().AsTime().Equal(start) {
			t.Fatalf("%v", hidden)
		}
	}
	_, err := w.lookup(token)
	w.refused(err, errs.NotFound, "ATTESTATION_NOT_SHOWN", "")
	_, err = w.lookup(strings.Repeat("x", 43))
	w.refused(err, errs.NotFound, "ATTESTATION_NOT_SHOWN", "")
}

// The PDF says what the link shows, and ends with it.
func TestAttestationRendered(t *testing.T) {
	w, _ := showing(t)
	share, token := w.showShare("came", &meetingsv1.AttestationShare{ShownFields: everyField})
	render := func() (*meetingsv1.RenderAttestationShareResponse, error) {
		return w.RenderAttestationShare(w.as(""), &meetingsv1.RenderAttestationShareRequest{Token: token})
	}
	if got := must[*meetingsv1.RenderAttestationShareResponse](w)(render()).GetContent(); !strings.HasPrefix(string(got), "%PDF-") {
		t.Fatalf("%.20q", got)
	}
	must[*meetingsv1.AttestationShare](w)(w.HideAttestationShare(w.as("came"), &meetingsv1.HideAttestationShareRequest{Id: share.GetId()}))
	_, err := render()
	w.refused(err, errs.NotFound, "ATTESTATION_NOT_SHOWN", "")
}

// A share ends by itself, tells of a revocation, and of its reason.
func TestAttestationShownUntil(t *testing.T) {
	w, _ := showing(t)
	_, token := w.showShare("came", &meetingsv1.AttestationShare{ExpireTime: timestamppb.New(start.Add(time.Hour))})
	must[*meetingsv1.Attestation](w)(w.RevokeAttestation(w.as("coordinator"), &meetingsv1.RevokeAttestationRequest{Id: w.own("came").GetId(), Reason: "Une erreur"}))
	got := must[*meetingsv1.LookupAttestationShareResponse](w)(w.lookup(token))
	a := got.GetAttestations()[0]
	if a.GetValid() || a.GetReason() != meetingsv1.InvalidReason_INVALID_REASON_REVOKED || a.GetRevokeReason() != "Une erreur" || !a.GetRevokeTime().AsTime().Equal(start) {
		t.Fatalf("%v", got)
	}
	w.clock.Advance(time.Hour)
	_, err := w.lookup(token)
	w.refused(err, errs.NotFound, "ATTESTATION_NOT_SHOWN", "")
}

// For every choice of fields, the answer has nothing of the others; nor are names asked for that are not shown.
func TestAttestationShownFields(t *testing.T) {
	w, n := showing(t)
	words := map[meetingsv1.ShownField][]string{
		meetingsv1.ShownField_SHOWN_FIELD_NAME: {"Zoé"}, meetingsv1.ShownField_SHOWN_FIELD_TITLE: {"Programmation", "4321"},
		meetingsv1.ShownField_SHOWN_FIELD_DATES: {"issue_time", "meeting_time", "meeting_end_time"}, meetingsv1.ShownField_SHOWN_FIELD_HOURS: {"attended_duration"},
		meetingsv1.ShownField_SHOWN_FIELD_COMPETENCES: {"3.4", "Programmer"}, meetingsv1.ShownField_SHOWN_FIELD_COMMUNE: {"44109", "Nantes"},
	}
	own := w.own("came")
	for set := range 1 << len(everyField) {
		var fields []meetingsv1.ShownField
		for i, f := range everyField {
			if set&(1<<i) != 0 {
				fields = append(fields, f)
			}
		}
		_, token := w.showShare("came", &meetingsv1.AttestationShare{AttestationIds: []string{own.GetId()}, ShownFields: fields})
		before := n.asked
		got := must[*meetingsv1.LookupAttestationShareResponse](w)(w.lookup(token))
		text := fmt.Sprint(got)
		for i, f := range everyField {
			for _, word := range words[f] {
				if strings.Contains(text, word) != (set&(1<<i) != 0) {
					t.Errorf("%v: %q in %s", fields, word, text)
				}
			}
		}
		for _, word := range []string{own.GetId(), own.GetMeetingId(), "person_id", "example.org"} {
			if strings.Contains(text, word) {
				t.Errorf("%v: %q in %s", fields, word, text)
			}
		}
		if strings.Contains(text, own.GetCredential()) != (len(fields) == len(everyField)) || (n.asked > before) != (set&1 != 0) {
			t.Errorf("%v: %s", fields, text)
		}
	}
}

// For every choice of fields, of a badge too the answer has nothing of the others, and nothing of who holds it.
func TestBadgeShownFields(t *testing.T) {
	w, _ := showing(t)
	badge := must[*meetingsv1.Badge](w)(w.GetBadge(w.as("came"), &meetingsv1.GetBadgeRequest{Id: must[*meetingsv1.BadgeClaim](w)(w.claimOf("came", participant)).GetBadgeId()}))
	for set := range 1 << len(everyField) {
		var fields []meetingsv1.ShownField
		for i, f := range everyField {
			if set&(1<<i) != 0 {
				fields = append(fields, f)
			}
		}
		share, token := w.showShare("came", &meetingsv1.AttestationShare{BadgeIds: []string{badge.GetId()}, ShownFields: fields})
		got := must[*meetingsv1.LookupAttestationShareResponse](w)(w.lookup(token))
		if len(share.GetBadgeIds()) != 1 || len(got.GetAttestations()) != 0 || len(got.GetBadges()) != 1 {
			t.Fatalf("%v: %v", share, got)
		}
		b, text := got.GetBadges()[0], fmt.Sprint(got)
		if !b.GetValid() || b.GetCategory() != teaching || b.GetLevel() != participant || b.GetPeerCount() != 0 || b.GetIssuer() == "" {
			t.Fatalf("%v: %v", fields, got)
		}
		dates, name := set&(1<<2) != 0, set&1 != 0
		if (b.GetIssueTime() != nil) != dates || (got.GetHolderName() != "") != name || (b.GetCredential() == badge.GetCredential()) != (len(fields) == len(everyField)) ||
			(b.GetCredential() != "") != (len(fields) == len(everyField)) {
			t.Errorf("%v: %s", fields, text)
		}
		for _, word := range []string{badge.GetId(), badge.GetClaimId(), "person_id", "example.org", "débranché"} {
			if strings.Contains(text, word) {
				t.Errorf("%v: %q in %s", fields, word, text)
			}
		}
	}
}

// Badges are shown beside attestations, on the page, on paper and to a structure; a revocation is told with its reason.
func TestBadgesShown(t *testing.T) {
	w, _ := showing(t)
	must[*meetingsv1.BadgeClaim](w)(w.claimOf("came", participant))
	claim := must[*meetingsv1.BadgeClaim](w)(w.claimOf("came", contributor))
	must[*meetingsv1.RecognisableClaim](w)(w.recognise("organiser", claim.GetId()))
	var ids []string
	for _, b := range must[*meetingsv1.ListBadgesResponse](w)(w.ListBadges(w.as("came"), &meetingsv1.ListBadgesRequest{})).GetBadges() {
		ids = append(ids, b.GetId())
	}
	_, token := w.showShare("came", &meetingsv1.AttestationShare{
		AttestationIds: []string{w.own("came").GetId()}, BadgeIds: ids, ShownFields: everyField, StructureId: structure,
	})
	got := must[*meetingsv1.LookupAttestationShareResponse](w)(w.lookup(token))
	if len(got.GetAttestations()) != 1 || len(got.GetBadges()) != 2 || got.GetBadges()[0].GetPeerCount() != 0 || got.GetBadges()[1].GetPeerCount() != 1 ||
		got.GetBadges()[1].GetLevel() != contributor || !got.GetBadges()[1].GetValid() {
		t.Fatalf("%v", got)
	}
	must[*meetingsv1.RevokeBadgeResponse](w)(w.RevokeBadge(w.as("coordinator"), &meetingsv1.RevokeBadgeRequest{Id: ids[1], Reason: "Une erreur"}))
	got = must[*meetingsv1.LookupAttestationShareResponse](w)(w.lookup(token))
	if b := got.GetBadges()[1]; b.GetValid() || b.GetReason() != meetingsv1.InvalidReason_INVALID_REASON_REVOKED || b.GetRevokeReason() != "Une erreur" ||
		!b.GetRevokeTime().AsTime().Equal(start) || !got.GetBadges()[0].GetValid() || !got.GetAttestations()[0].GetValid() {
		t.Fatalf("%v", got)
	}
	all := must[*meetingsv1.ListShownAttestationsResponse](w)(w.ListShownAttestations(w.as("relay"),
		&meetingsv1.ListShownAttestationsRequest{StructureId: structure})).GetAttestations()
	badges := 0
	for _, a := range all {
		if (a.GetAttestation() == nil) == (a.GetBadge() == nil) || a.GetHolderName() != "Zoé CAME" || a.GetUrl() != "http://localhost:8080/a/"+token {
			t.Fatalf("%v", a)
		}
		if a.GetBadge() != nil {
			badges++
		}
	}
	if len(all) != 3 || badges != 2 {
		t.Fatalf("%v", all)
	}
	pdf := must[*meetingsv1.RenderAttestationShareResponse](w)(w.RenderAttestationShare(w.as(""), &meetingsv1.RenderAttestationShareRequest{Token: token}))
	if !strings.HasPrefix(string(pdf.GetContent()), "%PDF-") {
		t.Fatalf("%.20q", pdf.GetContent())
	}
}

// What is shown to a structure is seen by its relays only, as long as it is shown.
func TestShownToStructure(t *testing.T) {
	w, _ := showing(t)
	read := func(person string) (*meetingsv1.ListShownAttestationsResponse, error) {
		return w.ListShownAttestations(w.as(person), &meetingsv1.ListShownAttestationsRequest{StructureId: structure})
	}
	if all := must[*meetingsv1.ListShownAttestationsResponse](w)(read("relay")).GetAttestations(); len(all) != 0 {
		t.Fatalf("nobody has shown anything: %v", all)
	}
	w.showShare("came", &meetingsv1.AttestationShare{ShownFields: everyField}) // by its link only
	named, token := w.showShare("came", &meetingsv1.AttestationShare{ShownFields: everyField, StructureId: structure})
	w.showShare("organiser", &meetingsv1.AttestationShare{StructureId: structure})
	all := must[*meetingsv1.ListShownAttestationsResponse](w)(read("relay")).GetAttestations()
	if len(all) != 2 || all[0].GetHolderName() != "Zoé CAME" || all[0].GetUrl() != "http://localhost:8080/a/"+token || all[0].GetAttestation().GetCredential() == "" ||
		all[1].GetHolderName() != "" || all[1].GetAttestation().GetRole() != meetingsv1.AttestationRole_ATTESTATION_ROLE_ORGANISER || all[1].GetAttestation().GetCredential() != "" {
		t.Fatalf("%v", all)
	}
	for _, other := range []string{"came", "coordinator", "national", "organiser"} {
		_, err := read(other)
		w.refused(err, errs.Denied, "NOT_PERMITTED", "")
	}
	_, err := read("")
	w.refused(err, errs.Unauthenticated, "TOKEN_MISSING", "")
	_, err = w.ListShownAttestations(w.as("relay"), &meetingsv1.ListShownAttestationsRequest{StructureId: uuid.NewString()})
	w.refused(err, errs.NotFound, "NOT_FOUND", "structure_id")
	must[*meetingsv1.AttestationShare](w)(w.HideAttestationShare(w.as("came"), &meetingsv1.HideAttestationShareRequest{Id: named.GetId()}))
	if all := must[*meetingsv1.ListShownAttestationsResponse](w)(read("relay")).GetAttestations(); len(all) != 1 {
		t.Fatalf("%v", all)
	}
	w.clock.Advance(366 * 24 * time.Hour)
	if all := must[*meetingsv1.ListShownAttestationsResponse](w)(read("relay")).GetAttestations(); len(all) != 0 {
		t.Fatalf("%v", all)
	}
}
