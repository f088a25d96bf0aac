package store_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// declared is a meeting with n learners that awaits its second signature.
func (w world) declared(n int) (id string) {
	w.Helper()
	m := w.meeting(n)
	lines := make([]domain.Attendance, n)
	for i := range lines {
		r := orFail1(w.register(m.ID, newID(), now))
		lines[i] = domain.Attendance{RegistrationID: r.ID, State: domain.RegistrationPresent}
	}
	w.refuses("", w.confirm(m.ID))
	w.refuses("", w.attend(m.ID, m.Start.Add(time.Hour), lines...))
	w.refuses("", w.minuted(m.ID, m.Start.Add(time.Hour)))
	w.refuses("", w.declare(m.ID, m.Start.Add(time.Hour)))
	return m.ID
}

func (w world) attested(n int, c domain.Credentials) []domain.Attestation {
	w.Helper()
	issued, err := w.countersign(w.declared(n), "coordinator", c)
	w.refuses("", err)
	return issued
}

func (w world) revoke(id, reason string) (a domain.Attestation, err error) {
	err = w.Write(w.ctx(), func(tx domain.Tx) error {
		a, err = tx.Attestation(w.ctx(), id)
		if err == nil {
			a, err = domain.RevokeAttestation(w.ctx(), tx, a, domain.Revocation{Time: now.Add(time.Hour), PersonID: "coordinator", Reason: reason})
		}
		return err
	})
	return a, err
}

func TestRevoke(t *testing.T) {
	both(t, func(w world) {
		signer := w.signer()
		w.write(func(tx domain.Tx) error {
			return errors.Join(tx.SaveKey(w.ctx(), signer.Key()), tx.SaveIssuer(w.ctx(), signer.Issuer()))
		})
		issued := w.attested(3, signer)
		before, err := w.StatusList(w.ctx(), 1)
		if err != nil || before.Issued != 4 || len(before.Revoked) != 0 || !before.ChangeTime.Equal(now) {
			w.Fatalf("%+v, %v", before, err)
		}
		revoked, err := w.revoke(issued[2].ID, "Nom d'une autre personne")
		w.refuses("", err)
		_, err = w.revoke(issued[2].ID, "encore")
		w.refuses("ATTESTATION_REVOKED", err)
		stored, err := w.Attestation(w.ctx(), issued[2].ID)
		if err != nil || stored != revoked || stored.Revoked.Reason != "Nom d'une autre personne" || stored.Version() != 2 {
			w.Fatalf("%+v, %v; want %+v", stored, err, revoked)
		}
		if n := w.number(`SELECT count(*) FROM outbox WHERE aggregate = $1`, stored.ID); n != 2 {
			w.Fatalf("%d events of an attestation that was issued and revoked", n)
		}
		after, err := w.StatusList(w.ctx(), 1)
		if err != nil || !slices.Equal(after.Revoked, []int{stored.Status.Index}) || !after.ChangeTime.Equal(now.Add(time.Hour)) {
			w.Fatalf("%+v, %v", after, err)
		}
		for i, a := range issued {
			v, err := domain.Verify(w.ctx(), w.Store, signer, a.JSON, now)
			w.refuses("", err)
			if want := a.ID == stored.ID; (v.Reason == domain.Revoked) != want || (v.Revoked == stored.Revoked) != want || v.Claims.AttestationID != a.ID {
				w.Fatalf("%d: %+v", i, v)
			}
		}
		_, err = w.StatusList(w.ctx(), 2)
		w.refuses("NOT_FOUND", err)
	})
}

// A list that is half full is left for the next one.
func TestStatusListFull(t *testing.T) {
	both(t, func(w world) {
		signer := w.signer()
		w.attested(2, signer)
		w.write(func(tx domain.Tx) error {
			_, err := tx.GrowStatusList(w.ctx(), domain.StatusListLength/2-3)
			return err
		})
		for _, a := range w.attested(2, signer) {
			if a.Status.List != 2 {
				w.Fatalf("%+v", a.Status)
			}
		}
		if l, err := w.StatusList(w.ctx(), 2); err != nil || l.Issued != 3 {
			w.Fatalf("%+v, %v", l, err)
		}
	})
}

// Nobody shares a place, however many are given at once.
func TestConcurrentStatusEntries(t *testing.T) {
	both(t, func(w world) {
		signer := w.signer()
		const meetings, learners = 6, 3
		var all sync.WaitGroup
		var mu sync.Mutex
		seen := map[string]bool{}
		ready := make([]string, meetings)
		for i := range ready {
			ready[i] = w.declared(learners)
		}
		for _, id := range ready {
			all.Go(func() {
				issued, err := w.countersign(id, "coordinator", signer)
				if err != nil {
					w.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				for _, a := range issued {
					seen[fmt.Sprint(a.Status)] = true
				}
			})
		}
		all.Wait()
		if l, err := w.StatusList(w.ctx(), 1); err != nil || len(seen) != meetings*(learners+1) || l.Issued != len(seen) {
			w.Fatalf("%d places, %+v, %v", len(seen), l, err)
		}
	})
}
