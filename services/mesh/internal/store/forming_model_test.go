package store_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/pkg/testkit"
	"github.com/classcode/maillage/services/mesh/internal/domain"
)

// recruitment is what should be true of a group of at most 25 and of those around it, whatever they do.
type recruitment struct {
	f       fixture
	group   domain.Group
	people  []domain.Interest
	now     time.Time
	in      map[string]bool                   // persons
	invited map[string]domain.InvitationState // as it was left, by interest
}

// TestFormingModel lets people be invited, answer, join by the link and leave in any order, and compares with what was to be.
func TestFormingModel(t *testing.T) {
	for engine, config := range map[string]func(testing.TB) *database.Config{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		t.Run(engine, func(t *testing.T) {
			f := open(t, testkit.Open(t, config(t), nil))
			rapid.Check(t, func(r *rapid.T) {
				g, people := f.recruiting(t, 22, 6)
				m := &recruitment{
					f: f, group: g, people: people, now: noon, in: map[string]bool{}, invited: map[string]domain.InvitationState{},
				}
				for range rapid.IntRange(1, 25).Draw(r, "steps") {
					m.step(r)
				}
			})
		})
	}
}

func (m *recruitment) step(r *rapid.T) {
	i := rapid.SampledFrom(m.people).Draw(r, "who")
	switch rapid.SampledFrom([]string{"invite", "accept", "decline", "withdraw", "join", "leave", "pass"}).Draw(r, "what") {
	case "invite":
		m.invite(r, i)
	case "accept":
		m.answer(r, i, acceptInvitation, domain.InvitationAccepted)
	case "decline":
		m.answer(r, i, domain.DeclineInvitation, domain.InvitationDeclined)
	case "withdraw":
		m.answer(r, i, domain.WithdrawInvitation, domain.InvitationWithdrawn)
	case "join":
		m.join(r, i)
	case "leave":
		m.leave(r, i)
	case "pass":
		m.now = m.now.Add(8 * 24 * time.Hour)
	}
	g, err := m.f.Group(r.Context(), m.group.ID)
	members, err2 := m.f.Members(r.Context(), m.group.ID, domain.Page{Limit: 100})
	if err != nil || err2 != nil || g.MemberCount != 22+len(m.in) || len(members) != g.MemberCount {
		r.Fatalf("%d members counted, %d there, %d expected (%v, %v)", g.MemberCount, len(members), 22+len(m.in), err, err2)
	}
}

func (m *recruitment) full() bool { return 22+len(m.in) >= domain.MaxGroup }

func (m *recruitment) invite(r *rapid.T, i domain.Interest) {
	got, err := m.f.invite(r.Context(), m.group.ID, m.now, i.ID)
	switch {
	case m.full():
		expect(r, err, "GROUP_FULL")
		return
	case m.in[i.PersonID] || m.invited[i.ID] == domain.InvitationDeclined:
		if expect(r, err, ""); len(got.Not) != 1 {
			r.Fatalf("invited all the same: %+v", got)
		}
		return
	}
	if expect(r, err, ""); len(got.Invitations) != 1 || got.Invitations[0].At(m.now).State != domain.InvitationSent {
		r.Fatalf("%+v", got)
	}
	m.invited[i.ID] = domain.InvitationSent
}

// answer knows what an answer leads to, from how the invitation was left and from whether its time is over.
func (m *recruitment) answer(r *rapid.T, i domain.Interest, use answer, to domain.InvitationState) {
	var sent []domain.Invitation
	err := m.f.Write(r.Context(), func(tx domain.Tx) (err error) {
		sent, err = tx.InvitationsTo(r.Context(), m.group.ID, []string{i.ID})
		return err
	})
	if expect(r, err, ""); len(sent) == 0 {
		return
	}
	before := sent[0].At(m.now).State
	got, err := m.f.answer(r.Context(), use, sent[0].ID, m.now)
	want, reason := to, ""
	switch {
	case before == to:
	case before == domain.InvitationSent && to == domain.InvitationAccepted && m.full() && !m.in[i.PersonID]:
		reason = "GROUP_FULL"
	case before == domain.InvitationSent:
		m.invited[i.ID] = to
		if to == domain.InvitationAccepted {
			m.in[i.PersonID] = true
		}
	case before == domain.InvitationLapsed && to == domain.InvitationAccepted:
		reason = "INVITATION_LAPSED"
	case before == domain.InvitationWithdrawn && to == domain.InvitationAccepted:
		reason = "INVITATION_WITHDRAWN"
	case before == domain.InvitationLapsed, before == domain.InvitationWithdrawn && to == domain.InvitationDeclined:
		want = before
	default:
		reason = "INVITATION_ANSWERED"
	}
	if expect(r, err, reason); reason == "" && got.State != want {
		r.Fatalf("%d after %d, want %d", got.State, before, want)
	}
}

func (m *recruitment) join(r *rapid.T, i domain.Interest) {
	err := m.f.Write(r.Context(), func(tx domain.Tx) error {
		_, err := domain.JoinGroup(r.Context(), tx, m.group.ID, domain.Newcomer{PersonID: i.PersonID, Now: m.now, NewID: uuid.NewString})
		return err
	})
	if m.full() && !m.in[i.PersonID] {
		expect(r, err, "GROUP_FULL")
		return
	}
	expect(r, err, "")
	m.in[i.PersonID] = true
}

func (m *recruitment) leave(r *rapid.T, i domain.Interest) {
	err := m.f.Write(r.Context(), func(tx domain.Tx) error {
		_, err := domain.LeaveGroup(r.Context(), tx, m.group.ID, i.PersonID)
		return err
	})
	if !m.in[i.PersonID] {
		expect(r, err, "NOT_FOUND")
		return
	}
	expect(r, err, "")
	delete(m.in, i.PersonID)
}

func expect(r *rapid.T, err error, reason string) {
	r.Helper()
	if got := ""; err != nil {
		if got = errs.From(err).Reason; got != reason {
			r.Fatalf("%v, want %q", err, reason)
		}
	} else if reason != "" {
		r.Fatalf("passed, want %s", reason)
	}
}
