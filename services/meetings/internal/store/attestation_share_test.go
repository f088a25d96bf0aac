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
func (w world) seenBy(structure string, at time.Time, size int) (all []domain.StructureAttestation) {
	w.Helper()
	q := domain.StructureAttestationQuery{StructureID: structure, Now: at, Page: domain.Page{Limit: size}}
	for {
		some, err := w.StructureAttestations(w.ctx(), q)
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
		if all, err := w.SharedAttestations(w.ctx(), s.ID); err != nil || len(all) != 1 || all[0].Attestation != a || all[0].TimeZone != paris {
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
		w.write(func(tx domain.Tx) error { return tx.DeleteAttestationShares(w.ctx(), a.PersonID) })
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
		if all, err := w.SharedAttestations(w.ctx(), s.ID); err != nil || len(all) != 0 || len(w.seenBy("school", now, 10)) != 0 {
			w.Fatalf("%+v, %v", all, err)
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
