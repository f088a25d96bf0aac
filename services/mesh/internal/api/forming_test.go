package api_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/classcode/maillage/pkg/link"
	"github.com/classcode/maillage/pkg/rpc"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

func TestForming(t *testing.T) {
	f := start(t)
	t.Run("who waits", f.whoWaits)
	t.Run("invitations", f.invitations)
	t.Run("links", f.links)
	t.Run("previews", f.previews)
	t.Run("full", f.full)
	t.Run("memberships", f.memberships)
	t.Run("bad requests", f.badForming)
}

// formed is a group of so many in a campaign of the Rhône, organised by the first of them; subjects begin with "learner" and the name.
func (f *fixture) formed(t *testing.T, name string, members int) (*meshv1.Group, *meshv1.Campaign) {
	t.Helper()
	c := f.campaign(t, "DEP-69")
	for i := range members {
		f.interest(t, fmt.Sprintf("learner %s %d", name, i), c)
	}
	formed := must[*meshv1.FormGroupsResponse](t)(f.FormGroups(f.as(t, "coordinator 1"), &meshv1.FormGroupsRequest{CampaignId: c.GetId(), ModuleId: module}))
	if len(formed.GetGroups()) != 1 {
		t.Fatalf("%v", formed)
	}
	first := fmt.Sprintf("learner %s 0", name)
	o := must[*meshv1.Organiser](t)(f.ProposeOrganiser(f.as(t, first), &meshv1.ProposeOrganiserRequest{Organiser: &meshv1.Organiser{
		GroupId: formed.GetGroups()[0].GetId(), Origin: meshv1.OrganiserOrigin_ORGANISER_ORIGIN_COOPTATION, OverrideReason: "Essai."}}))
	must[*meshv1.Organiser](t)(f.AcceptOrganiser(f.as(t, first), &meshv1.AcceptOrganiserRequest{Id: o.GetId()}))
	return formed.GetGroups()[0], c
}

// waits registers people of Lyon and gives their interests.
func (f *fixture) waits(t *testing.T, name string, n int, c *meshv1.Campaign) (interests []string) {
	t.Helper()
	for i := range n {
		interests = append(interests, f.interest(t, fmt.Sprintf("learner %s %d", name, i), c).GetId())
	}
	return interests
}

func (f *fixture) whoWaits(t *testing.T) {
	g, c := f.formed(t, "a", 5)
	f.waits(t, "b", 3, c)
	request := &meshv1.FindWaitingLearnersRequest{GroupId: g.GetId(), PageSize: 2}
	for _, subject := range []string{"learner a 1", "learner b 0", "organiser 1", "relay 1", "national 1"} {
		_, err := f.FindWaitingLearners(f.as(t, subject), request)
		refused(t, err, codes.PermissionDenied, "NOT_PERMITTED", "")
		if subject != "organiser 1" && subject != "relay 1" {
			_, err = f.FindWaitingNearPlace(f.as(t, subject), &meshv1.FindWaitingNearPlaceRequest{PlaceId: g.GetPlaceId()})
			refused(t, err, codes.PermissionDenied, "NOT_PERMITTED", "")
		}
	}
	for _, subject := range []string{"learner a 0", "coordinator 1"} {
		first := must[*meshv1.FindWaitingLearnersResponse](t)(f.FindWaitingLearners(f.as(t, subject), request))
		next := must[*meshv1.FindWaitingLearnersResponse](t)(f.FindWaitingLearners(f.as(t, subject),
			&meshv1.FindWaitingLearnersRequest{GroupId: g.GetId(), PageSize: 2, PageToken: first.GetNextPageToken()}))
		w := first.GetLearners()[0]
		if len(first.GetLearners()) != 2 || first.GetTotalSize() != 3 || len(next.GetLearners()) != 1 || next.GetNextPageToken() != "" ||
			w.GetCommuneCode() != "69123" || w.GetDistanceKm() < 1 || w.GetWaitingSince().AsTime() != f.clock.Now().UTC().Truncate(24*time.Hour) {
			t.Errorf("%v then %v", first, next)
		}
		_, err := f.FindWaitingLearners(f.as(t, subject), &meshv1.FindWaitingLearnersRequest{GroupId: g.GetId(), RadiusMetres: 1000, PageToken: first.GetNextPageToken()})
		refused(t, err, codes.InvalidArgument, "PAGE_TOKEN_INVALID", "page_token")
	}
	must[*meshv1.FindWaitingLearnersResponse](t)(f.FindWaitingNearPlace(f.as(t, "coordinator 1"), &meshv1.FindWaitingNearPlaceRequest{PlaceId: g.GetPlaceId()}))
}

