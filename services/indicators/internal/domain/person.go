package domain

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Interest is a person's wish to follow a module, as mesh tells it.
type Interest struct {
	ID, PersonID string
	CampaignID   string // "" outside of any
	Commune      string
	Withdrawn    bool
	Registered   time.Time
	Version      int64
}

// Attestation is the proof of a person's part in a meeting, as meetings tells it.
type Attestation struct {
	ID, PersonID string
	MeetingID    string
	CampaignID   string // "" outside of any
	Commune      string // "" when the meeting had none
	Issued       time.Time
	Revoked      bool
	Version      int64
}

// Enrolment is a person's way through a module, as the catalogue tells it.
type Enrolment struct {
	ID, PersonID string
	Completed    bool
	Version      int64
}

// History is all that was heard of a person.
type History struct {
	Interests    []Interest
	Attestations []Attestation
	Enrolments   []Enrolment
}

// Standing is how a person counts.
type Standing struct {
	Commune    string // "" when the person counts for the whole country only
	Sensitised bool
	Trained    bool
	Campaigns  []string // those in which the person has an interest
}

// Standing says how a person counts: sensitised with an interest that is not withdrawn; trained, by version 1 of the rule, with
// one attested meeting, whose attestation was not revoked, or one completed module. The person counts where the latest interest is, otherwise where the latest
// attested meeting was.
func (h History) Standing() Standing {
	live := slices.DeleteFunc(slices.Clone(h.Interests), func(i Interest) bool { return i.Withdrawn })
	held := slices.DeleteFunc(slices.Clone(h.Attestations), func(a Attestation) bool { return a.Revoked })
	s := Standing{
		Sensitised: len(live) > 0,
		Trained:    len(held) > 0 || slices.ContainsFunc(h.Enrolments, func(e Enrolment) bool { return e.Completed }),
	}
	switch {
	case len(live) > 0:
		s.Commune = slices.MaxFunc(live, laterInterest).Commune
	case len(held) > 0:
		s.Commune = slices.MaxFunc(held, laterAttestation).Commune
	}
	for _, i := range live {
		if i.CampaignID != "" {
			s.Campaigns = append(s.Campaigns, i.CampaignID)
		}
	}
	slices.Sort(s.Campaigns)
	s.Campaigns = slices.Compact(s.Campaigns)
	return s
}

// The ids decide between two of the same instant, so that every order of arrival ends the same.
func laterInterest(a, b Interest) int {
	return cmp.Or(a.Registered.Compare(b.Registered), cmp.Compare(a.ID, b.ID))
}

func laterAttestation(a, b Attestation) int {
	return cmp.Or(a.Issued.Compare(b.Issued), cmp.Compare(a.ID, b.ID))
}

// RecordInterest takes in an interest, and what follows for its person.
func RecordInterest(ctx context.Context, tx Tx, i Interest) error {
	return record(ctx, tx, i.PersonID, func() (bool, error) { return tx.SaveInterest(ctx, i) })
}

// RecordAttestation takes in an attestation, and what follows for its person.
func RecordAttestation(ctx context.Context, tx Tx, a Attestation) error {
	return record(ctx, tx, a.PersonID, func() (bool, error) { return tx.SaveAttestation(ctx, a) })
}

// RecordEnrolment takes in an enrolment, and what follows for its person.
func RecordEnrolment(ctx context.Context, tx Tx, e Enrolment) error {
	return record(ctx, tx, e.PersonID, func() (bool, error) { return tx.SaveEnrolment(ctx, e) })
}

// record claims the person before it reads anything: two events of one person, heard at once, would each overlook the other. What is heard
// of somebody who was erased comes too late.
func record(ctx context.Context, tx Tx, personID string, save func() (newer bool, err error)) error {
	before, err := tx.ClaimPerson(ctx, personID)
	if err != nil {
		return err
	}
	erased, err := tx.Erased(ctx, personID)
	if err != nil {
		return err
	}
	if erased {
		return tx.ForgetPerson(ctx, personID)
	}
	newer, err := save()
	if err != nil || !newer {
		return err
	}
	history, err := tx.History(ctx, personID)
	if err != nil {
		return err
	}
	after := history.Standing()
	differences := Differences(before, after)
	if len(differences) == 0 {
		return nil
	}
	if err := tx.SaveStanding(ctx, personID, after); err != nil {
		return err
	}
	return tx.AddTallies(ctx, differences)
}
