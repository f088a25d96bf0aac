package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// circle is people who were at the same attested meeting, with what they do about badges. The first has organised it.
type circle struct {
	world
	signer domain.Credentials
	people []string
	proofs map[string]string // a person's attestation
}

func (w world) circle(n int) circle {
	w.Helper()
	signer := w.signer()
	w.write(func(tx domain.Tx) error {
		return errors.Join(tx.SaveKey(w.ctx(), signer.Key()), tx.SaveIssuer(w.ctx(), signer.Issuer()))
	})
	c := circle{world: w, signer: signer, proofs: map[string]string{}}
	for _, a := range w.attested(n, signer) {
		c.people, c.proofs[a.PersonID] = append(c.people, a.PersonID), a.ID
	}
	return c
}

func (c circle) issuing() domain.Issuing {
	return domain.Issuing{Credentials: c.signer, NewID: newID, Now: now}
}

func (c circle) claim(store domain.Store, person string, s domain.Standing, evidence ...string) (out domain.BadgeClaim, err error) {
	if len(evidence) == 0 {
		evidence = []string{c.proofs[person]}
	}
	err = store.Write(c.ctx(), func(tx domain.Tx) error {
		out, err = domain.ClaimBadge(c.ctx(), tx, domain.BadgeClaim{PersonID: person, Standing: s, Words: "J'ai animé un atelier", Evidence: evidence}, c.issuing())
		return err
	})
	return out, err
}

func (c circle) recognise(store domain.Store, claim, peer string) (out domain.PeerClaim, err error) {
	err = store.Write(c.ctx(), func(tx domain.Tx) error {
		out, err = domain.Recognise(c.ctx(), tx, claim, domain.Recognition{PeerID: peer, Sentence: "J'y étais"}, c.issuing())
		return err
	})
	return out, err
}

func (c circle) reaches(person string, s domain.Standing, peers ...string) {
	c.Helper()
	for level := domain.LevelParticipant; level < s.Level; level++ {
		s := domain.Standing{Category: s.Category, Level: level}
		claim := orFail1(c.claim(c.Store, person, s))
		needed, _ := s.Peers()
		for _, peer := range peers[:needed] {
			orFail1(c.recognise(c.Store, claim.ID, peer))
		}
	}
}

var (
	level1 = domain.Standing{Category: domain.Pedagogy, Level: domain.LevelParticipant}
	level2 = domain.Standing{Category: domain.Pedagogy, Level: domain.LevelContributor}
	level3 = domain.Standing{Category: domain.Pedagogy, Level: domain.LevelMultiplier}
)

// The first level needs an attestation that holds, and nobody else; its badge is verified like an attestation, and revoked like one.
func TestBadgeOfTheFirstLevel(t *testing.T) {
	both(t, func(w world) {
		c := w.circle(2)
		who := c.people[1]
		_, err := c.claim(c.Store, "nobody", level1, c.proofs[who])
		w.refuses("BADGE_EVIDENCE", err)
		_, err = c.claim(c.Store, who, level2)
		w.refuses("BADGE_LEVEL_BEFORE", err)
		claim := orFail1(c.claim(c.Store, who, level1))
		badge, err := c.Badge(c.ctx(), claim.BadgeID)
		if err != nil || claim.State != domain.ClaimIssued || badge.Peers != 0 || badge.CommuneCode != "44109" || badge.PersonID != who {
			w.Fatalf("%+v, %+v, %v", claim, badge, err)
		}
		_, err = c.claim(c.Store, who, level1)
		w.refuses("BADGE_HELD", err)
		for _, form := range []string{badge.JWT, badge.JSON} {
			v, err := domain.Verify(c.ctx(), c.Store, c.signer, form, now)
			if err != nil || v.Reason != 0 || v.Claims.Badge.Standing != level1 || v.Claims.PersonID != who {
				w.Fatalf("%+v, %v", v, err)
			}
		}
		w.write(func(tx domain.Tx) error {
			_, err := domain.RevokeBadge(c.ctx(), tx, badge, domain.Revocation{Time: now.Add(time.Hour), PersonID: "coordinator", Reason: "Erreur"})
			return err
		})
		v, err := domain.Verify(c.ctx(), c.Store, c.signer, badge.JSON, now)
		list, listed := c.StatusList(c.ctx(), 1)
		if err != nil || v.Reason != domain.Revoked || v.Revoked.Reason != "Erreur" || listed != nil || !slices.Equal(list.Revoked, []int{badge.Status.Index}) || list.Issued != 4 {
			w.Fatalf("%+v, %v, %+v", v, err, list)
		}
		orFail1(c.claim(c.Store, who, level1)) // and may be given again
		orFail1(c.revoke(c.proofs[who], "Absente"))
		_, err = c.claim(c.Store, who, domain.Standing{Category: domain.Events, Level: domain.LevelParticipant})
		w.refuses("BADGE_EVIDENCE", err)
		if n := w.number(`SELECT count(*) FROM outbox WHERE aggregate = $1`, badge.ID); n != 2 {
			w.Fatalf("%d events of a badge that was issued and revoked", n)
		}
	})
}