func (f *fixture) invitations(t *testing.T) {
	g, c := f.formed(t, "c", 5)
	interests := f.waits(t, "d", 4, c)
	organiser := f.as(t, "learner c 0")
	elsewhere := f.interest(t, "learner d 9", f.campaign(t, "DEP-69")).GetId()
	grouped := must[*meshv1.ListInterestsResponse](t)(f.ListInterests(f.as(t, "learner c 1"), &meshv1.ListInterestsRequest{})).GetInterests()[0].GetId()
	invited := must[*meshv1.CreateInvitationsResponse](t)(f.CreateInvitations(organiser, &meshv1.CreateInvitationsRequest{
		GroupId: g.GetId(), InterestIds: slices.Concat(interests, []string{elsewhere, grouped, unknown}), RequestId: unknown}))
	var reasons []meshv1.NotInvitedReason
	for _, n := range invited.GetNotInvited() {
		reasons = append(reasons, n.GetReason())
	}
	if len(invited.GetInvitations()) != 4 || !slices.Equal(reasons, []meshv1.NotInvitedReason{
		meshv1.NotInvitedReason_NOT_INVITED_REASON_OTHER_WISH, meshv1.NotInvitedReason_NOT_INVITED_REASON_IN_A_GROUP, meshv1.NotInvitedReason_NOT_INVITED_REASON_NOT_FOUND}) {
		t.Fatalf("%v", invited)
	}
	sent := invited.GetInvitations()
	again := must[*meshv1.CreateInvitationsResponse](t)(f.CreateInvitations(organiser, &meshv1.CreateInvitationsRequest{GroupId: g.GetId(), InterestIds: interests[:1]}))
	if again.GetInvitations()[0].String() != sent[0].String() {
		t.Errorf("%v, then %v", sent[0], again)
	}
	for subject, want := range map[string]int{"learner c 0": 4, "learner d 0": 1, "learner c 1": 0, "national 1": 0} {
		list := must[*meshv1.ListInvitationsResponse](t)(f.ListInvitations(f.as(t, subject), &meshv1.ListInvitationsRequest{GroupId: g.GetId()}))
		if len(list.GetInvitations()) != want {
			t.Errorf("%s sees %d invitations, want %d", subject, len(list.GetInvitations()), want)
		}
	}
	for _, stranger := range []string{"learner d 1", "learner c 0", "coordinator 1"} {
		_, err := f.AcceptInvitation(f.as(t, stranger), &meshv1.AcceptInvitationRequest{Id: sent[0].GetId()})
		refused(t, err, codes.NotFound, "NOT_FOUND", "id")
	}
	_, err := f.WithdrawInvitation(f.as(t, "learner d 0"), &meshv1.WithdrawInvitationRequest{Id: sent[0].GetId()})
	refused(t, err, codes.NotFound, "NOT_FOUND", "id")

	f.tenTimes(t, "learner d 0", sent[0].GetId())
	accepted := must[*meshv1.Invitation](t)(f.AcceptInvitation(f.as(t, "learner d 0"), &meshv1.AcceptInvitationRequest{Id: sent[0].GetId()}))
	group := must[*meshv1.Group](t)(f.GetGroup(t.Context(), &meshv1.GetGroupRequest{Id: g.GetId()}))
	if accepted.GetState() != meshv1.InvitationState_INVITATION_STATE_ACCEPTED || group.GetMemberCount() != 6 {
		t.Errorf("%v in a group of %d", accepted, group.GetMemberCount())
	}
	must[*meshv1.Invitation](t)(f.WithdrawInvitation(organiser, &meshv1.WithdrawInvitationRequest{Id: sent[1].GetId()}))
	_, err = f.AcceptInvitation(f.as(t, "learner d 1"), &meshv1.AcceptInvitationRequest{Id: sent[1].GetId()})
	refused(t, err, codes.FailedPrecondition, "INVITATION_WITHDRAWN", "")

	other, _ := f.formed(t, "e", 5) // whoever joins elsewhere meanwhile cannot accept any more
	must[*meshv1.Interest](t)(f.WithdrawInterest(f.as(t, "learner d 2"), &meshv1.WithdrawInterestRequest{Id: interests[2]}))
	_, err = f.AcceptInvitation(f.as(t, "learner d 2"), &meshv1.AcceptInvitationRequest{Id: sent[2].GetId()})
	refused(t, err, codes.FailedPrecondition, "INTEREST_WITHDRAWN", "")
	must[*meshv1.Membership](t)(f.JoinGroup(f.as(t, "learner d 2"), f.join(t, other.GetId(), "learner e 0", "69123")))
	f.lapses(t, sent[3])
	f.toldToMeetings(t, g.GetId(), sent[1].GetId())
}

