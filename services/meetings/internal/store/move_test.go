package store_test

import (
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/pkg/testkit"
	"github.com/classcode/maillage/services/meetings/internal/domain"
	"github.com/classcode/maillage/services/meetings/internal/events"
	"github.com/classcode/maillage/services/meetings/internal/store"
)

const day = 24 * time.Hour

// weekly plans n meetings, a week apart from each other, each of two hours.
func (w world) weekly(n int) domain.Series {
	w.Helper()
	p := plan(5)
	p.MeetingCount, p.Slots = n, nil
	for i := range n {
		start := now.Add(time.Duration(i+1) * 7 * day)
		p.Slots = append(p.Slots, domain.Slot{Start: start, End: start.Add(2 * time.Hour)})
	}
	var s domain.Series
	w.write(func(tx domain.Tx) (err error) {
		s, err = domain.CreateSeries(w.ctx(), tx, p)
		return err
	})
	return s
}

func (w world) postpone(id string, p domain.Postponement, at time.Time) error {
	p.Reason = domain.Reason{Cause: domain.PlaceUnavailable}
	return w.on(id, func(tx domain.Tx, m domain.Meeting) error {
		_, err := domain.PostponeMeeting(w.ctx(), tx, m, p, at)
		return err
	})
}

func (w world) moveSeries(id string, move domain.SeriesMove, at time.Time) error {
	return w.Write(w.ctx(), func(tx domain.Tx) error {
		_, err := domain.MoveSeries(w.ctx(), tx, id, move, at)
		return err
	})
}

// weeks is when the meetings of a series begin, in weeks from now, and how often each was postponed.
func (w world) weeks(id string) (begins []float64, postponed []int) {
	w.Helper()
	s, err := w.Series(w.ctx(), id)
	if err != nil {
		w.Fatal(err)
	}
	slices.SortFunc(s.Meetings, func(a, b domain.Meeting) int { return a.Position - b.Position })
	for _, m := range s.Meetings {
		begins = append(begins, m.Start.Sub(now).Hours()/24/7)
		postponed = append(postponed, m.PostponedCount)
		if m.End.Sub(m.Start) != 2*time.Hour {
			w.Errorf("meeting %d lasts %v", m.Position, m.End.Sub(m.Start))
		}
	}
	return begins, postponed
}

func (w world) expectWeeks(id string, begins []float64, postponed []int) {
	w.Helper()
	if b, p := w.weeks(id); !slices.Equal(b, begins) || !slices.Equal(p, postponed) {
		w.Fatalf("begin in weeks %v, postponed %v; want %v, %v", b, p, begins, postponed)
	}
}

func TestPostponeByRule(t *testing.T) {
	both(t, func(w world) {
		s := w.weekly(3)
		first, last := s.Meetings[0].ID, s.Meetings[2].ID
		w.refuses("", w.confirm(first))
		w.refuses("PASSES_NEXT_MEETING", w.postpone(first, domain.Postponement{Rule: domain.NextWeek}, now))
		w.refuses("PASSES_NEXT_MEETING", w.postpone(first, domain.Postponement{Rule: domain.InFourWeeks}, now))
		w.expectWeeks(s.ID, []float64{1, 2, 3}, []int{0, 0, 0})
		w.refuses("", w.postpone(last, domain.Postponement{Rule: domain.NextFortnight}, now))
		w.expectWeeks(s.ID, []float64{1, 2, 5}, []int{0, 0, 1})
		w.refuses("", w.postpone(first, domain.Postponement{Rule: domain.NextWeek, WithFollowing: true}, now))
		w.expectWeeks(s.ID, []float64{2, 3, 6}, []int{1, 1, 2})
		m, err := w.Meeting(w.ctx(), first)
		if err != nil || m.State != domain.MeetingOpen || m.Postponed != (domain.Reason{Cause: domain.PlaceUnavailable}) {
			w.Fatalf("%+v, %v", m, err)
		}
		w.refuses("MEETING_BEGUN", w.postpone(first, domain.Postponement{Rule: domain.NextWeek}, m.Start))
		// One that will not take place is in nobody's way.
		w.callOff(s.Meetings[1].ID)
		w.refuses("MEETING_STATE", w.postpone(s.Meetings[1].ID, domain.Postponement{Rule: domain.NextWeek}, now))
		w.refuses("", w.postpone(first, domain.Postponement{Rule: domain.NextFortnight}, now))
		w.expectWeeks(s.ID, []float64{4, 3, 6}, []int{2, 1, 2})
	})
}

