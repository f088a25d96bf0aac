package store_test

import (
	"database/sql"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// share shows attestations of one person to a structure.
func (w world) share(structure string, at time.Time, all ...domain.Attestation) (s domain.AttestationShare) {
	w.Helper()
	s = domain.AttestationShare{
		ID: newID(), PersonID: all[0].PersonID, Shown: domain.Everything, Label: "Mon employeur", StructureID: structure, Digest: newID(),
	}
	for _, a := range all {
		s.Attestations = append(s.Attestations, a.ID)
	}
	slices.Sort(s.Attestations)
	w.write(func(tx domain.Tx) (err error) {
		s, err = domain.CreateAttestationShare(w.ctx(), tx, s, at)
		return err
	})
	return s
}

// seenBy is what a structure is shown, read in pages of that size.
func (w world) seenBy(structure string, at time.Time, size int) (all []domain.StructureCredential) {
	w.Helper()
	q := domain.StructureCredentialQuery{StructureID: structure, Now: at, Page: domain.Page{Limit: size}}
	for {
		some, err := w.StructureCredentials(w.ctx(), q)
		if err != nil {
			w.Fatal(err)
		}
		if all = append(all, some...); len(some) < size {
			return all
		}
		q.After = []string{some[size-1].Share.ID, some[size-1].ID}
	}
}

func TestAttestationShares(t *testing.T) {
	both(t, func(w world) {
		issued := w.attested(3, w.signer())
		a, b := issued[1], issued[2]
		s := w.share("school", now, a)
		if got, err := w.AttestationShare(w.ctx(), s.ID); err != nil || !reflect.DeepEqual(got, s) {
			w.Fatalf("%+v, %v; want %+v", got, err, s)
		}
		if got, err := w.AttestationShareOf(w.ctx(), s.Digest); err != nil || got.ID != s.ID || got.Shown != s.Shown {
			w.Fatalf("%+v, %v", got, err)
		}
		list := func(at time.Time) []domain.AttestationShare {
			all, err := w.AttestationShares(w.ctx(), domain.AttestationShareQuery{PersonID: a.PersonID, Now: at, Page: domain.Page{Limit: 10}})
			if err != nil {
				w.Fatal(err)
			}
			return all
		}
		if all := list(now); len(all) != 1 || !reflect.DeepEqual(all[0], s) || len(list(s.ExpireTime)) != 0 {
			w.Fatalf("%+v", all)
		}
		if all, err := w.SharedCredentials(w.ctx(), s.ID); err != nil || len(all) != 1 || all[0] != (domain.SharedCredential{ID: a.ID, JWT: a.JWT, TimeZone: paris}) {
			w.Fatalf("%+v, %v", all, err)
		}
		w.share("school", now, b)
		w.share("library", now, b)
		if all := w.seenBy("school", now, 1); len(all) != 2 || all[0].ID != a.ID || all[0].Share.Shown != domain.Everything || all[0].Share.Digest != s.Digest {
			w.Fatalf("%+v", all)
		}
		again := w.share("school", now, a) // the last one counts
		if all := w.seenBy("school", now, 500); len(all) != 2 || all[1].Share.ID != again.ID {
			w.Fatalf("%+v", all)
		}
		if len(w.seenBy("school", again.ExpireTime, 500)) != 0 || len(w.seenBy("", now, 500)) != 0 {
			w.Fatal("past its end, or shown to nobody, and seen")
		}
		for range 2 {
			w.write(func(tx domain.Tx) error {
				got, err := domain.HideAttestationShare(w.ctx(), tx, again.ID, now)
				if err == nil && !got.HideTime.Equal(now) {
					err = errors.New("not hidden")
				}
				return err
			})
		}
		if _, err := w.AttestationShareOf(w.ctx(), again.Digest); !errors.Is(err, domain.ErrAttestationNotShown) {
			w.Fatal(err)
		}
		if all := w.seenBy("school", now, 500); len(all) != 2 || all[0].Share.ID != s.ID {
			w.Fatalf("with the last one hidden, the one before is seen again: %+v", all)
		}
		w.refuses("", w.erase(a.PersonID, now))
		if _, err := w.AttestationShare(w.ctx(), s.ID); !errors.Is(err, domain.ErrAttestationShareNotFound) {
			w.Fatal(err)
		}
		if all := w.seenBy("school", now, 500); len(all) != 1 || all[0].ID != b.ID {
			w.Fatalf("%+v", all)
		}
	})
}

// A share of what is somebody else's by now shows nothing of it.
func TestSharedNoLongerTheirs(t *testing.T) {
	both(t, func(w world) {
		a := w.attested(1, w.signer())[1]
		s := w.share("school", now, a)
		err := w.db.Write(w.ctx(), func(tx *sql.Tx) error {
			_, err := tx.ExecContext(w.ctx(), `UPDATE attestations SET person_id = 'forgotten' WHERE id = $1`, a.ID)
			return err
		})
		if err != nil {
			w.Fatal(err)
		}
		if all, err := w.SharedCredentials(w.ctx(), s.ID); err != nil || len(all) != 0 || len(w.seenBy("school", now, 10)) != 0 {
			w.Fatalf("%+v, %v", all, err)
		}
	})
}

// Badges stand beside attestations, are the holder's too, and go with the share.
func TestSharedBadges(t *testing.T) {
	both(t, func(w world) {
		c := w.circle(3)
		who, other := c.people[1], c.people[2]
		badge := orFail1(w.Badge(w.ctx(), orFail1(c.claim(c.Store, who, level1)).BadgeID))
		theirs := orFail1(w.Badge(w.ctx(), orFail1(c.claim(c.Store, other, level1)).BadgeID))
		own := orFail1(w.Attestations(w.ctx(), domain.AttestationQuery{PersonID: who, Page: domain.Page{Limit: 1}}))[0]
		create := func(person, structure string, attestations, badges []string) (s domain.AttestationShare, err error) {
			s = domain.AttestationShare{ID: newID(), PersonID: person, Shown: domain.Everything, Attestations: attestations, Badges: badges,
				StructureID: structure, Digest: newID()}
			err = w.Write(w.ctx(), func(tx domain.Tx) (err error) {
				s, err = domain.CreateAttestationShare(w.ctx(), tx, s, now)
				return err
			})
			return s, err
		}
		w.refuses("NOT_FOUND", second(create(who, "", nil, []string{theirs.ID})))
		w.refuses("NOT_FOUND", second(create(who, "", []string{badge.ID}, nil)))
		w.refuses("NOT_FOUND", second(create(who, "", nil, []string{own.ID})))
		w.refuses("SHARE_SIZE", second(create(who, "", nil, nil)))
		s := orFail1(create(who, "school", []string{own.ID}, []string{badge.ID}))
		if got := orFail1(w.AttestationShare(w.ctx(), s.ID)); !reflect.DeepEqual(got, s) {
			w.Fatalf("%+v, want %+v", got, s)
		}
		listed := orFail1(w.AttestationShares(w.ctx(), domain.AttestationShareQuery{PersonID: who, Now: now, Page: domain.Page{Limit: 10}}))
		if len(listed) != 1 || !reflect.DeepEqual(listed[0], s) {
			w.Fatalf("%+v", listed)
		}
		want := []domain.SharedCredential{{ID: own.ID, JWT: own.JWT, TimeZone: paris}, {ID: badge.ID, IsBadge: true, JWT: badge.JWT}}
		if got := orFail1(w.SharedCredentials(w.ctx(), s.ID)); !reflect.DeepEqual(got, want) {
			w.Fatalf("%+v, want %+v", got, want)
		}
		orFail1(create(other, "school", nil, []string{theirs.ID}))
		again := orFail1(create(who, "school", nil, []string{badge.ID})) // the last one counts, for the badge alone
		orFail1(create(who, "library", nil, []string{badge.ID}))
		for _, size := range []int{1, 2, 500} {
			var told []string
			for _, c := range w.seenBy("school", now, size) {
				told = append(told, c.Share.ID+" "+c.ID)
			}
			if len(told) != 3 || told[0] != s.ID+" "+own.ID || told[2] != again.ID+" "+badge.ID {
				w.Fatalf("%d at a time: %q", size, told)
			}
		}
		w.write(func(tx domain.Tx) error {
			b, err := tx.Badge(w.ctx(), badge.ID)
			if err == nil {
				_, err = domain.RevokeBadge(w.ctx(), tx, b, domain.Revocation{Time: now, PersonID: "coordinator", Reason: "Une erreur"})
			}
			return err
		})
		w.refuses("BADGE_REVOKED", second(create(who, "", nil, []string{badge.ID})))
		got := orFail1(w.SharedCredentials(w.ctx(), s.ID))
		if len(got) != 2 || got[1].Revoked != (domain.Revocation{Time: now, Reason: "Une erreur"}) {
			w.Fatalf("%+v", got)
		}
		w.refuses("", w.erase(who, now))
		if n := w.number(`SELECT count(*) FROM shared_badges`); n != 1 || len(w.seenBy("school", now, 10)) != 1 {
			w.Fatalf("%d badges are shown after the erasure", n)
		}
	})
}

// Hiding twice at once hides once, and nobody is refused.
func TestHideAttestationShareConcurrent(t *testing.T) {
	both(t, func(w world) {
		s := w.share("school", now, w.attested(1, w.signer())[1])
		said := w.together(8, func(i int) error {
			return w.Write(w.ctx(), func(tx domain.Tx) error {
				_, err := domain.HideAttestationShare(w.ctx(), tx, s.ID, now.Add(time.Duration(i)*time.Second))
				return err
			})
		})
		got, err := w.AttestationShare(w.ctx(), s.ID)
		if err != nil || got.HideTime.IsZero() || len(said) != 1 || said[""] != 8 {
			w.Fatalf("%v, %+v, %v", said, got, err)
		}
	})
}
