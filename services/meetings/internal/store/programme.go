package store

import (
	"context"
	"fmt"
	"time"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const (
	programmeColumns = `id, title, group_id, structure_id, campaign_id, organiser_id, place_id, commune_code, time_zone, version, created_at`
	slotColumns      = `id, programme_id, position, starts_at, ends_at`
	workshopColumns  = `meeting_id, programme_id, slot_id, number`
)

func readProgramme(scan database.Scan) (p domain.Programme, err error) {
	var created int64
	err = scan(&p.ID, &p.Title, &p.GroupID, &p.StructureID, &p.CampaignID, &p.OrganiserID, &p.PlaceID, &p.CommuneCode, &p.TimeZone, &p.Version, &created)
	p.CreateTime = database.Time(created)
	return p, err
}

func readSlot(scan database.Scan) (s domain.ProgrammeSlot, err error) {
	var start, end int64
	err = scan(&s.ID, &s.Position, &start, &end)
	s.Slot = domain.Slot{Start: database.Time(start), End: database.Time(end)}
	return s, err
}

func readSession(scan database.Scan) (s domain.Session, err error) {
	return s, scan(&s.MeetingID, &s.Workshop, &s.Title, &s.Slot, &s.State, &s.Capacity, &s.Taken)
}

// sessions begins a query for a programme's sessions, with their seats.
const sessions = `SELECT w.meeting_id, w.number, m.title, s.position, m.state,
	     (SELECT coalesce(sum(capacity), 0) FROM seats WHERE seats.meeting_id = w.meeting_id),
	     (SELECT coalesce(sum(taken + waiting), 0) FROM seats WHERE seats.meeting_id = w.meeting_id)
	 FROM workshops w JOIN programme_slots s ON s.id = w.slot_id JOIN meetings m ON m.id = w.meeting_id `

// Programme returns a programme with its slots and sessions, or domain.ErrProgrammeNotFound.
func (r reads) Programme(ctx context.Context, id string) (domain.Programme, error) {
	p, err := database.One(ctx, r.q, domain.ErrProgrammeNotFound, readProgramme, `SELECT `+programmeColumns+` FROM programmes WHERE id = $1`, id)
	if err != nil {
		return p, err
	}
	return r.whole(ctx, p)
}

func (r reads) whole(ctx context.Context, p domain.Programme) (_ domain.Programme, err error) {
	if p.Slots, err = database.All(ctx, r.q, readSlot,
		`SELECT id, position, starts_at, ends_at FROM programme_slots WHERE programme_id = $1 ORDER BY position`, p.ID); err != nil {
		return p, err
	}
	if p.Sessions, err = database.All(ctx, r.q, readSession, sessions+`WHERE w.programme_id = $1 ORDER BY w.number, s.position`, p.ID); err != nil {
		return p, err
	}
	p.Joined, err = database.One(ctx, r.q, domain.ErrProgrammeNotFound, func(scan database.Scan) (n int, err error) { return n, scan(&n) },
		`SELECT count(*) FROM programme_members WHERE programme_id = $1`, p.ID)
	return p, err
}

// Choices returns a person's sessions in a programme, and whether the person has joined it.
func (r reads) Choices(ctx context.Context, programmeID, personID string) (own []domain.Session, joined bool, err error) {
	own, err = database.All(ctx, r.q, readSession,
		sessions+`JOIN slot_choices c ON c.meeting_id = w.meeting_id WHERE w.programme_id = $1 AND c.person_id = $2 ORDER BY s.position`,
		programmeID, personID)
	if err != nil {
		return nil, false, err
	}
	found, err := r.persons(ctx, `SELECT person_id FROM programme_members WHERE programme_id = $1 AND person_id = $2`, programmeID, personID)
	return own, len(found) > 0, err
}

// Undecided returns who has joined a programme and chosen nothing in any of the slots.
func (r reads) Undecided(ctx context.Context, programmeID string, slotIDs []string) ([]string, error) {
	args := []any{programmeID}
	for _, id := range slotIDs {
		args = append(args, id)
	}
	return r.persons(ctx, `SELECT person_id FROM programme_members WHERE programme_id = $1
		AND NOT EXISTS (SELECT 1 FROM slot_choices c WHERE c.person_id = programme_members.person_id AND c.slot_id IN (`+marks(2, len(slotIDs))+`))
		ORDER BY person_id`, args...)
}

func (r reads) persons(ctx context.Context, query string, args ...any) ([]string, error) {
	return database.All(ctx, r.q, func(scan database.Scan) (id string, err error) { return id, scan(&id) }, query, args...)
}

// ProgrammeOf returns the programme of a workshop's meeting, the zero Programme of any other.
func (r reads) ProgrammeOf(ctx context.Context, meetingID string) (domain.Programme, error) {
	found, err := database.All(ctx, r.q, func(scan database.Scan) (id string, err error) { return id, scan(&id) },
		`SELECT programme_id FROM workshops WHERE meeting_id = $1`, meetingID)
	if err != nil || len(found) == 0 {
		return domain.Programme{}, err
	}
	return r.Programme(ctx, found[0])
}

// SlotOf returns the slot of a workshop's meeting, the zero Slot of any other.
func (r reads) SlotOf(ctx context.Context, meetingID string) (domain.Slot, error) {
	found, err := database.All(ctx, r.q, readSlot,
		`SELECT s.id, s.position, s.starts_at, s.ends_at FROM workshops w JOIN programme_slots s ON s.id = w.slot_id WHERE w.meeting_id = $1`, meetingID)
	if err != nil || len(found) == 0 {
		return domain.Slot{}, err
	}
	return found[0].Slot, nil
}

// InsertProgramme adds a programme with its slots.
func (t *tx) InsertProgramme(ctx context.Context, p domain.Programme) error {
	err := t.bulk(ctx, "programmes", programmeColumns, [][]any{{
		p.ID, p.Title, p.GroupID, p.StructureID, p.CampaignID, p.OrganiserID, p.PlaceID, p.CommuneCode, p.TimeZone, p.Version, database.Micros(p.CreateTime),
	}})
	if err != nil {
		return err
	}
	rows := make([][]any, len(p.Slots))
	for i, s := range p.Slots {
		rows[i] = []any{s.ID, p.ID, s.Position, database.Micros(s.Slot.Start), database.Micros(s.Slot.End)}
	}
	return t.bulk(ctx, "programme_slots", slotColumns, rows)
}

// LockProgramme holds the programme's row until the transaction ends, and reads the rest after.
func (t *tx) LockProgramme(ctx context.Context, id string) (domain.Programme, error) {
	p, err := database.One(ctx, t.q, domain.ErrProgrammeNotFound, readProgramme,
		`UPDATE programmes SET version = version WHERE id = $1 RETURNING `+programmeColumns, id)
	if err != nil {
		return p, err
	}
	return t.whole(ctx, p)
}

// AddSessions stores the programme's next version with sessions, whose meetings exist.
func (t *tx) AddSessions(ctx context.Context, p domain.Programme, added []domain.Session) error {
	err := database.Updated(t.SQL.ExecContext(ctx, `UPDATE programmes SET version = $1 WHERE id = $2 AND version = $1 - 1`, p.Version, p.ID))
	if err != nil {
		return err
	}
	rows := make([][]any, len(added))
	for i, s := range added {
		rows[i] = []any{s.MeetingID, p.ID, p.Slots[s.Slot-1].ID, s.Workshop}
	}
	return t.bulk(ctx, "workshops", workshopColumns, rows)
}

// Join keeps who comes to a programme; who comes already stays.
func (t *tx) Join(ctx context.Context, programmeID, personID string, now time.Time) error {
	_, err := t.SQL.ExecContext(ctx, `INSERT INTO programme_members (programme_id, person_id, created_at) VALUES ($1, $2, $3)
		ON CONFLICT (programme_id, person_id) DO NOTHING`, programmeID, personID, database.Micros(now))
	if err != nil {
		return fmt.Errorf("join programme: %w", database.Explain(err))
	}
	return nil
}

// Leave forgets that a person comes.
func (t *tx) Leave(ctx context.Context, programmeID, personID string) error {
	_, err := t.SQL.ExecContext(ctx, `DELETE FROM programme_members WHERE programme_id = $1 AND person_id = $2`, programmeID, personID)
	return database.Explain(err)
}
