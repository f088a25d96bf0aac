package store

import (
	"context"
	"fmt"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const (
	calendarColumns = `id, person_id, kind, subject_id, digest, created_at, revoked_at`
	// entryColumns are what a feed shows of a meeting: a territory has a thousand of them.
	entryColumns = `id, version, module_title, title, state, starts_at, ends_at, time_zone, mode, remote_url, place_id, commune_code, organiser_id,
	created_at`
	// changed is when a meeting last changed.
	changed = `CASE WHEN updated_at = 0 THEN created_at ELSE updated_at END`
)

// entriesOf finds the meetings of a kind of feed; $1 is of whom or of what it is. Those of a person are the ones where they hold a seat,
// or that they organise, come to as a professional, or answer for.
var entriesOf = map[domain.CalendarKind]string{
	domain.PersonCalendar: `id IN (SELECT meeting_id FROM registrations WHERE person_id = $1 AND state IN (1, 3, 4, 5, 7)
	        UNION SELECT id FROM meetings WHERE organiser_id = $1
	        UNION SELECT meeting_id FROM asks WHERE person_id = $1 AND state = 3
	        UNION SELECT meeting_id FROM referents WHERE person_id = $1 AND state = 2)`,
	domain.GroupCalendar:     `group_id = $1`,
	domain.PlaceCalendar:     `place_id = $1 AND mode <> 2`,
	domain.TerritoryCalendar: `commune_code IN (SELECT commune_code FROM commune_territories WHERE territory_code = $1)`,
}

// whatPerson is what a person is at a meeting; in the feeds of others there is nobody.
func whatPerson(kind domain.CalendarKind) string {
	if kind != domain.PersonCalendar {
		return `0, 0, 0`
	}
	return `coalesce((SELECT r.state FROM registrations r WHERE r.meeting_id = meetings.id AND r.person_id = $1 AND r.state IN (1, 3, 4, 5, 7)), 0),
	        coalesce((SELECT r.mode FROM registrations r WHERE r.meeting_id = meetings.id AND r.person_id = $1 AND r.state IN (1, 3, 4, 5, 7)), 0),
	        (SELECT count(*) FROM asks a WHERE a.meeting_id = meetings.id AND a.person_id = $1 AND a.state = 3)`
}

func readCalendar(scan database.Scan) (c domain.Calendar, err error) {
	var created, revoked int64
	err = scan(&c.ID, &c.PersonID, &c.Kind, &c.SubjectID, &c.Digest, &created, &revoked)
	c.CreateTime, c.RevokeTime = database.Time(created), instant(revoked)
	return c, err
}

// Calendar returns a feed, or domain.ErrCalendarNotFound.
func (r reads) Calendar(ctx context.Context, id string) (domain.Calendar, error) {
	return database.One(ctx, r.q, domain.ErrCalendarNotFound, readCalendar, `SELECT `+calendarColumns+` FROM calendars WHERE id = $1`, id)
}

// CalendarOf returns the feed of a link that serves, or domain.ErrCalendarNotFound.
func (r reads) CalendarOf(ctx context.Context, digest string) (domain.Calendar, error) {
	return database.One(ctx, r.q, domain.ErrCalendarNotFound, readCalendar,
		`SELECT `+calendarColumns+` FROM calendars WHERE digest = $1 AND revoked_at = 0`, digest)
}

// Calendars returns a person's feeds whose links serve, oldest first.
func (r reads) Calendars(ctx context.Context, q domain.CalendarQuery) ([]domain.Calendar, error) {
	created, id := after(q.Page)
	return database.All(ctx, r.q, readCalendar,
		`SELECT `+calendarColumns+` FROM calendars WHERE person_id = $1 AND revoked_at = 0 AND (created_at, id) > ($2, $3)
		 ORDER BY created_at, id LIMIT CAST($4 AS BIGINT)`, q.PersonID, created, id, q.Limit)
}

// CalendarEntries returns what is in a feed, by start.
func (r reads) CalendarEntries(ctx context.Context, c domain.Calendar, w domain.CalendarWindow) ([]domain.CalendarEntry, error) {
	query := `SELECT ` + entryColumns + `, ` + changed + `, ` + whatPerson(c.Kind) + ` FROM meetings WHERE id IN (
	    SELECT id FROM meetings WHERE ` + entriesOf[c.Kind] + ` AND state <> 1 AND ends_at > $2 AND (state <> 7 OR ` + changed + ` > $3)
	    ORDER BY abs(starts_at - $4), id LIMIT CAST($5 AS BIGINT))
	 ORDER BY starts_at, id`
	return database.All(ctx, r.q, readEntry, query,
		c.SubjectID, database.Micros(w.EndedSince), database.Micros(w.CancelledFrom), database.Micros(w.Now), w.Limit)
}

func readEntry(scan database.Scan) (e domain.CalendarEntry, err error) {
	m := &e.Meeting
	var start, end, created, modified, asked int64
	err = scan(&m.ID, &m.Version, &m.ModuleTitle, &m.Title, &m.State, &start, &end, &m.TimeZone, &m.Mode, &m.RemoteURL, &m.PlaceID, &m.CommuneCode,
		&m.OrganiserID, &created, &modified, &e.Seat, &e.SeatMode, &asked)
	m.Start, m.End, m.CreateTime = database.Time(start), database.Time(end), database.Time(created)
	e.ModifyTime, e.Asked = database.Time(modified), asked > 0
	return e, err
}

// InsertCalendar adds a feed.
func (t *tx) InsertCalendar(ctx context.Context, c domain.Calendar) error {
	_, err := t.SQL.ExecContext(ctx, `INSERT INTO calendars (`+calendarColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		c.ID, c.PersonID, int(c.Kind), c.SubjectID, c.Digest, database.Micros(c.CreateTime), micros(c.RevokeTime))
	if err != nil {
		return fmt.Errorf("insert calendar: %w", database.Explain(err))
	}
	return nil
}

// RevokeCalendar ends a link that serves.
func (t *tx) RevokeCalendar(ctx context.Context, id string, now time.Time) error {
	return database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE calendars SET revoked_at = $2 WHERE id = $1 AND revoked_at = 0`, id, database.Micros(now)))
}