func (w world) callOff(id string) {
	w.Helper()
	w.refuses("", w.on(id, func(tx domain.Tx, m domain.Meeting) error {
		_, err := domain.CancelMeeting(w.ctx(), tx, m, domain.Reason{Cause: domain.NoProfessional}, now)
		return err
	}))
}

func TestMoveSeries(t *testing.T) {
	both(t, func(w world) {
		s := w.weekly(3)
		why := domain.Reason{Cause: domain.OrganiserAway}
		w.refuses("MOVE_MISSING", w.moveSeries(s.ID, domain.SeriesMove{Reason: why}, now))
		w.refuses("MOVE_MISSING", w.moveSeries(s.ID, domain.SeriesMove{Days: 1, FirstStart: now.Add(day), Reason: why}, now))
		w.refuses("FIELD_REQUIRED", w.moveSeries(s.ID, domain.SeriesMove{Days: 7}, now))
		w.refuses("NOT_FOUND", w.moveSeries(newID(), domain.SeriesMove{Days: 7, Reason: why}, now))
		w.refuses("START_IN_PAST", w.moveSeries(s.ID, domain.SeriesMove{Days: -7}, now))
		w.refuses("START_TOO_FAR", w.moveSeries(s.ID, domain.SeriesMove{Days: 3645, Reason: why}, now)) // only the last would be
		w.expectWeeks(s.ID, []float64{1, 2, 3}, []int{0, 0, 0})
		w.refuses("", w.moveSeries(s.ID, domain.SeriesMove{Days: 14, Reason: why}, now))
		w.expectWeeks(s.ID, []float64{3, 4, 5}, []int{1, 1, 1})
		w.refuses("", w.moveSeries(s.ID, domain.SeriesMove{FirstStart: now.Add(14 * day)}, now))
		w.expectWeeks(s.ID, []float64{2, 3, 4}, []int{1, 1, 1})
		w.refuses("", w.moveSeries(s.ID, domain.SeriesMove{FirstStart: now.Add(14 * day)}, now)) // there already
		// The first has begun: the others move without it, and not into it.
		begun := now.Add(14*day + time.Hour)
		w.refuses("PASSES_PREVIOUS_MEETING", w.moveSeries(s.ID, domain.SeriesMove{FirstStart: begun.Add(time.Minute)}, begun))
		w.refuses("", w.moveSeries(s.ID, domain.SeriesMove{FirstStart: now.Add(14*day + 12*time.Hour)}, begun))
		w.expectWeeks(s.ID, []float64{2, 2 + 0.5/7, 3 + 0.5/7}, []int{1, 1, 1})
		w.refuses("SERIES_OVER", w.moveSeries(s.ID, domain.SeriesMove{Days: 7, Reason: why}, now.Add(100*day)))
	})
}

// A series that meets in one room each week moves by a week: each meeting finds the room that the next one leaves, and when a stranger
// has it at the last date, all stay.
func TestSeriesTakesItsRoomAlong(t *testing.T) {
	both(t, func(w world) {
		s, roomID := w.weekly(3), newID()
		for _, m := range s.Meetings {
			orFail1(bookIn(w.ctx(), w, room(roomID, m.ID)))
		}
		why := domain.Reason{Cause: domain.OrganiserAway}
		for _, days := range []int{7, -7, 7} {
			w.refuses("", w.moveSeries(s.ID, domain.SeriesMove{Days: days, Reason: why}, now))
		}
		w.expectWeeks(s.ID, []float64{2, 3, 4}, []int{2, 2, 2})
		for _, m := range orFail1(w.Series(w.ctx(), s.ID)).Meetings {
			if held := orFail1(w.BookingsOf(w.ctx(), m.ID)); len(held) != 1 || !held[0].Start.Equal(m.Start) || !held[0].End.Equal(m.End) {
				w.Errorf("%+v for a meeting that begins at %v", held, m.Start)
			}
		}
		stranger := w.weekly(5).Meetings[4]
		orFail1(bookIn(w.ctx(), w, room(roomID, stranger.ID)))
		w.refuses("ROOM_TAKEN", w.moveSeries(s.ID, domain.SeriesMove{Days: 7, Reason: why}, now))
		w.refuses("ROOM_TAKEN", w.postpone(s.Meetings[0].ID, domain.Postponement{Rule: domain.NextWeek, WithFollowing: true}, now))
		w.expectWeeks(s.ID, []float64{2, 3, 4}, []int{2, 2, 2})
	})
}

