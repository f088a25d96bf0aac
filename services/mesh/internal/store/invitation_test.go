package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// recruiting is a group of so many, and people of Lyon who wait for its module.
func (f fixture) recruiting(t *testing.T, members, waiting int) (domain.Group, []domain.Interest) {
	t.Helper()
	c, module := f.campaign(t, "FR"), uuid.NewString()
	f.place(t, lyon, "69123")
	f.waiting(t, members, c.ID, module)
	formation, err := f.form(t.Context(), c, module)
	if err != nil || len(formation.Groups) != 1 {
		t.Fatalf("%v, %v", formation, err)
	}
	return formation.Groups[0], f.waiting(t, waiting, c.ID, module)
}

func ids(interests []domain.Interest) (all []string) {
	for _, i := range interests {
		all = append(all, i.ID)
	}
	return all
}

func (f fixture) invite(ctx context.Context, groupID string, now time.Time, interests ...string) (invited domain.Invited, err error) {
	err = f.Write(ctx, func(tx domain.Tx) (err error) {
		invited, err = domain.Invite(ctx, tx, groupID, interests, uuid.NewString, now)
		return err
	})
	return invited, err
}

type answer func(context.Context, domain.Tx, domain.Invitation, time.Time) (domain.Invitation, error)

func acceptInvitation(ctx context.Context, tx domain.Tx, i domain.Invitation, now time.Time) (domain.Invitation, error) {
	return domain.AcceptInvitation(ctx, tx, i, uuid.NewString(), now)
}

func (f fixture) answer(ctx context.Context, use answer, id string, now time.Time) (i domain.Invitation, err error) {
	err = f.Write(ctx, func(tx domain.Tx) (err error) {
		if i, err = tx.Invitation(ctx, id); err == nil {
			i, err = use(ctx, tx, i, now)
		}
		return err
	})
	return i, err
}

// together runs all of them at the same time, and counts the reasons of those that were refused; "" is for the others.
func together(n int, one func(i int) error) map[string]int {
	reasons, mu, wg := map[string]int{}, sync.Mutex{}, sync.WaitGroup{}
	for i := range n {
		wg.Go(func() {
			reason := ""
			if err := one(i); err != nil {
				reason = errs.From(err).Reason
			}
			mu.Lock()
			defer mu.Unlock()
			reasons[reason]++
		})
	}
	wg.Wait()
	return reasons
}

// Forty accept at once for the last five places: five join, the others are told that the group is full, and can wait for another.
func TestConcurrentAcceptancesOfTheLastPlaces(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		const people, places = 40, 5
		g, waiting := f.recruiting(t, domain.MaxGroup-places, people)
		invited, err := f.invite(t.Context(), g.ID, noon, ids(waiting)...)
		if err != nil || len(invited.Invitations) != people {
			t.Fatalf("%d invited, %v", len(invited.Invitations), err)
		}
		got := together(people, func(i int) error {
			_, err := f.answer(context.Background(), acceptInvitation, invited.Invitations[i].ID, noon)
			return err
		})
		if got[""] != places || got["GROUP_FULL"] != people-places {
			t.Errorf("%v", got)
		}
		f.counts(t, g.ID, domain.MaxGroup)
		if told := f.outbox(t); told["invitation.accepted"] != places || told["membership.joined"] != domain.MaxGroup {
			t.Errorf("told %v", told)
		}

		// The control: who counts the members first and then joins, as one would without the conditional update, oversells the group.
		other, more := f.recruiting(t, domain.MaxGroup-places, people)
		var counted sync.WaitGroup
		counted.Add(people)
		together(people, func(i int) error {
			ctx := context.Background()
			members, err := f.Members(ctx, other.ID, domain.Page{Limit: 100})
			counted.Done()
			counted.Wait()
			if err != nil || len(members) >= domain.MaxGroup {
				return domain.ErrGroupFull
			}
			return f.Write(ctx, func(tx domain.Tx) error {
				return tx.InsertMember(ctx, domain.Member{ID: uuid.NewString(), GroupID: other.ID, PersonID: more[i].PersonID, InterestID: more[i].ID, JoinTime: noon})
			})
		})
		if members, err := f.Members(t.Context(), other.ID, domain.Page{Limit: 100}); err != nil || len(members) <= domain.MaxGroup {
			t.Errorf("counting first seated %d, %v: this test would not notice a group that is too large", len(members), err)
		}
	})
}

// counts checks that a group counts those who are in it.
func (f fixture) counts(t *testing.T, groupID string, want int) {
	t.Helper()
	g, err := f.Group(t.Context(), groupID)
	members, err2 := f.Members(t.Context(), groupID, domain.Page{Limit: 100})
	if err := errors.Join(err, err2); err != nil || g.MemberCount != want || len(members) != want {
		t.Errorf("the group counts %d and has %d members, want %d (%v)", g.MemberCount, len(members), want, err)
	}
}

