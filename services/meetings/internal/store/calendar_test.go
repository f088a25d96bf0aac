package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// at plans a meeting of an hour that begins then, seen from there.
func (w world) at(begin time.Time) (m domain.Meeting) {
	w.Helper()
	w.write(func(tx domain.Tx) (err error) {
		m, err = domain.CreateMeeting(w.ctx(), tx, domain.Plan{
			NewID: newID, Now: begin.Add(-time.Minute), Territories: []string{"44109", "DEP-44", "REG-52", "FR"},
			Slots: []domain.Slot{{Start: begin, End: begin.Add(time.Hour)}},
			Common: domain.Meeting{
				GroupID: newID(), ModuleTitle: "Programmation créative", TimeZone: paris, Capacity: 5, PlaceID: newID(), CommuneCode: "44109",
				OrganiserID: newID(),
			},
		})
		return err
	})
	return m
}

// entries is what a feed shows at an instant.
func (w world) entries(kind domain.CalendarKind, subject string, at time.Time) []domain.CalendarEntry {
	w.Helper()
	c := domain.Calendar{Kind: kind, SubjectID: subject}
	all, err := w.CalendarEntries(w.ctx(), c, c.Window(at))
	if err != nil {
		w.Fatal(err)
	}
	return all
}

func (w world) calendar(person string) (c domain.Calendar) {
	w.Helper()
	id := newID()
	w.write(func(tx domain.Tx) (err error) {
		c, err = domain.CreateCalendar(w.ctx(), tx, domain.Calendar{
			ID: id, PersonID: person, Kind: domain.PlaceCalendar, SubjectID: "p", Digest: "digest of " + id,
		}, now)
		return err
	})
	return c
}

func TestCalendars(t *testing.T) {
	both(t, func(w world) {
		c, other := w.calendar("anne"), w.calendar("ben")
		if got, err := w.Calendar(w.ctx(), c.ID); err != nil || got != c {
			w.Fatalf("%+v, %v; want %+v", got, err, c)
		}
		if got, err := w.CalendarOf(w.ctx(), c.Digest); err != nil || got != c {
			w.Fatalf("%+v, %v; want %+v", got, err, c)
		}
		list := func() []domain.Calendar {
			all, err := w.Calendars(w.ctx(), domain.CalendarQuery{PersonID: "anne", Page: domain.Page{Limit: 10}})
			if err != nil {
				w.Fatal(err)
			}
			return all
		}
		if all := list(); len(all) != 1 || all[0] != c {
			w.Fatalf("%+v", all)
		}
		for range 2 {
			w.write(func(tx domain.Tx) error {
				got, err := domain.RevokeCalendar(w.ctx(), tx, c.ID, now)
				if err == nil && !got.RevokeTime.Equal(now) {
					err = fmt.Errorf("%+v", got)
				}
				return err
			})
		}
		if _, err := w.CalendarOf(w.ctx(), c.Digest); !errors.Is(err, domain.ErrCalendarNotFound) || len(list()) != 0 {
			w.Fatalf("revoked, and found: %v", err)
		}
		if _, err := w.CalendarOf(w.ctx(), other.Digest); err != nil {
			w.Fatal(err)
		}
		err := w.Write(w.ctx(), func(tx domain.Tx) error {
			_, err := domain.RevokeCalendar(w.ctx(), tx, newID(), now)
			return err
		})
		if !errors.Is(err, domain.ErrCalendarNotFound) {
			w.Fatal(err)
		}
	})
}

// A meeting stays for a year after its end, one that was called off for 60 days after that; a draft is nowhere.
func TestCalendarWindow(t *testing.T) {
	both(t, func(w world) {
		m := w.at(now.Add(time.Hour))
		gone := m.End.Add(365 * 24 * time.Hour)
		count := func(at time.Time) int { return len(w.entries(domain.PlaceCalendar, m.PlaceID, at)) }
		if count(now) != 1 || count(gone.Add(-time.Microsecond)) != 1 || count(gone) != 0 {
			w.Fatalf("%d, %d, then %d", count(now), count(gone.Add(-time.Microsecond)), count(gone))
		}
		w.write(func(tx domain.Tx) error {
			_, err := domain.CancelMeeting(w.ctx(), tx, m, domain.Reason{Cause: domain.OtherCause, Note: "salle fermée"}, now)
			return err
		})
		gone = now.Add(60 * 24 * time.Hour)
		all := w.entries(domain.PlaceCalendar, m.PlaceID, gone.Add(-time.Microsecond))
		if len(all) != 1 || all[0].Status() != domain.EntryCancelled || !all[0].ModifyTime.Equal(now) || all[0].Meeting.Version != m.Version+1 || count(gone) != 0 {
			w.Fatalf("%+v, then %d", all, count(gone))
		}

		draft := plan(5)
		draft.Draft = true
		hidden := w.series(draft).Meetings[0]
		for kind, subject := range map[domain.CalendarKind]string{
			domain.PersonCalendar: hidden.OrganiserID, domain.GroupCalendar: hidden.GroupID, domain.PlaceCalendar: hidden.PlaceID,
		} {
			if all := w.entries(kind, subject, now); len(all) != 0 {
				w.Errorf("%d: %+v", kind, all)
			}
		}
	})
}