func TestCancelSeries(t *testing.T) {
	both(t, func(w world) {
		s := w.weekly(3)
		cancel := func(why domain.Reason, at time.Time) error {
			return w.Write(w.ctx(), func(tx domain.Tx) error {
				_, err := domain.CancelSeries(w.ctx(), tx, s.ID, why, at)
				return err
			})
		}
		begun := now.Add(8 * day)
		w.refuses("FIELD_REQUIRED", cancel(domain.Reason{Cause: domain.OtherCause}, begun))
		w.refuses("", cancel(domain.Reason{Cause: domain.OtherCause, Note: "Dégât des eaux"}, begun))
		stored, err := w.Series(w.ctx(), s.ID)
		if err != nil || stored.Meetings[0].State != domain.MeetingOpen || stored.Meetings[1].State != domain.MeetingCancelled ||
			stored.Meetings[2].Cancelled != (domain.Reason{Cause: domain.OtherCause, Note: "Dégât des eaux"}) {
			w.Fatalf("%+v, %v", stored, err)
		}
		w.refuses("SERIES_OVER", cancel(domain.Reason{Cause: domain.HealthRisk}, begun))
		w.refuses("MEETING_STATE", w.on(s.Meetings[1].ID, func(tx domain.Tx, m domain.Meeting) error {
			_, err := domain.CancelMeeting(w.ctx(), tx, m, domain.Reason{Cause: domain.HealthRisk}, now)
			return err
		}))
	})
}

// Two neighbours are postponed at once, and the series is moved meanwhile: whatever comes first, no meeting passes the next.
func TestConcurrentMovesKeepTheOrder(t *testing.T) {
	both(t, func(w world) {
		const rounds = 6
		var all sync.WaitGroup
		var ids []string
		for range rounds {
			s := w.weekly(3)
			ids = append(ids, s.ID)
			// The first may go to the third week only when the second has left it; the second only before the first arrives.
			all.Go(func() {
				w.may("PASSES_NEXT_MEETING", w.postpone(s.Meetings[0].ID, domain.Postponement{Rule: domain.NextFortnight}, now))
			})
			all.Go(func() {
				w.may("PASSES_NEXT_MEETING", w.postpone(s.Meetings[1].ID, domain.Postponement{Rule: domain.NextFortnight, WithFollowing: true}, now))
			})
			all.Go(func() {
				w.may("", w.moveSeries(s.ID, domain.SeriesMove{Days: 7, Reason: domain.Reason{Cause: domain.HealthRisk}}, now))
			})
		}
		all.Wait()
		for _, id := range ids {
			if begins, _ := w.weeks(id); !slices.IsSorted(begins) {
				w.Errorf("out of order: %v", begins)
			}
		}
		// The control: a postponement that does not look at its neighbours puts them out of order.
		s := w.weekly(2)
		w.refuses("", w.postponeBlindly(s.Meetings[0], s.Meetings[1].Start.Add(day)))
		if begins, _ := w.weeks(s.ID); slices.IsSorted(begins) {
			w.Fatalf("%v: this test would not notice a meeting that passes the next", begins)
		}
	})
}

func (w world) postponeBlindly(m domain.Meeting, start time.Time) error {
	return w.Write(w.ctx(), func(tx domain.Tx) error {
		m.Start, m.End, m.Version = start, start.Add(2*time.Hour), m.Version+1
		return tx.UpdateMeeting(w.ctx(), m)
	})
}