// The same acceptance, the same link and the same invitations, ten times at once, are one each.
func TestConcurrentRepetitions(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		g, waiting := f.recruiting(t, 5, 3)
		ctx := context.Background()
		if got := together(10, func(int) error { _, err := f.invite(ctx, g.ID, noon, ids(waiting)...); return err }); got[""] != 10 {
			t.Errorf("invited: %v", got)
		}
		all, err := f.Invitations(t.Context(), domain.InvitationQuery{Viewer: domain.Viewer{Territories: []string{"FR"}}, Page: domain.Page{Limit: 100}})
		if err != nil || len(all) != 3 {
			t.Fatalf("%d invitations, %v", len(all), err)
		}
		if got := together(10, func(int) error { _, err := f.answer(ctx, acceptInvitation, all[0].ID, noon); return err }); got[""] != 10 {
			t.Errorf("accepted: %v", got)
		}
		newcomer := domain.Newcomer{PersonID: uuid.NewString(), CommuneCode: "69123", Now: noon, NewID: uuid.NewString}
		if got := together(10, func(int) error {
			return f.Write(ctx, func(tx domain.Tx) error { _, err := domain.JoinGroup(ctx, tx, g.ID, newcomer); return err })
		}); got[""] != 10 {
			t.Errorf("joined: %v", got)
		}
		f.counts(t, g.ID, 7)
		told := f.outbox(t)
		if told["invitation.sent"] != 3 || told["invitation.accepted"] != 1 || told["membership.joined"] != 7 || told["interest.registered"] != 9 {
			t.Errorf("told %v", told)
		}
	})
}

func TestLifeOfAnInvitation(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		g, waiting := f.recruiting(t, 5, 4)
		invited, err := f.invite(t.Context(), g.ID, noon, ids(waiting)...)
		if err != nil {
			t.Fatal(err)
		}
		sent := invited.Invitations
		end := sent[0].Expires
		if _, err := f.answer(t.Context(), acceptInvitation, sent[0].ID, end); !errors.Is(err, domain.ErrInvitationLapsed) {
			t.Errorf("at the instant of expiry: %v", err)
		}
		if _, err := f.answer(t.Context(), acceptInvitation, sent[0].ID, end.Add(-time.Microsecond)); err != nil {
			t.Errorf("an instant before: %v", err)
		}
		for range 2 {
			if i, err := f.answer(t.Context(), domain.DeclineInvitation, sent[1].ID, noon); err != nil || i.State != domain.InvitationDeclined || i.Version != 2 {
				t.Errorf("declined: %+v, %v", i, err)
			}
			if i, err := f.answer(t.Context(), domain.WithdrawInvitation, sent[2].ID, noon); err != nil || i.State != domain.InvitationWithdrawn || i.Version != 2 {
				t.Errorf("withdrawn: %+v, %v", i, err)
			}
		}
		for want, use := range map[*errs.Error]string{domain.ErrInvitationAnswered: sent[1].ID, domain.ErrInvitationWithdrawn: sent[2].ID} {
			if _, err := f.answer(t.Context(), acceptInvitation, use, noon); !errors.Is(err, want) {
				t.Errorf("%v, want %v", err, want)
			}
		}
		for i, want := range []int{1, 0} { // what has lapsed is told once
			if _, err := domain.LapseInvitations(t.Context(), f, end); err != nil {
				t.Fatal(err)
			}
			if last, err := f.Invitation(t.Context(), sent[3].ID); err != nil || last.State != domain.InvitationLapsed || !last.EndTime.Equal(end) {
				t.Errorf("look %d: %+v, %v", i, last, err)
			}
			if told := f.outbox(t)["invitation.lapsed"]; told != 1 {
				t.Errorf("told %d times (%d)", told, want)
			}
		}
		// Once more: the member is in a group, who declined is left in peace, the others are asked again under the same ids.
		again, err := f.invite(t.Context(), g.ID, end, ids(waiting)...)
		if err != nil || fmt.Sprint(again.Not) != fmt.Sprint([]domain.NotInvited{{InterestID: waiting[0].ID, Reason: domain.InAGroup}, {InterestID: waiting[1].ID, Reason: domain.HasDeclined}}) ||
			len(again.Invitations) != 2 || again.Invitations[0].ID != sent[2].ID || again.Invitations[0].Version != 3 || again.Invitations[1].ID != sent[3].ID {
			t.Errorf("%+v, %v", again, err)
		}
	})
}

func TestInvitationsOfADay(t *testing.T) {
	both(t, func(t *testing.T, f fixture) {
		g, waiting := f.recruiting(t, 5, 401)
		all := ids(waiting)
		for part := range slices.Chunk(all[:400], 200) {
			if _, err := f.invite(t.Context(), g.ID, noon, part...); err != nil {
				t.Fatal(err)
			}
		}
		_, err := f.invite(t.Context(), g.ID, noon, all[300:]...)
		if !errors.Is(err, domain.ErrInvitationLimit) || errs.From(err).RetryAfter != 12*time.Hour {
			t.Errorf("the 401st: %v, again after %v", err, errs.From(err).RetryAfter)
		}
		if told := f.outbox(t)["invitation.sent"]; told != 400 {
			t.Errorf("%d sent", told)
		}
		if same, err := f.invite(t.Context(), g.ID, noon, all[:200]...); err != nil || len(same.Invitations) != 200 {
			t.Errorf("those who are invited already cost nothing: %d, %v", len(same.Invitations), err)
		}
		if _, err := f.invite(t.Context(), g.ID, noon.Add(12*time.Hour), all[400]); err != nil {
			t.Errorf("the next day: %v", err)
		}
		// What holds without the look: the database.
		err = f.Write(t.Context(), func(tx domain.Tx) error { return tx.CountInvitations(t.Context(), g.ID, "2026-03-02", 1) })
		if kind, name := database.Violation(err); kind != database.Check || name != "invitation_days_sent" {
			t.Errorf("%v", err)
		}
	})
}