// toldToMeetings: who writes the mails learns how an invitation stands and who is in a group, in its own name; nobody else does.
func (f *fixture) toldToMeetings(t *testing.T, group, withdrawn string) {
	t.Helper()
	asService := func(name string) meshv1.FormingServiceClient {
		return meshv1.NewFormingServiceClient(rpc.AsService(f.conn, serviceKey, name))
	}
	ask := &meshv1.GetInvitationRequest{Id: withdrawn}
	if i := must[*meshv1.Invitation](t)(asService("meetings").GetInvitation(t.Context(), ask)); i.GetState() != meshv1.InvitationState_INVITATION_STATE_WITHDRAWN || i.GetGroupId() != group {
		t.Errorf("%v", i)
	}
	_, err := asService("meetings").GetInvitation(t.Context(), &meshv1.GetInvitationRequest{Id: unknown})
	refused(t, err, codes.NotFound, "NOT_FOUND", "")
	members := &meshv1.ListMembershipsRequest{GroupId: group}
	read := must[*meshv1.Group](t)(f.GetGroup(t.Context(), &meshv1.GetGroupRequest{Id: group}))
	if all := must[*meshv1.ListMembershipsResponse](t)(asService("meetings").ListMemberships(t.Context(), members)).GetMemberships(); len(all) != int(read.GetMemberCount()) || all[0].GetPersonId() == "" {
		t.Errorf("%v of %d", all, read.GetMemberCount())
	}
	for _, subject := range []string{"learner c 0", "coordinator 1", "national 1"} {
		_, err = f.GetInvitation(f.as(t, subject), ask)
		refused(t, err, codes.PermissionDenied, "NOT_PERMITTED", "")
		_, err = f.ListMemberships(f.as(t, subject), members)
		refused(t, err, codes.PermissionDenied, "NOT_PERMITTED", "")
	}
	_, err = asService("indicators").ListMemberships(t.Context(), members)
	refused(t, err, codes.PermissionDenied, "NOT_PERMITTED", "")
}

