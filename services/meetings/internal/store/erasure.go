package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/erasure"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// What an erasure does to each table that holds people; what becomes of each, and why: docs/personal-data.md. A new table that names
// people has its line in one of these two lists.

// forgetting is what is removed, in this order, while the rows still say whose they are; $1 is the person, $2 the time.
var forgetting = []string{
	// Nothing more is sent, and nobody is asked where to.
	`DELETE FROM jobs WHERE key IN (SELECT 'send:' || key FROM notices WHERE person_id = $1 OR ` + theirs + `)`,
	`DELETE FROM notices WHERE person_id = $1`,
	`UPDATE notices SET state = 3, reason = 'ERASED', ended_at = $2 WHERE state = 1 AND ` + theirs,
	`DELETE FROM notice_terms WHERE subject_id IN (SELECT id FROM registrations WHERE person_id = $1)
	    OR subject_id IN (SELECT id FROM asks WHERE person_id = $1)`,
	`DELETE FROM notice_preferences WHERE person_id = $1`,
	`DELETE FROM attestation_shares WHERE person_id = $1`, // and with them what they show
	`DELETE FROM calendars WHERE person_id = $1 OR subject_id = $1`,
	`DELETE FROM check_in_tries WHERE person_id = $1`,
	`DELETE FROM poll_votes WHERE person_id = $1`,
	`DELETE FROM slot_choices WHERE person_id = $1`,
	`DELETE FROM programme_members WHERE person_id = $1`,
	`DELETE FROM respondents WHERE person_id = $1`,
	`DELETE FROM bookings WHERE resource_kind = 3 AND resource_id = $1`,
	`DELETE FROM resources WHERE kind = 3 AND id = $1`,
	`UPDATE problem_routes SET retired_at = $2 WHERE person_id = $1 AND retired_at = 0`,
	`UPDATE programmes SET organiser_id = '' WHERE organiser_id = $1`,
	`UPDATE group_organisers SET organiser_id = '' WHERE organiser_id = $1`,
	// A claim that waits for peers goes with what they have said of it. What a badge was issued on stays, without words and without what shows it.
	`DELETE FROM badge_recognitions WHERE claim_id IN (` + claimed + ` AND state <> 2)`,
	`DELETE FROM badge_evidence WHERE claim_id IN (` + claimed + `)`,
	`DELETE FROM badge_claims WHERE person_id = $1 AND state <> 2`,
	`UPDATE badge_claims SET words = '', name_shared = 0 WHERE person_id = $1`,
	`UPDATE badge_recognitions SET sentence = '' WHERE person_id = $1 OR peer_id = $1`,
	// What a copy of a credential is checked against stays, the credential itself does not.
	`UPDATE attestations SET credential = '', credential_json = '' WHERE person_id = $1`,
	`UPDATE badges SET credential = '', credential_json = '' WHERE person_id = $1`,
	// Words about the person, and the person's own about themselves.
	`UPDATE registrations SET reason = '', name_shared = 0 WHERE person_id = $1`,
	`UPDATE attendance_changes SET reason = '' WHERE person_id = $1 OR registration_id IN (SELECT id FROM registrations WHERE person_id = $1)`,
	`UPDATE asks SET reason = '' WHERE person_id = $1`,
	`UPDATE checklist_items SET note = '' WHERE person_id = $1`,
}

// theirs are the notices about what is the person's, though the subject alone says so.
const theirs = `(subject_id IN (SELECT id FROM registrations WHERE person_id = $1) OR subject_id IN (SELECT id FROM asks WHERE person_id = $1))`

// claimed are the person's claims of badges.
const claimed = `SELECT id FROM badge_claims WHERE person_id = $1`

// stand is a column in which an id that is nobody's takes the person's place, another one for each value of a second column. What goes on by
// the ordinary ways is left to them: what a request that was under way has added meanwhile waits until the erasure settles.
type stand struct {
	table, column, apart, unless string
	along                        string // what is set with it
}