func TestCalendarEntries(t *testing.T) {
	both(t, func(w world) {
		m, other := w.meeting(1), w.meeting(1)
		w.seat(m.ID, "anne")
		if _, err := w.line(m.ID, "ben", now); err != nil {
			w.Fatal(err)
		}
		for name, c := range map[string]struct {
			kind    domain.CalendarKind
			subject string
			want    int
		}{
			"whoever has a seat": {domain.PersonCalendar, "anne", 1}, "whoever waits": {domain.PersonCalendar, "ben", 0},
			"nobody": {domain.PersonCalendar, "zoe", 0}, "the organiser": {domain.PersonCalendar, m.OrganiserID, 2},
			"a group": {domain.GroupCalendar, m.GroupID, 2}, "a place": {domain.PlaceCalendar, other.PlaceID, 2},
			"a commune": {domain.TerritoryCalendar, "44109", 4}, "a region": {domain.TerritoryCalendar, "REG-52", 4},
			"another region": {domain.TerritoryCalendar, "REG-93", 0}, "what is no code": {domain.TerritoryCalendar, "%", 0},
		} {
			all := w.entries(c.kind, c.subject, now)
			if len(all) != c.want {
				w.Errorf("%s: %d meetings, want %d", name, len(all), c.want)
			}
			for i, e := range all {
				if !e.ModifyTime.Equal(now) || i > 0 && e.Meeting.Start.Before(all[i-1].Meeting.Start) {
					w.Errorf("%s: %+v", name, e)
				}
			}
		}
		own := w.entries(domain.PersonCalendar, "anne", now)[0]
		if own.Seat != domain.RegistrationConfirmed || own.SeatMode != domain.InPerson || own.Asked || own.Meeting.ID != m.ID {
			w.Errorf("%+v", own)
		}
	})
}

// However many meetings a territory has, a feed has the thousand that are nearest to now.
func TestCalendarHasAnEnd(t *testing.T) {
	both(t, func(w world) {
		w.at(now.Add(time.Hour)) // from then on it is known what stands above the commune
		// 10 000 of them, one an hour.
		err := w.db.Write(w.ctx(), func(tx *sql.Tx) error {
			_, err := tx.ExecContext(w.ctx(), `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
				INSERT INTO meetings (id, group_id, campaign_id, module_id, module_title, position, state, starts_at, ends_at, time_zone,
				    place_id, commune_code, structure_id, organiser_id, countersigner_id, cancel_cause, present_count, postponed_count, version,
				    created_at, declared_at, attested_at)
				SELECT 'm' || i, 'g', '', 'm', 'M', 1, 2, CAST($1 AS BIGINT) + (i - 5000) * CAST($2 AS BIGINT), CAST($1 AS BIGINT) + (i - 4999) * CAST($2 AS BIGINT), 'Europe/Paris', 'p', '44109', '', 'o', '', '',
				    0, 0, 1, 1, 0, 0 FROM n`, database.Micros(now), time.Hour.Microseconds())
			return err
		})
		if err != nil {
			w.Fatal(err)
		}
		began := time.Now()
		all := w.entries(domain.TerritoryCalendar, "FR", now)
		w.Logf("%d meetings in %v", len(all), time.Since(began))
		if len(all) != domain.CalendarLength {
			w.Fatalf("%d meetings", len(all))
		}
		for _, e := range all {
			if away := e.Meeting.Start.Sub(now).Abs(); away > 500*time.Hour {
				w.Fatalf("%v away", away)
			}
		}
	})
}