// tenTimes sends the same acceptance ten times at once.
func (f *fixture) tenTimes(t *testing.T, subject, invitation string) {
	t.Helper()
	ctx := f.as(t, subject)
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if _, err := f.AcceptInvitation(ctx, &meshv1.AcceptInvitationRequest{Id: invitation, RequestId: unknown}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// lapses moves the clock to the end of an invitation, to "learner d 3", and back.
func (f *fixture) lapses(t *testing.T, i *meshv1.Invitation) {
	t.Helper()
	now := f.clock.Now()
	defer f.clock.Set(now)
	f.clock.Set(i.GetExpireTime().AsTime())
	_, err := f.AcceptInvitation(f.as(t, "learner d 3"), &meshv1.AcceptInvitationRequest{Id: i.GetId()})
	refused(t, err, codes.FailedPrecondition, "INVITATION_LAPSED", "")
	list := must[*meshv1.ListInvitationsResponse](t)(f.ListInvitations(f.as(t, "learner d 3"), &meshv1.ListInvitationsRequest{}))
	if list.GetInvitations()[0].GetState() != meshv1.InvitationState_INVITATION_STATE_LAPSED {
		t.Errorf("%v", list)
	}
	f.clock.Set(i.GetExpireTime().AsTime().Add(-time.Microsecond))
	must[*meshv1.Invitation](t)(f.AcceptInvitation(f.as(t, "learner d 3"), &meshv1.AcceptInvitationRequest{Id: i.GetId()}))
}

// join is a request with the link of a group.
func (f *fixture) join(t *testing.T, group, organiser, commune string) *meshv1.JoinGroupRequest {
	t.Helper()
	l := must[*meshv1.GroupLink](t)(f.CreateGroupLink(f.as(t, organiser), &meshv1.CreateGroupLinkRequest{GroupId: group}))
	return &meshv1.JoinGroupRequest{Token: l.GetToken(), CommuneCode: commune}
}

// links are those of mails, which answer without an account, and a group's own.
func (f *fixture) links(t *testing.T) {
	g, c := f.formed(t, "g", 5)
	interests := f.waits(t, "h", 2, c)
	sent := must[*meshv1.CreateInvitationsResponse](t)(f.CreateInvitations(f.as(t, "learner g 0"), &meshv1.CreateInvitationsRequest{GroupId: g.GetId(), InterestIds: interests})).GetInvitations()
	key := link.DeriveKey(make([]byte, 32)) // as whoever sends the mail has it
	sign := func(action, invitation, subject string, expires time.Time) *meshv1.AnswerInvitationRequest {
		return &meshv1.AnswerInvitationRequest{Token: key.Sign(link.Claim{Action: action, Resource: invitation, PersonID: f.person(t, subject).GetId(), Expires: expires})}
	}
	end := f.clock.Now().Add(15 * 24 * time.Hour)
	good := sign("acceptInvitation", sent[0].GetId(), "learner h 0", end)
	altered := []byte(good.GetToken())
	altered[5] ^= 1
	for _, bad := range []*meshv1.AnswerInvitationRequest{
		{Token: string(altered)}, {Token: good.GetToken()[:40]}, {Token: "0"},
		sign("joinGroup", sent[0].GetId(), "learner h 0", end), sign("acceptInvitation", sent[0].GetId(), "learner h 1", end),
	} {
		_, err := f.AnswerInvitation(t.Context(), bad)
		refused(t, err, codes.PermissionDenied, "LINK_INVALID", "")
	}
	_, err := f.AnswerInvitation(t.Context(), sign("acceptInvitation", sent[0].GetId(), "learner h 0", f.clock.Now().Truncate(time.Second)))
	refused(t, err, codes.PermissionDenied, "LINK_EXPIRED", "")
	_, err = f.AnswerInvitation(t.Context(), sign("acceptInvitation", unknown, "learner h 0", end))
	refused(t, err, codes.NotFound, "NOT_FOUND", "")
	for range 2 {
		if i := must[*meshv1.Invitation](t)(f.AnswerInvitation(t.Context(), good)); i.GetState() != meshv1.InvitationState_INVITATION_STATE_ACCEPTED {
			t.Errorf("%v", i)
		}
	}
	decline := sign("declineInvitation", sent[1].GetId(), "learner h 1", end)
	must[*meshv1.Invitation](t)(f.AnswerInvitation(t.Context(), decline))
	_, err = f.AnswerInvitation(t.Context(), sign("acceptInvitation", sent[1].GetId(), "learner h 1", end))
	refused(t, err, codes.FailedPrecondition, "INVITATION_ANSWERED", "")

	request := f.join(t, g.GetId(), "learner g 0", "")
	_, err = f.CreateGroupLink(f.as(t, "learner g 1"), &meshv1.CreateGroupLinkRequest{GroupId: g.GetId()})
	refused(t, err, codes.PermissionDenied, "NOT_PERMITTED", "")
	_, err = f.JoinGroup(t.Context(), request)
	refused(t, err, codes.Unauthenticated, "TOKEN_MISSING", "")
	_, err = f.JoinGroup(f.as(t, "learner new"), request)
	refused(t, err, codes.InvalidArgument, "FIELD_REQUIRED", "commune_code")
	request.CommuneCode = "44109"
	_, err = f.JoinGroup(f.as(t, "learner new"), request)
	refused(t, err, codes.InvalidArgument, "OUTSIDE_CAMPAIGN", "commune_code")
	request.CommuneCode = "69266"
	for range 2 {
		if m := must[*meshv1.Membership](t)(f.JoinGroup(f.as(t, "learner new"), request)); m.GetPersonId() != f.person(t, "learner new").GetId() {
			t.Errorf("%v", m)
		}
	}
	f.clock.Advance(31 * 24 * time.Hour)
	defer f.clock.Advance(-31 * 24 * time.Hour)
	_, err = f.JoinGroup(f.as(t, "learner late"), request)
	refused(t, err, codes.PermissionDenied, "LINK_EXPIRED", "")
}

func (f *fixture) full(t *testing.T) {
	g, c := f.formed(t, "i", 24)
	interests := f.waits(t, "j", 2, c)
	organiser := f.as(t, "learner i 0")
	sent := must[*meshv1.CreateInvitationsResponse](t)(f.CreateInvitations(organiser, &meshv1.CreateInvitationsRequest{GroupId: g.GetId(), InterestIds: interests})).GetInvitations()
	must[*meshv1.Invitation](t)(f.AcceptInvitation(f.as(t, "learner j 0"), &meshv1.AcceptInvitationRequest{Id: sent[0].GetId()}))
	_, err := f.AcceptInvitation(f.as(t, "learner j 1"), &meshv1.AcceptInvitationRequest{Id: sent[1].GetId()})
	refused(t, err, codes.FailedPrecondition, "GROUP_FULL", "")
	_, err = f.CreateInvitations(organiser, &meshv1.CreateInvitationsRequest{GroupId: g.GetId(), InterestIds: interests[1:]})
	refused(t, err, codes.FailedPrecondition, "GROUP_FULL", "")
	_, err = f.JoinGroup(f.as(t, "learner j 3"), f.join(t, g.GetId(), "learner i 0", "69123"))
	refused(t, err, codes.FailedPrecondition, "GROUP_FULL", "")
	own := must[*meshv1.ListInterestsResponse](t)(f.ListInterests(f.as(t, "learner j 3"), &meshv1.ListInterestsRequest{}))
	if len(own.GetInterests()) != 0 {
		t.Errorf("who could not join is registered all the same: %v", own)
	}
	must[*meshv1.Membership](t)(f.LeaveGroup(f.as(t, "learner i 7"), &meshv1.LeaveGroupRequest{GroupId: g.GetId()}))
	must[*meshv1.Invitation](t)(f.AcceptInvitation(f.as(t, "learner j 1"), &meshv1.AcceptInvitationRequest{Id: sent[1].GetId()}))
}

func (f *fixture) memberships(t *testing.T) {
	g, c := f.formed(t, "k", 5)
	f.waits(t, "l", 1, c)
	one := f.person(t, "learner k 1").GetId()
	request := &meshv1.GetMembershipRequest{GroupId: g.GetId(), PersonId: one}
	for _, subject := range []string{"learner k 0", "learner k 1", "learner k 2", "coordinator 1"} {
		m := must[*meshv1.Membership](t)(f.GetMembership(f.as(t, subject), request))
		if m.GetState() != meshv1.MembershipState_MEMBERSHIP_STATE_JOINED || m.GetId() == "" || m.GetJoinTime() == nil {
			t.Errorf("%s: %v", subject, m)
		}
	}
	for _, subject := range []string{"learner l 0", "national 1", "organiser 1"} {
		_, err := f.GetMembership(f.as(t, subject), request)
		refused(t, err, codes.NotFound, "NOT_FOUND", "")
	}
	left := must[*meshv1.Membership](t)(f.LeaveGroup(f.as(t, "learner k 1"), &meshv1.LeaveGroupRequest{GroupId: g.GetId(), RequestId: unknown}))
	again := must[*meshv1.Membership](t)(f.LeaveGroup(f.as(t, "learner k 1"), &meshv1.LeaveGroupRequest{GroupId: g.GetId(), RequestId: unknown}))
	if left.GetState() != meshv1.MembershipState_MEMBERSHIP_STATE_LEFT || again.String() != left.String() {
		t.Errorf("%v, then %v", left, again)
	}
	_, err := f.LeaveGroup(f.as(t, "learner k 1"), &meshv1.LeaveGroupRequest{GroupId: g.GetId()})
	refused(t, err, codes.NotFound, "NOT_FOUND", "group_id")
	other, _ := f.formed(t, "m", 5)
	must[*meshv1.Membership](t)(f.JoinGroup(f.as(t, "learner k 1"), f.join(t, g.GetId(), "learner k 0", "")))
	// One group for a module in a campaign; another campaign is another wish.
	must[*meshv1.Membership](t)(f.JoinGroup(f.as(t, "learner k 1"), f.join(t, other.GetId(), "learner m 0", "69123")))
}

func (f *fixture) badForming(t *testing.T) {
	g, c := f.formed(t, "n", 5)
	organiser := f.as(t, "learner n 0")
	many := make([]string, 10_000)
	for i := range many {
		many[i] = fmt.Sprintf("0190a1b2-0000-7000-8000-%012d", i)
	}
	_, err := f.CreateInvitations(organiser, &meshv1.CreateInvitationsRequest{GroupId: g.GetId(), InterestIds: many})
	refused(t, err, codes.InvalidArgument, "INVALID_ARGUMENT", "interest_ids")
	_, err = f.CreateInvitations(organiser, &meshv1.CreateInvitationsRequest{GroupId: g.GetId()})
	refused(t, err, codes.InvalidArgument, "INVALID_ARGUMENT", "interest_ids")
	_, err = f.CreateInvitations(organiser, &meshv1.CreateInvitationsRequest{GroupId: g.GetId(), InterestIds: []string{"../x"}})
	refused(t, err, codes.InvalidArgument, "INVALID_ARGUMENT", "interest_ids[0]")
	_, err = f.CreateInvitations(organiser, &meshv1.CreateInvitationsRequest{GroupId: g.GetId(), InterestIds: []string{unknown, unknown}})
	refused(t, err, codes.InvalidArgument, "INVALID_ARGUMENT", "interest_ids")
	_, err = f.CreateInvitations(organiser, &meshv1.CreateInvitationsRequest{GroupId: unknown, InterestIds: []string{unknown}})
	refused(t, err, codes.NotFound, "NOT_FOUND", "group_id")
	for _, outsider := range []string{"learner n 1", "learner n 9", "national 1"} {
		_, err = f.CreateInvitations(f.as(t, outsider), &meshv1.CreateInvitationsRequest{GroupId: g.GetId(), InterestIds: []string{unknown}})
		refused(t, err, codes.PermissionDenied, "NOT_PERMITTED", "")
	}
	waiting := f.waits(t, "o", 1, c)
	request := &meshv1.CreateInvitationsRequest{GroupId: g.GetId(), InterestIds: waiting, RequestId: module}
	must[*meshv1.CreateInvitationsResponse](t)(f.CreateInvitations(organiser, request))
	request.InterestIds = []string{unknown}
	_, err = f.CreateInvitations(organiser, request)
	refused(t, err, codes.FailedPrecondition, "REQUEST_ID_REUSED", "request_id")
}