// Peers are those who were at an attested meeting with the claimant, each once, never the claimant, never a pair that only recognise each
// other; from the third level on, one of them is experienced.
func TestRecognition(t *testing.T) {
	both(t, func(w world) {
		c, others := w.circle(4), w.attested(1, w.signer())
		organiser, a, b, d, e := c.people[0], c.people[1], c.people[2], c.people[3], c.people[4]
		for _, who := range []string{a, b, d} {
			c.reaches(who, level2)
		}
		claim := orFail1(c.claim(c.Store, a, level2))
		_, err := c.claim(c.Store, a, level2)
		w.refuses("BADGE_CLAIM_OPEN", err)
		for peer, reason := range map[string]string{a: "BADGE_OWN_CLAIM", others[0].PersonID: "NOT_FOUND", "stranger": "NOT_FOUND"} {
			_, err := c.recognise(c.Store, claim.ID, peer)
			w.refuses(reason, err)
		}
		if seen := orFail1(c.PeerClaims(c.ctx(), domain.BadgeQuery{PersonID: b, Page: domain.Page{Limit: 10}})); len(seen) != 1 || seen[0].ID != claim.ID || seen[0].MeetingID == "" {
			w.Fatalf("%+v", seen)
		}
		if seen := orFail1(c.PeerClaims(c.ctx(), domain.BadgeQuery{PersonID: others[0].PersonID, Page: domain.Page{Limit: 10}})); len(seen) != 0 {
			w.Fatalf("a stranger sees %+v", seen)
		}
		if done := orFail1(c.recognise(c.Store, claim.ID, b)); done.State != domain.ClaimIssued {
			w.Fatalf("%+v", done)
		}
		_, err = c.recognise(c.Store, claim.ID, d)
		w.refuses("BADGE_CLAIM_OVER", err)
		w.refuses("BADGE_CLAIM_OVER", w.Write(c.ctx(), func(tx domain.Tx) error {
			_, err := domain.WithdrawRecognition(c.ctx(), tx, claim.ID, b)
			return err
		}))

		// b was recognised by nobody yet: whom b has recognised cannot, others can.
		back := orFail1(c.claim(c.Store, b, level2))
		_, err = c.recognise(c.Store, back.ID, a)
		w.refuses("BADGE_RECIPROCAL", err)
		orFail1(c.recognise(c.Store, back.ID, d))

		// The third level: two peers, and one of them experienced.
		high := orFail1(c.claim(c.Store, a, level3))
		for _, peer := range []string{d, e} {
			orFail1(c.recognise(c.Store, high.ID, peer))
		}
		_, err = c.recognise(c.Store, high.ID, d)
		w.refuses("BADGE_RECOGNISED", err)
		support := orFail1(c.Support(c.ctx(), high))
		if n, experienced := high.Missing(support); n != 1 || !experienced || support.Peers != 2 {
			w.Fatalf("%+v: %d, %v", support, n, experienced)
		}
		done := orFail1(c.recognise(c.Store, high.ID, organiser))
		if badge := orFail1(c.Badge(c.ctx(), done.BadgeID)); badge.Peers != 3 || badge.Standing != level3 {
			w.Fatalf("%+v", badge)
		}
	})
}

// What was said may be taken back until the badge is issued; a claim too, and what was said of it goes with it. A recognition counts as long as
// both still have an attestation of a meeting together.
func TestRecognitionTakenBack(t *testing.T) {
	both(t, func(w world) {
		c := w.circle(4)
		organiser, a, b, d := c.people[0], c.people[1], c.people[2], c.people[3]
		c.reaches(a, level3, b)
		claim := orFail1(c.claim(c.Store, a, level3))
		orFail1(c.recognise(c.Store, claim.ID, b))
		withdraw := func(peer string) error {
			return c.Write(c.ctx(), func(tx domain.Tx) error {
				_, err := domain.WithdrawRecognition(c.ctx(), tx, claim.ID, peer)
				return err
			})
		}
		w.refuses("", withdraw(b))
		w.refuses("NOT_FOUND", withdraw(b))
		orFail1(c.recognise(c.Store, claim.ID, b)) // and be said again
		orFail1(c.revoke(c.proofs[b], "Absente"))
		if again := orFail1(c.recognise(c.Store, claim.ID, organiser)); again.State != domain.ClaimOpen {
			w.Fatalf("%+v was issued with one peer who counts", again)
		}
		end := func(person string) error {
			return c.Write(c.ctx(), func(tx domain.Tx) error {
				_, err := domain.WithdrawBadgeClaim(c.ctx(), tx, claim.ID, person, now)
				return err
			})
		}
		w.refuses("NOT_FOUND", end(d))
		w.refuses("", end(a))
		w.refuses("BADGE_CLAIM_OVER", end(a))
		if said := orFail1(c.Recognitions(c.ctx(), claim.ID)); len(said) != 0 {
			w.Fatalf("%+v", said)
		}
		again := orFail1(c.claim(c.Store, a, level3))
		orFail1(c.revoke(c.proofs[a], "Absente")) // nothing shows it any more, and nobody was there together
		_, err := c.recognise(c.Store, again.ID, d)
		w.refuses("NOT_FOUND", err)
	})
}

