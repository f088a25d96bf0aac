package store

import (
	"context"
	"errors"
	"strings"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/errs"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const preferencesColumns = `person_id, level, short_reminder, meeting_confirmed, quiet_start, quiet_end, version`

// addressees joins registrations (r) with what their persons want (p) and were told (t); whoever chose nothing has the usual, which
// stand in the query as they stand in the domain.
var addressees = `SELECT r.` + strings.ReplaceAll(registrationColumns, ", ", ", r.") + `,
		coalesce(p.level, 0), coalesce(p.short_reminder, 0), coalesce(p.meeting_confirmed, 0), coalesce(p.quiet_start, 0),
		coalesce(p.quiet_end, 0), coalesce(p.version, 0),
		coalesce(t.starts_at, 0), coalesce(t.ends_at, 0), coalesce(t.time_zone, ''), coalesce(t.place_id, ''),
		coalesce(t.mode, 0), coalesce(t.remote_url, ''), coalesce(t.version, 0)
	FROM registrations r LEFT JOIN notice_preferences p ON p.person_id = r.person_id LEFT JOIN notice_terms t ON t.subject_id = r.id
	WHERE `

func readAddressee(scan database.Scan) (a domain.Addressee, err error) {
	var start, end int64
	var p domain.NoticePreferences
	a.Registration, err = readRegistration(func(dest ...any) error {
		return scan(append(dest, &p.Level, &p.ShortReminder, &p.MeetingConfirmed, &p.QuietStart, &p.QuietEnd, &p.Version,
			&start, &end, &a.Told.TimeZone, &a.Told.PlaceID, &a.Told.Mode, &a.Told.RemoteURL, &a.Told.Version)...)
	})
	if p.Version == 0 {
		p = domain.UsualPreferences()
	}
	a.Preferences, a.Told.Start, a.Told.End = p, instant(start), instant(end)
	return a, err
}

// Addressee returns the person of a registration, or domain.ErrRegistrationNotFound.
func (r reads) Addressee(ctx context.Context, registrationID string) (domain.Addressee, error) {
	return database.One(ctx, r.q, domain.ErrRegistrationNotFound, readAddressee, addressees+`r.id = $1`, registrationID)
}

// AddresseeAbout returns a person, with what they were told in the matter of something that is no registration.
func (r reads) AddresseeAbout(ctx context.Context, personID, subjectID string) (a domain.Addressee, err error) {
	a.PersonID = personID
	if a.Preferences, err = r.NoticePreferences(ctx, personID); err != nil {
		return a, err
	}
	told, err := database.All(ctx, r.q, func(scan database.Scan) (t domain.Terms, err error) {
		var start, end int64
		err = scan(&start, &end, &t.TimeZone, &t.PlaceID, &t.Mode, &t.RemoteURL, &t.Version)
		t.Start, t.End = instant(start), instant(end)
		return t, err
	}, `SELECT starts_at, ends_at, time_zone, place_id, mode, remote_url, version FROM notice_terms WHERE subject_id = $1`, subjectID)
	if len(told) > 0 {
		a.Told = told[0]
	}
	return a, err
}

// Addressees returns the persons of a meeting's registrations, oldest first.
func (r reads) Addressees(ctx context.Context, meetingID string, p domain.Page) ([]domain.Addressee, error) {
	created, id := after(p)
	return database.All(ctx, r.q, readAddressee, addressees+`r.meeting_id = $1 AND (r.created_at, r.id) > ($2, $3)
		ORDER BY r.created_at, r.id LIMIT CAST($4 AS BIGINT)`, meetingID, created, id, p.Limit)
}

// NoticePreferences returns what a person chose, or the usual preferences.
func (r reads) NoticePreferences(ctx context.Context, personID string) (domain.NoticePreferences, error) {
	p, err := database.One(ctx, r.q, errs.ErrNotFound, func(scan database.Scan) (p domain.NoticePreferences, err error) {
		return p, scan(&p.Level, &p.ShortReminder, &p.MeetingConfirmed, &p.QuietStart, &p.QuietEnd, &p.Version)
	}, `SELECT level, short_reminder, meeting_confirmed, quiet_start, quiet_end, version FROM notice_preferences WHERE person_id = $1`, personID)
	if errors.Is(err, errs.ErrNotFound) {
		return domain.UsualPreferences(), nil
	}
	return p, err
}

// SavePreferences stores the next version of a person's preferences.
func (t *tx) SavePreferences(ctx context.Context, personID string, p domain.NoticePreferences) error {
	return database.Updated(t.SQL.ExecContext(ctx,
		`INSERT INTO notice_preferences (`+preferencesColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)
		 ON CONFLICT (person_id) DO UPDATE SET level = excluded.level, short_reminder = excluded.short_reminder,
		     meeting_confirmed = excluded.meeting_confirmed, quiet_start = excluded.quiet_start, quiet_end = excluded.quiet_end,
		     version = excluded.version
		 WHERE notice_preferences.version = excluded.version - 1`,
		personID, int(p.Level), number(p.ShortReminder), number(p.MeetingConfirmed), p.QuietStart, p.QuietEnd, p.Version))
}
