package store

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/services/indicators/internal/domain"
)

const (
	interestColumns    = `id, version, person_id, campaign_id, commune, withdrawn, registered_at`
	attestationColumns = `id, version, person_id, meeting_id, campaign_id, commune, issued_at, revoked`
	enrolmentColumns   = `id, version, person_id, completed`
)

func readInterest(scan database.Scan) (i domain.Interest, err error) {
	var withdrawn, registered int64
	err = scan(&i.ID, &i.Version, &i.PersonID, &i.CampaignID, &i.Commune, &withdrawn, &registered)
	i.Withdrawn, i.Registered = withdrawn == 1, database.Time(registered)
	return i, err
}

func readAttestation(scan database.Scan) (a domain.Attestation, err error) {
	var issued, revoked int64
	err = scan(&a.ID, &a.Version, &a.PersonID, &a.MeetingID, &a.CampaignID, &a.Commune, &issued, &revoked)
	a.Issued, a.Revoked = database.Time(issued), revoked == 1
	return a, err
}

func readEnrolment(scan database.Scan) (e domain.Enrolment, err error) {
	var completed int64
	err = scan(&e.ID, &e.Version, &e.PersonID, &completed)
	e.Completed = completed == 1
	return e, err
}

func readStanding(scan database.Scan) (s domain.Standing, err error) {
	var sensitised, trained int64
	var campaigns string
	err = scan(&s.Commune, &sensitised, &trained, &campaigns)
	s.Sensitised, s.Trained = sensitised == 1, trained == 1
	return s, errors.Join(err, json.Unmarshal([]byte(campaigns), &s.Campaigns))
}

// ClaimPerson writes the person's row, though it changes nothing in it: on PostgreSQL a second transaction waits here for the
// first, and then sees what that one did.
func (t *tx) ClaimPerson(ctx context.Context, personID string) (domain.Standing, error) {
	return database.One(ctx, t.q, errs.ErrAborted, readStanding,
		`INSERT INTO standings (person_id, commune, sensitised, trained, campaigns) VALUES ($1, '', 0, 0, '[]')
		 ON CONFLICT (person_id) DO UPDATE SET person_id = excluded.person_id
		 RETURNING commune, sensitised, trained, campaigns`, personID)
}

// History returns all that was heard of a person.
func (r reads) History(ctx context.Context, personID string) (h domain.History, err error) {
	var failures [3]error
	h.Interests, failures[0] = database.All(ctx, r.q, readInterest,
		`SELECT `+interestColumns+` FROM interests WHERE person_id = $1`, personID)
	h.Attestations, failures[1] = database.All(ctx, r.q, readAttestation,
		`SELECT `+attestationColumns+` FROM attestations WHERE person_id = $1`, personID)
	h.Enrolments, failures[2] = database.All(ctx, r.q, readEnrolment,
		`SELECT `+enrolmentColumns+` FROM enrolments WHERE person_id = $1`, personID)
	return h, errors.Join(failures[:]...)
}

// SaveStanding stores how a claimed person counts.
func (t *tx) SaveStanding(ctx context.Context, personID string, s domain.Standing) error {
	campaigns, err := json.Marshal(append([]string{}, s.Campaigns...)) // none is an empty list, which SQL can read
	if err != nil {
		return err
	}
	return database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE standings SET commune = $1, sensitised = $2, trained = $3, campaigns = $4 WHERE person_id = $5`,
		s.Commune, flag(s.Sensitised), flag(s.Trained), string(campaigns), personID))
}

// AddTallies adds differences to the tallies.
func (t *tx) AddTallies(ctx context.Context, differences []domain.Tally) error {
	for _, d := range differences {
		_, err := t.SQL.ExecContext(ctx,
			`INSERT INTO tallies (campaign_id, commune, sensitised, trained) VALUES ($1, $2, $3, $4)
			 ON CONFLICT (campaign_id, commune) DO UPDATE SET
			     sensitised = tallies.sensitised + excluded.sensitised, trained = tallies.trained + excluded.trained`,
			d.Campaign, d.Commune, d.Sensitised, d.Trained)
		if err != nil {
			return database.Explain(err)
		}
	}
	return nil
}

// SaveInterest stores an interest, unless a version as high is there.
func (t *tx) SaveInterest(ctx context.Context, i domain.Interest) (newer bool, err error) {
	return t.upsert(ctx,
		`INSERT INTO interests (`+interestColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)
		 ON CONFLICT (id) DO UPDATE SET version = excluded.version, person_id = excluded.person_id, campaign_id = excluded.campaign_id,
		     commune = excluded.commune, withdrawn = excluded.withdrawn, registered_at = excluded.registered_at
		 WHERE interests.version < excluded.version`,
		i.ID, i.Version, i.PersonID, i.CampaignID, i.Commune, flag(i.Withdrawn), database.Micros(i.Registered))
}

// SaveAttestation stores an attestation, unless a version as high is there.
func (t *tx) SaveAttestation(ctx context.Context, a domain.Attestation) (newer bool, err error) {
	return t.upsert(ctx,
		`INSERT INTO attestations (`+attestationColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		 ON CONFLICT (id) DO UPDATE SET version = excluded.version, person_id = excluded.person_id, meeting_id = excluded.meeting_id,
		     campaign_id = excluded.campaign_id, commune = excluded.commune, issued_at = excluded.issued_at, revoked = excluded.revoked
		 WHERE attestations.version < excluded.version`,
		a.ID, a.Version, a.PersonID, a.MeetingID, a.CampaignID, a.Commune, database.Micros(a.Issued), flag(a.Revoked))
}

// SaveEnrolment stores an enrolment, unless a version as high is there.
func (t *tx) SaveEnrolment(ctx context.Context, e domain.Enrolment) (newer bool, err error) {
	return t.upsert(ctx,
		`INSERT INTO enrolments (`+enrolmentColumns+`) VALUES ($1, $2, $3, $4)
		 ON CONFLICT (id) DO UPDATE SET version = excluded.version, person_id = excluded.person_id, completed = excluded.completed
		 WHERE enrolments.version < excluded.version`,
		e.ID, e.Version, e.PersonID, flag(e.Completed))
}
