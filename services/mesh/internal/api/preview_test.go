package api_test

import (
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/classcode/maillage/pkg/link"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

const (
	ready = meshv1.GroupLinkState_GROUP_LINK_STATE_READY
	done  = meshv1.GroupLinkState_GROUP_LINK_STATE_DONE
	over  = meshv1.GroupLinkState_GROUP_LINK_STATE_OVER
)

func (f *fixture) token(t *testing.T, action, resource, subject string) string {
	t.Helper()
	key := link.DeriveKey(make([]byte, 32)) // as whoever sends the mail has it
	return key.Sign(link.Claim{Action: action, Resource: resource, PersonID: f.person(t, subject).GetId(), Expires: f.clock.Now().Add(40 * 24 * time.Hour)})
}

// foresees checks what the link of an invitation is said to do, and then, by following it, that it was true.
func (f *fixture) foresees(t *testing.T, token string, state meshv1.GroupLinkState, reason string) *meshv1.GroupLinkPreview {
	t.Helper()
	p := must[*meshv1.GroupLinkPreview](t)(f.PreviewGroupLink(t.Context(), &meshv1.PreviewGroupLinkRequest{Token: token}))
	again := must[*meshv1.GroupLinkPreview](t)(f.PreviewGroupLink(t.Context(), &meshv1.PreviewGroupLinkRequest{Token: token}))
	if p.GetState() != state || p.GetRefusal().GetReason() != reason || (reason == "") != (p.GetRefusal().GetTextFr() == "") || again.String() != p.String() {
		t.Fatalf("%v; want %v %s", p, state, reason)
	}
	answered, err := f.AnswerInvitation(t.Context(), &meshv1.AnswerInvitationRequest{Token: token})
	switch {
	case state == over:
		refused(t, err, codes.FailedPrecondition, reason, "")
	case err != nil:
		t.Fatal(err)
	case (answered.GetEtag() == p.GetInvitation().GetEtag()) != (state == done):
		t.Fatalf("%v became %v", p, answered)
	}
	return p
}

func (f *fixture) previews(t *testing.T) {
	g, c := f.formed(t, "p", 23)
	interests := f.waits(t, "q", 7, c)
	sent := must[*meshv1.CreateInvitationsResponse](t)(f.CreateInvitations(f.as(t, "learner p 0"), &meshv1.CreateInvitationsRequest{GroupId: g.GetId(), InterestIds: interests})).GetInvitations()
	accept := func(n int) string {
		return f.token(t, "acceptInvitation", sent[n].GetId(), "learner q "+string(rune('0'+n)))
	}
	decline := func(n int) string {
		return f.token(t, "declineInvitation", sent[n].GetId(), "learner q "+string(rune('0'+n)))
	}

	p := f.foresees(t, accept(0), ready, "")
	if p.GetFreeSeats() != 2 || p.GetGroup().GetId() != g.GetId() || p.GetPlaceName() == "" || p.GetCommuneName() == "" || p.GetInvitation().GetId() != sent[0].GetId() ||
		p.GetAction() != meshv1.GroupLinkAction_GROUP_LINK_ACTION_ACCEPT_INVITATION {
		t.Fatalf("%v", p)
	}
	if p := f.foresees(t, accept(0), done, ""); p.GetFreeSeats() != 1 || p.GetInvitation().GetState() != meshv1.InvitationState_INVITATION_STATE_ACCEPTED {
		t.Fatalf("%v", p)
	}
	f.foresees(t, decline(0), over, "INVITATION_ANSWERED")
	f.foresees(t, decline(1), ready, "")
	f.foresees(t, decline(1), done, "")
	f.foresees(t, accept(1), over, "INVITATION_ANSWERED")
	must[*meshv1.Invitation](t)(f.WithdrawInvitation(f.as(t, "learner p 0"), &meshv1.WithdrawInvitationRequest{Id: sent[2].GetId()}))
	f.foresees(t, accept(2), over, "INVITATION_WITHDRAWN")
	f.foresees(t, decline(2), done, "")
	must[*meshv1.Interest](t)(f.WithdrawInterest(f.as(t, "learner q 3"), &meshv1.WithdrawInterestRequest{Id: interests[3]}))
	f.foresees(t, accept(3), over, "INTEREST_WITHDRAWN")
	own := must[*meshv1.GroupLinkPreview](t)(f.PreviewGroupLink(t.Context(), &meshv1.PreviewGroupLinkRequest{Token: f.token(t, "joinGroup", g.GetId(), "learner p 0")}))
	if own.GetState() != ready || own.GetFreeSeats() != 1 || own.GetInvitation() != nil || own.GetPlaceName() != p.GetPlaceName() {
		t.Fatalf("%v", own)
	}
	must[*meshv1.Membership](t)(f.JoinGroup(f.as(t, "learner q 4"), f.join(t, g.GetId(), "learner p 0", "")))
	f.foresees(t, accept(5), over, "GROUP_FULL")
	if full := must[*meshv1.GroupLinkPreview](t)(f.PreviewGroupLink(t.Context(), &meshv1.PreviewGroupLinkRequest{Token: f.token(t, "joinGroup", g.GetId(), "learner p 0")})); full.GetRefusal().GetReason() != "GROUP_FULL" {
		t.Fatalf("%v", full)
	}
	f.foresees(t, accept(4), ready, "") // joined by the link meanwhile: the invitation is answered by that
	now := f.clock.Now()
	defer f.clock.Set(now)
	f.clock.Set(sent[6].GetExpireTime().AsTime())
	f.foresees(t, accept(6), over, "INVITATION_LAPSED")
	f.foresees(t, decline(6), done, "")
	f.clock.Set(now)
	f.previewRefusals(t, f.torn(t), g.GetId())
}

// torn is somebody outside of any campaign whom two groups invite.
func (f *fixture) torn(t *testing.T) (invitation string) {
	t.Helper()
	free := must[*meshv1.Interest](t)(f.CreateInterest(f.as(t, "learner s 0"), &meshv1.CreateInterestRequest{
		Interest: &meshv1.Interest{CommuneCode: "69123", ModuleId: module}})).GetId()
	var sent []string
	for _, name := range []string{"r", "u"} {
		g, _ := f.formed(t, name, 5)
		sent = append(sent, must[*meshv1.CreateInvitationsResponse](t)(f.CreateInvitations(f.as(t, "learner "+name+" 0"), &meshv1.CreateInvitationsRequest{
			GroupId: g.GetId(), InterestIds: []string{free}})).GetInvitations()[0].GetId())
	}
	f.foresees(t, f.token(t, "acceptInvitation", sent[0], "learner s 0"), ready, "")
	f.foresees(t, f.token(t, "acceptInvitation", sent[1], "learner s 0"), over, "ALREADY_GROUPED")
	return sent[1]
}

func (f *fixture) previewRefusals(t *testing.T, invitation, group string) {
	good := f.token(t, "acceptInvitation", invitation, "learner s 0")
	expired := link.DeriveKey(make([]byte, 32)).Sign(link.Claim{Action: "joinGroup", Resource: group, PersonID: "x", Expires: f.clock.Now().Truncate(time.Second)})
	for name, c := range map[string]struct {
		token, reason string
		code          codes.Code
		field         string
	}{
		"cut":             {good[:40], "LINK_INVALID", codes.PermissionDenied, ""},
		"foreign":         {link.DeriveKey([]byte("another")).Sign(link.Claim{Action: "joinGroup", Resource: group}), "LINK_INVALID", codes.PermissionDenied, ""},
		"of the meetings": {f.token(t, "acceptOffer", invitation, "learner s 0"), "LINK_INVALID", codes.PermissionDenied, ""},
		"somebody else's": {f.token(t, "acceptInvitation", invitation, "learner s 1"), "LINK_INVALID", codes.PermissionDenied, ""},
		"expired":         {expired, "LINK_EXPIRED", codes.PermissionDenied, ""},
		"no invitation":   {f.token(t, "declineInvitation", unknown, "learner s 0"), "NOT_FOUND", codes.NotFound, ""},
		"no group":        {f.token(t, "joinGroup", unknown, "learner s 0"), "NOT_FOUND", codes.NotFound, ""},
		"nothing":         {"", "INVALID_ARGUMENT", codes.InvalidArgument, "token"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.PreviewGroupLink(t.Context(), &meshv1.PreviewGroupLinkRequest{Token: c.token})
			refused(t, err, c.code, c.reason, c.field)
		})
	}
}