func TestSingleMeetingAndDraft(t *testing.T) {
	both(t, func(w world) {
		p := plan(5)
		p.Slots, p.Draft = p.Slots[:1], true
		p.Common.GroupID, p.Common.ModuleID, p.Common.Title, p.Common.StructureID = "", "", "  Portes ouvertes 🤖 ", newID()
		var m domain.Meeting
		w.write(func(tx domain.Tx) (err error) {
			m, err = domain.CreateMeeting(w.ctx(), tx, p)
			return err
		})
		stored, err := w.Meeting(w.ctx(), m.ID)
		if err != nil || !reflect.DeepEqual(stored, m) || m.SeriesID != "" || m.Title != "Portes ouvertes 🤖" || m.State != domain.MeetingDraft || m.Mode != domain.MeetingInPerson {
			w.Fatalf("%+v, %v; want %+v", stored, err, m)
		}
		if n := w.number(`SELECT count(*) FROM outbox WHERE aggregate = $1`, m.ID); n != 0 {
			w.Fatalf("%d events of a draft", n)
		}
		drafts := func(state domain.MeetingState, organiser string) int {
			found, err := w.Meetings(w.ctx(), domain.MeetingQuery{State: state, OrganiserID: organiser, Page: domain.Page{Limit: 10}})
			w.refuses("", err)
			return len(found)
		}
		if got := fmt.Sprint(drafts(0, m.OrganiserID), drafts(domain.MeetingDraft, m.OrganiserID), drafts(domain.MeetingDraft, "other"), drafts(domain.MeetingDraft, "")); got != "0 1 0 0" {
			w.Fatalf("lists have %s drafts", got)
		}
		if _, err := w.register(m.ID, "early", now); reason(err) == "" {
			w.Fatal("someone registered for a draft")
		}
		open := func(at time.Time) error {
			return w.on(m.ID, func(tx domain.Tx, m domain.Meeting) error {
				_, err := domain.OpenMeeting(w.ctx(), tx, m, at)
				return err
			})
		}
		w.refuses("MEETING_BEGUN", open(m.Start))
		w.refuses("", open(now))
		w.refuses("MEETING_STATE", open(now))
		if n := w.number(`SELECT count(*) FROM outbox WHERE aggregate = $1 AND subject = 'maillage.meetings.v1.meeting.planned'`, m.ID); n != 1 {
			w.Fatalf("%d events; want it planned once", n)
		}
		orFail1(w.register(m.ID, "someone", now))
	})
}

// What stood in the tables before stays, with those that refer to it.
func TestMigrationKeepsMeetings(t *testing.T) {
	for name, config := range map[string]func(testing.TB) *database.Config{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		t.Run(name, func(t *testing.T) {
			db := testkit.Open(t, config(t), nil)
			if err := db.Migrate(t.Context(), before(t, "00002")); err != nil {
				t.Fatal(err)
			}
			exec := func(query string) {
				t.Helper()
				if err := db.Write(t.Context(), func(tx *sql.Tx) error { _, err := tx.ExecContext(t.Context(), query); return err }); err != nil {
					t.Fatal(err)
				}
			}
			exec(`INSERT INTO series (id, group_id, module_id, created_at) VALUES ('s', 'g', 'm', 1)`)
			exec(`INSERT INTO meetings (id, series_id, group_id, campaign_id, module_id, module_title, position, state, starts_at, ends_at, time_zone,
				place_id, commune_code, structure_id, organiser_id, countersigner_id, cancel_cause, capacity, taken, present_count,
				postponed_count, version, created_at, declared_at, attested_at)
				VALUES ('a', 's', 'g', '', 'm', 'M', 1, 7, 10, 20, 'UTC', 'p', '44109', '', 'o', '', 'salle fermée', 5, 1, 0, 0, 2, 1, 0, 0)`)
			exec(`INSERT INTO registrations (id, meeting_id, person_id, campaign_id, state, version, created_at) VALUES ('r', 'a', 'x', '', 1, 1, 1)`)
			st, err := store.New(t.Context(), db, func() time.Time { return now }, events.Encode)
			if err != nil {
				t.Fatal(err)
			}
			m, err := st.Meeting(t.Context(), "a")
			if err != nil || m.SeriesID != "s" || m.Mode != domain.MeetingInPerson || m.Cancelled != (domain.Reason{Cause: domain.OtherCause, Note: "salle fermée"}) {
				t.Fatalf("%+v, %v", m, err)
			}
			if r, err := st.Registration(t.Context(), "r"); err != nil || r.MeetingID != "a" {
				t.Fatalf("%+v, %v", r, err)
			}
			if s, err := st.Series(t.Context(), "s"); err != nil || len(s.Meetings) != 1 {
				t.Fatalf("%+v, %v", s, err)
			}
		})
	}
}

