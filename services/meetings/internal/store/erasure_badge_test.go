package store_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// A badge's copy verifies as before; what others were recognised for by somebody who is gone still counts; a claim that waits is gone.
func TestErasureOfBadges(t *testing.T) {
	both(t, func(w world) {
		c := w.circle(5)
		who, other, peers := c.people[1], c.people[2], c.people[3:]
		first := orFail1(c.claim(c.Store, who, level1))
		theirs := orFail1(c.claim(c.Store, other, level1))
		waits := orFail1(c.claim(c.Store, who, level2))
		recognised := orFail1(c.claim(c.Store, other, level2))
		orFail1(c.recognise(c.Store, recognised.ID, who))
		orFail1(c.recognise(c.Store, waits.ID, peers[0]))
		second := orFail1(w.BadgeClaim(w.ctx(), waits.ID))
		badge, control := orFail1(w.Badge(w.ctx(), first.BadgeID)), orFail1(w.Badge(w.ctx(), theirs.BadgeID))
		verdict := func(b domain.Badge) domain.Verdict {
			return orFail1(domain.Verify(w.ctx(), w.Store, c.signer, b.JWT, now))
		}
		before := verdict(badge)
		if before.Reason != 0 {
			w.Fatalf("%+v", before)
		}
		w.refuses("", w.erase(who, now))
		if left := w.holding(who); !slices.Equal(left, []string{"erasures.person_id"}) {
			w.Fatalf("the person is in %v", left)
		}
		if after := verdict(badge); after != before {
			w.Errorf("%+v, was %+v", after, before)
		}
		if row := orFail1(w.Badge(w.ctx(), badge.ID)); row.JWT != "" || row.JSON != "" || !domain.IsNobody(row.PersonID) || row.Status != badge.Status {
			w.Errorf("%+v", row)
		}
		if row := orFail1(w.Badge(w.ctx(), control.ID)); !reflect.DeepEqual(row, control) {
			w.Errorf("of somebody else: %+v, was %+v", row, control)
		}
		if n := w.number(`SELECT count(*) FROM badge_recognitions WHERE claim_id = $1 AND sentence = ''`, recognised.ID); n != 1 {
			w.Errorf("%d recognitions by whoever is gone", n)
		}
		_, err := w.BadgeClaim(w.ctx(), waits.ID)
		if second.BadgeID == "" {
			w.refuses("NOT_FOUND", err)
		} else {
			w.refuses("", err)
		}
		w.refuses("", w.erase(other, now)) // whom the person had recognised
		w.refuses("", w.settle(who, now))
		if left := w.holding(other); !slices.Equal(left, []string{"erasures.person_id"}) {
			w.Errorf("the other is in %v", left)
		}
	})
}