// lastAtOnce has the last two who are needed recognise a claim at the same time, and says how many badges came of it.
func (c circle) lastAtOnce(store domain.Store) (badges int) {
	c.Helper()
	a, b := c.people[1], c.people[2]
	c.reaches(a, level3, b)
	claim := orFail1(c.claim(c.Store, a, level3))
	var all sync.WaitGroup
	for _, peer := range []string{c.people[0], c.people[3], c.people[4]} {
		all.Go(func() {
			if _, err := c.recognise(store, claim.ID, peer); err != nil && !errors.Is(err, domain.ErrBadgeClaimOver) {
				c.Error(err)
			}
		})
	}
	all.Wait()
	return c.number(`SELECT count(*) FROM badges WHERE person_id = $1 AND level = 3`, a)
}

// However the last recognitions meet, one badge comes of them.
func TestConcurrentLastRecognitions(t *testing.T) {
	both(t, func(w world) {
		for range 4 {
			if n := w.circle(4).lastAtOnce(w.Store); n != 1 {
				w.Fatalf("%d badges", n)
			}
		}
	})
}

// The control: where each believes to be alone, the recognitions do not see each other, and no badge comes of them.
func TestConcurrentLastRecognitionsControl(t *testing.T) {
	both(t, func(w world) {
		if n := w.circle(4).lastAtOnce(alone{w.Store}); n != 0 {
			w.Fatalf("%d badges without counting what others said: the test above would notice nothing", n)
		}
	})
}

type alone struct{ domain.Store }

func (a alone) Write(ctx context.Context, use func(domain.Tx) error) error {
	return a.Store.Write(ctx, func(tx domain.Tx) error { return use(aloneTx{tx}) })
}

type aloneTx struct{ domain.Tx }

func (aloneTx) Support(context.Context, domain.BadgeClaim) (domain.Support, error) {
	return domain.Support{Peers: 1, Experienced: 1}, nil
}

// The same level asked for many times at once is given once; and of two who recognise each other at once, one does.
func TestConcurrentBadges(t *testing.T) {
	both(t, func(w world) {
		c := w.circle(3)
		a, b := c.people[1], c.people[2]
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				_, err := c.claim(c.Store, a, level1)
				if err != nil && !errors.Is(err, domain.ErrBadgeHeld) && !errors.Is(err, domain.ErrBadgeClaimOpen) {
					w.Error(err)
				}
			})
		}
		all.Wait()
		if n := w.number(`SELECT count(*) FROM badges WHERE person_id = $1`, a); n != 1 {
			w.Fatalf("%d badges of one level", n)
		}
		orFail1(c.claim(c.Store, b, level1))
		mine, theirs := orFail1(c.claim(c.Store, a, level2)), orFail1(c.claim(c.Store, b, level2))
		for claim, peer := range map[string]string{mine.ID: b, theirs.ID: a} {
			all.Go(func() {
				if _, err := c.recognise(c.Store, claim, peer); err != nil && !errors.Is(err, domain.ErrReciprocal) {
					w.Error(err)
				}
			})
		}
		all.Wait()
		if n := w.number(`SELECT count(*) FROM badges WHERE level = 2`); n != 1 {
			w.Fatalf("%d of a pair have recognised each other", n)
		}
		// What the rules would refuse, the database refuses as well.
		badge := orFail1(c.Badges(c.ctx(), domain.BadgeQuery{PersonID: a, Page: domain.Page{Limit: 1}}))[0]
		badge.ID, badge.ClaimID, badge.Status.Index = newID(), mine.ID, (badge.Status.Index+1)%domain.StatusListLength
		w.refuses("BADGE_HELD", c.Write(c.ctx(), func(tx domain.Tx) error { return tx.InsertBadge(c.ctx(), badge) }))
	})
}

// A page of claims follows the other, and nothing is told twice.
func TestPeerClaimsPaged(t *testing.T) {
	both(t, func(w world) {
		c := w.circle(4)
		for _, who := range c.people[1:] {
			c.reaches(who, level2)
			orFail1(c.claim(c.Store, who, level2))
		}
		q, seen := domain.BadgeQuery{PersonID: c.people[0], Page: domain.Page{Limit: 3}}, map[string]bool{}
		for range 2 {
			part := orFail1(c.PeerClaims(c.ctx(), q))
			for _, p := range part {
				seen[p.ID] = true
			}
			last := part[len(part)-1]
			q.After = []string{fmt.Sprint(last.CreateTime.UnixMicro()), last.ID}
		}
		if len(seen) != 4 {
			w.Fatalf("%d claims", len(seen))
		}
	})
}