// standing are all of them. Meetings are told apart, so that nothing leads from one to another.
var standing = []stand{
	{"registrations", "person_id", "meeting_id", `state IN (1, 6, 7) AND EXISTS (SELECT 1 FROM seats s WHERE s.meeting_id = registrations.meeting_id
		AND s.mode = registrations.mode AND s.role = registrations.role AND s.closes_at > $2)`, ""},
	{"attestations", "person_id", "meeting_id", "", ""},
	{"attestations", "revoked_by", "meeting_id", "", ""},
	{"badge_claims", "person_id", "id", "", ""},
	{"badges", "person_id", "claim_id", "", ""},
	{"badges", "revoked_by", "claim_id", "", ""},
	{"badge_recognitions", "person_id", "claim_id", "", pairWith("peer_id")},
	{"badge_recognitions", "peer_id", "claim_id", "", pairWith("person_id")},
	{"meetings", "organiser_id", "id", `state IN (1, 2, 3)`, ""},
	{"meetings", "countersigner_id", "id", "", ""},
	{"attendance_changes", "person_id", "meeting_id", "", ""},
	{"declaration_returns", "person_id", "meeting_id", "", ""},
	{"minutes", "author_id", "meeting_id", "", ""},
	{"minutes", "closer_id", "meeting_id", "", ""},
	{"minutes_reopenings", "person_id", "meeting_id", "", ""},
	{"checklist_items", "person_id", "meeting_id", "", ""},
	{"referents", "person_id", "meeting_id", "", ""},
	{"incidents", "reporter_id", "meeting_id", "", ""},
	{"problems", "reporter_id", "id", "", ""},
	{"problems", "responsible_id", "id", "", ""},
	{"problem_routes", "person_id", "id", "", ""},
	{"asks", "person_id", "meeting_id", "", ""},
	{"professional_searches", "person_id", "meeting_id", "", ""},
	{"swaps", "person_id", "id", `state = 1`, ""},
	{"swaps", "accepted_by", "id", "", ""},
}

// pairWith keeps the two of a recognition in the order of their ids.
func pairWith(other string) string {
	return `, one = CASE WHEN ` + other + ` < $3 THEN ` + other + ` ELSE $3 END, other = CASE WHEN ` + other + ` < $3 THEN $3 ELSE ` + other + ` END`
}

// ForgetPerson removes a person from every table.
func (t *tx) ForgetPerson(ctx context.Context, personID string, now time.Time) error {
	for _, statement := range forgetting {
		args := []any{personID}
		if strings.Contains(statement, "$2") {
			args = append(args, database.Micros(now))
		}
		if _, err := t.SQL.ExecContext(ctx, statement, args...); err != nil {
			return database.Explain(err)
		}
	}
	nobody := map[string]string{}
	for _, s := range standing {
		if err := t.replace(ctx, s, personID, now, nobody); err != nil {
			return err
		}
	}
	return nil
}

// replace puts nobody into a column; nobody is who stands in for the person at each meeting.
func (t *tx) replace(ctx context.Context, s stand, personID string, now time.Time, nobody map[string]string) error {
	where := s.column + ` = $1 AND CAST($2 AS BIGINT) > 0` // PostgreSQL wants to know of each parameter what it is
	if s.unless != "" {
		where += ` AND NOT (` + s.unless + `)`
	}
	find := `SELECT DISTINCT ` + s.apart + ` FROM ` + s.table + ` WHERE ` + where //nolint:gosec // of the list above
	found, err := database.All(ctx, t.q, func(scan database.Scan) (id string, err error) { return id, scan(&id) }, find, personID, database.Micros(now))
	if err != nil {
		return err
	}
	update := `UPDATE ` + s.table + ` SET ` + s.column + ` = $3` + s.along + ` WHERE ` + where + ` AND ` + s.apart + ` = $4` //nolint:gosec // as above
	for _, id := range found {
		if nobody[id] == "" {
			nobody[id] = erasure.StandIn()
		}
		if _, err := t.SQL.ExecContext(ctx, update, personID, database.Micros(now), nobody[id], id); err != nil {
			return database.Explain(err)
		}
	}
	return nil
}

// Erased tells whether a person was erased.
func (r reads) Erased(ctx context.Context, personID string) (bool, error) {
	at, err := erasure.When(ctx, r.q, personID)
	return !at.IsZero(), err
}

// LiveRegistrations returns a person's in all meetings, in the order in which meetings are locked.
func (t *tx) LiveRegistrations(ctx context.Context, personID string) ([]domain.Registration, error) {
	return database.All(ctx, t.q, readRegistration,
		`SELECT `+registrationColumns+` FROM registrations WHERE person_id = $1 AND state IN (1, 3, 4, 5, 6, 7) ORDER BY meeting_id`, personID)
}

// OrganisedBy returns the meetings that a person organises and that were not declared yet.
func (t *tx) OrganisedBy(ctx context.Context, personID string) ([]domain.Meeting, error) {
	return t.meetings(ctx, `SELECT `+meetingColumns+` FROM meetings WHERE organiser_id = $1 AND state IN (1, 2, 3) ORDER BY id`, personID)
}

// AnswersFor returns the meetings for which a person was named as the referent, and has not declined.
func (t *tx) AnswersFor(ctx context.Context, personID string) ([]domain.Meeting, error) {
	return t.meetings(ctx, `SELECT `+meetingColumns+` FROM meetings
		WHERE id IN (SELECT meeting_id FROM referents WHERE person_id = $1 AND state <> `+strconv.Itoa(int(domain.ReferentDeclined))+`) ORDER BY id`, personID)
}