// What people were told, and what was about to be told, stays.
func TestMigrationKeepsNotices(t *testing.T) {
	for name, config := range map[string]func(testing.TB) *database.Config{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		t.Run(name, func(t *testing.T) {
			db := testkit.Open(t, config(t), nil)
			if err := db.Migrate(t.Context(), before(t, "00009")); err != nil {
				t.Fatal(err)
			}
			for _, query := range []string{
				`INSERT INTO meetings (id, group_id, campaign_id, module_id, module_title, position, state, starts_at, ends_at, time_zone,
					place_id, commune_code, structure_id, organiser_id, countersigner_id, cancel_cause, present_count, postponed_count, version,
					created_at, declared_at, attested_at, mode, remote_url)
					VALUES ('a', 'g', '', 'm', 'M', 1, 2, 10, 20, 'UTC', 'p', '44109', '', 'o', '', '', 0, 0, 2, 1, 0, 0, 3, 'https://visio.example/a')`,
				`INSERT INTO seats (meeting_id, mode, role, campaign_id, capacity, taken, waiting, tickets, closes_at)
					VALUES ('a', 1, 1, '', 5, 1, 0, 0, 10), ('a', 2, 1, '', 5, 1, 0, 0, 10)`,
				`INSERT INTO registrations (id, meeting_id, person_id, campaign_id, state, version, created_at, mode, role, ticket, offer_expires_at, reason, name_shared)
					VALUES ('r', 'a', 'x', '', 1, 1, 1, 1, 1, 0, 0, '', 0), ('s', 'a', 'y', '', 1, 1, 1, 2, 1, 0, 0, '', 0)`,
				`INSERT INTO notices (id, key, meeting_id, registration_id, kind, state, reason, starts_at, due_at, created_at, ended_at)
					VALUES ('n', 'confirmed:e:r', 'a', 'r', 1, 1, '', 0, 5, 5, 0)`,
				`INSERT INTO notice_terms (registration_id, starts_at, ends_at, time_zone, place_id, version)
					VALUES ('r', 10, 20, 'UTC', 'p', 2), ('s', 10, 20, 'UTC', 'p', 2)`,
			} {
				if err := db.Write(t.Context(), func(tx *sql.Tx) error { _, err := tx.ExecContext(t.Context(), query); return err }); err != nil {
					t.Fatal(err)
				}
			}
			st, err := store.New(t.Context(), db, func() time.Time { return now }, events.Encode)
			if err != nil {
				t.Fatal(err)
			}
			m, err := domain.ReadMatter(t.Context(), st, "confirmed:e:r")
			if err != nil || m.SubjectID != "r" || m.Addressee.PersonID != "x" || m.Kind != domain.NoticeConfirmed || !m.Addressee.Told.Same(m.Terms()) {
				t.Fatalf("%+v, %v", m, err)
			}
			// Who takes part from afar is not told of a place that they were never to come to, nor of a link that is not new.
			afar, err := st.Addressee(t.Context(), "s")
			if err != nil || !afar.Told.Same(domain.Matter{Meeting: m.Meeting, Addressee: afar}.Terms()) || afar.Told.RemoteURL == "" {
				t.Fatalf("%+v, %v", afar, err)
			}
		})
	}
}

// before is the migrations up to a number.
func before(t *testing.T, number string) fs.FS {
	t.Helper()
	kept := fstest.MapFS{}
	for _, engine := range []string{"sqlite", "postgres"} {
		files, err := fs.Glob(os.DirFS("migrations"), engine+"/*.sql")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if name[len(engine)+1:] >= number {
				continue
			}
			data, err := os.ReadFile("migrations/" + name)
			if err != nil {
				t.Fatal(err)
			}
			kept[name] = &fstest.MapFile{Data: data}
		}
	}
	return kept
}
