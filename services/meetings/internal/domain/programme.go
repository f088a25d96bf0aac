package domain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Programme is an event with parallel workshops: whoever comes chooses one in each slot.
type Programme struct {
	ID          string
	Title       string
	GroupID     string // empty for a structure's
	StructureID string // empty when unknown
	CampaignID  string // empty outside of any
	OrganiserID string
	PlaceID     string // empty until the group has one
	CommuneCode string
	TimeZone    string
	Slots       []ProgrammeSlot // by position
	Sessions    []Session       // by workshop and slot
	Joined      int             // changes without a new version
	Version     int64
	CreateTime  time.Time
}

// ProgrammeSlot is an hour of a programme in which workshops run side by side.
type ProgrammeSlot struct {
	ID       string
	Position int // from 1
	Slot     Slot
}

// Session is a workshop in one slot: a meeting.
type Session struct {
	MeetingID string
	Workshop  int // its number in the programme, from 1
	Title     string
	Slot      int // position
	Capacity  int
	Taken     int
	State     MeetingState
}

// ProgrammeReads finds programmes.
type ProgrammeReads interface {
	Programme(ctx context.Context, id string) (Programme, error)
	// Choices is a person's sessions in a programme, by slot, and whether the person has joined it.
	Choices(ctx context.Context, programmeID, personID string) (own []Session, joined bool, err error)
	// Undecided is who has joined a programme and chosen nothing in any of the slots, in the order of their ids.
	Undecided(ctx context.Context, programmeID string, slotIDs []string) ([]string, error)
	// ProgrammeOf is the programme of a meeting that is a workshop; the zero Programme when it is none.
	ProgrammeOf(ctx context.Context, meetingID string) (Programme, error)
	// SlotOf is the slot of a meeting that is a workshop; the zero Slot when it is none.
	SlotOf(ctx context.Context, meetingID string) (Slot, error)
}

// ProgrammeWrites changes programmes.
type ProgrammeWrites interface {
	InsertProgramme(ctx context.Context, p Programme) error
	// LockProgramme is the programme as it is; nobody changes or joins it before the transaction ends.
	LockProgramme(ctx context.Context, id string) (Programme, error)
	// AddSessions stores the programme's next version with the sessions added, whose meetings exist.
	AddSessions(ctx context.Context, p Programme, added []Session) error
	Join(ctx context.Context, programmeID, personID string, now time.Time) error
	Leave(ctx context.Context, programmeID, personID string) error
}

// maxWorkshops is the contract's.
const maxWorkshops = 100

// What a programme may be refused for.
var (
	ErrProgrammeNotFound = errs.Missing("programme", "programme")
	ErrProgrammeSlot     = errs.New(errs.Invalid, "PROGRAMME_SLOT_UNKNOWN",
		"The programme has no such slot; give the position of one of its slots.",
		"Le programme n'a pas ce créneau ; donnez la position d'un de ses créneaux.")
	ErrWorkshopOutsideSlot = errs.New(errs.Invalid, "WORKSHOP_OUTSIDE_SLOT",
		"A workshop takes place inside of its slot; choose hours between its beginning and its end.",
		"Un atelier se tient dans son créneau ; choisissez des heures entre son début et sa fin.")
	ErrWorkshopHours = errs.New(errs.Invalid, "WORKSHOP_HOURS",
		"Hours of its own are for a workshop in one slot; name that slot alone.",
		"Des heures propres valent pour un atelier d'un seul créneau ; n'indiquez que celui-là.")
	ErrWorkshopUnknown = errs.New(errs.Invalid, "WORKSHOP_UNKNOWN",
		"The programme has no such workshop in all of these slots; choose among those that it has.",
		"Le programme n'a pas cet atelier dans tous ces créneaux ; choisissez parmi ceux qu'il a.")
	ErrWorkshopsMany = errs.New(errs.Precondition, "WORKSHOPS_MANY",
		"A programme has 100 workshops at most; plan a second one.",
		"Un programme a au plus 100 ateliers ; prévoyez-en un second.")
	ErrProgrammeOver = errs.New(errs.Precondition, "PROGRAMME_BEGUN",
		"The last slot of this programme has begun: nobody can join any more.",
		"Le dernier créneau de ce programme a commencé : on ne peut plus s'y joindre.")
)

// CreateProgramme plans an event, without workshops yet; the plan's common part says where and whose.
func CreateProgramme(ctx context.Context, tx Tx, p Programme, plan Plan) (_ Programme, err error) {
	if p.Title, err = title(p.Title, "title"); err != nil {
		return Programme{}, err
	}
	if err := CheckZone(p.TimeZone, "time_zone"); err != nil {
		return Programme{}, err
	}
	slots := make([]Slot, len(p.Slots))
	for i, s := range p.Slots {
		slots[i] = s.Slot
	}
	if err := checkSlots(slots, len(slots), plan.Now); err != nil {
		return Programme{}, err
	}
	if p.CommuneCode == "" || p.PlaceID == "" && p.GroupID == "" {
		return Programme{}, errs.ErrRequired.At("place_id")
	}
	p.OrganiserID = plan.Common.OrganiserID
	if p.GroupID != "" {
		if p.OrganiserID, err = plan.organiser(ctx, tx); err != nil {
			return Programme{}, err
		}
	}
	p.Version, p.CreateTime = 1, plan.Now
	if err := tx.InsertProgramme(ctx, p); err != nil {
		return Programme{}, err
	}
	if err := tx.KeepCommune(ctx, p.CommuneCode, plan.Territories); err != nil {
		return Programme{}, err
	}
	return p, tx.Emit(ctx, Event{Name: "programme.planned", State: p})
}

// NewWorkshop is a workshop to be.
type NewWorkshop struct {
	Title    string
	Capacity int
	Slots    []int // positions; all of them when empty
	Hours    *Slot // inside of its only slot; the whole slot when nil
	NewID    func() string
	Now      time.Time
}

// AddWorkshop adds a workshop to a programme: a meeting in each of its slots, open for registration at once.
func AddWorkshop(ctx context.Context, tx Tx, id string, w NewWorkshop) (_ Programme, err error) {
	if w.Title, err = title(w.Title, "title"); err != nil {
		return Programme{}, err
	}
	p, err := tx.LockProgramme(ctx, id)
	if err != nil {
		return Programme{}, err
	}
	slots, err := p.choose(w.Slots)
	if err != nil {
		return Programme{}, err
	}
	if p.GroupID != "" { // whoever organises the group by now
		heard, err := tx.LockGroup(ctx, p.GroupID)
		if err != nil {
			return Programme{}, err
		}
		p.OrganiserID = cmp.Or(heard.OrganiserID, p.OrganiserID)
	}
	number := 1
	for _, s := range p.Sessions {
		number = max(number, s.Workshop+1)
	}
	if number > maxWorkshops {
		return Programme{}, ErrWorkshopsMany.At("id")
	}
	var added []Session
	for _, s := range slots {
		hours, err := w.hours(s.Slot, len(slots))
		if err != nil {
			return Programme{}, err
		}
		m := p.meeting(w, hours)
		if err := tx.InsertMeeting(ctx, m); err != nil {
			return Programme{}, err
		}
		if err := told(ctx, tx, m, "meeting.planned"); err != nil {
			return Programme{}, err
		}
		added = append(added, Session{MeetingID: m.ID, Workshop: number, Title: w.Title, Slot: s.Position, Capacity: w.Capacity, State: m.State})
	}
	p.Version++
	if err := tx.AddSessions(ctx, p, added); err != nil {
		return Programme{}, err
	}
	p.Sessions = append(p.Sessions, added...)
	return p, tx.Emit(ctx, Event{Name: "programme.updated", State: p})
}

// choose is the slots at the positions, by position; all of them when none is named.
func (p Programme) choose(positions []int) (slots []ProgrammeSlot, err error) {
	if len(positions) == 0 {
		return p.Slots, nil
	}
	for i, position := range positions {
		if position < 1 || position > len(p.Slots) {
			return nil, ErrProgrammeSlot.At(fmt.Sprintf("slots[%d]", i))
		}
		slots = append(slots, p.Slots[position-1])
	}
	slices.SortFunc(slots, func(a, b ProgrammeSlot) int { return a.Position - b.Position })
	return slices.Compact(slots), nil
}

func (w NewWorkshop) hours(in Slot, slots int) (Slot, error) {
	hours := in
	if w.Hours != nil {
		hours = *w.Hours
		switch {
		case slots > 1:
			return hours, ErrWorkshopHours.At("hours")
		case hours.Start.Before(in.Start) || hours.End.After(in.End):
			return hours, ErrWorkshopOutsideSlot.At("hours")
		}
		if err := hours.check("hours."); err != nil {
			return hours, err
		}
	}
	return hours, checkStart(hours.Start, w.Now, "slots")
}

func (p Programme) meeting(w NewWorkshop, hours Slot) Meeting {
	m := Meeting{
		ID: w.NewID(), GroupID: p.GroupID, CampaignID: p.CampaignID, Title: w.Title, State: MeetingOpen, Start: hours.Start, End: hours.End,
		TimeZone: p.TimeZone, Mode: MeetingInPerson, PlaceID: p.PlaceID, CommuneCode: p.CommuneCode, StructureID: p.StructureID,
		OrganiserID: p.OrganiserID, Capacity: w.Capacity, Version: 1, CreateTime: w.Now,
	}
	return m.with(seatsOf(m))
}

// JoinProgramme says that a person comes, and agrees to be given workshops; joined before, the person stays so.
func JoinProgramme(ctx context.Context, tx Tx, id, personID string, now time.Time) (Programme, error) {
	p, err := tx.LockProgramme(ctx, id)
	if err != nil {
		return Programme{}, err
	}
	if !now.Before(p.Slots[len(p.Slots)-1].Slot.Start) {
		return Programme{}, ErrProgrammeOver.At("id")
	}
	if err := tx.Join(ctx, id, personID, now); err != nil {
		return Programme{}, err
	}
	return tx.Programme(ctx, id)
}

// LeaveProgramme takes that back; what the person has chosen stays.
func LeaveProgramme(ctx context.Context, tx Tx, id, personID string) (Programme, error) {
	if _, err := tx.LockProgramme(ctx, id); err != nil {
		return Programme{}, err
	}
	if err := tx.Leave(ctx, id, personID); err != nil {
		return Programme{}, err
	}
	return tx.Programme(ctx, id)
}

// Visit is a person's workshop in one slot of a rotation.
type Visit struct {
	PersonID string
	Session  Session
}

// Rotation is the slots and the workshops that a rotation goes through.
type Rotation struct {
	Slots     []int // positions; all of them when empty
	Workshops []int // numbers, each held in all of the slots; when empty all those that are
}

// Visits plans a rotation for those who have joined the programme and chosen nothing in its slots; by person, then by slot. It only
// takes the seats that are free.
func (r Rotation) Visits(ctx context.Context, reads ProgrammeReads, p Programme) ([]Visit, error) {
	slots, err := p.choose(r.Slots)
	if err != nil {
		return nil, err
	}
	rows, err := p.rows(slots, r.Workshops)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(slots))
	for i, s := range slots {
		ids[i] = s.ID
	}
	persons, err := reads.Undecided(ctx, p.ID, ids)
	if err != nil {
		return nil, err
	}
	capacities := make([]int, len(rows))
	for w, row := range rows {
		least := slices.MinFunc(row, func(a, b Session) int { return cmp.Compare(a.Capacity-a.Taken, b.Capacity-b.Taken) })
		capacities[w] = least.Capacity - least.Taken
	}
	plan, err := PlanRotation(capacities, len(slots), len(persons))
	if refused, ok := errors.AsType[*errs.Error](err); ok {
		return nil, refused.At("id")
	}
	var visits []Visit
	for i, person := range persons {
		for s := range slots {
			visits = append(visits, Visit{person, rows[plan[i][s]][s]})
		}
	}
	return visits, nil
}

// rows is the sessions of the workshops that are to come in all of the slots, one row a workshop.
func (p Programme) rows(slots []ProgrammeSlot, numbers []int) (rows [][]Session, err error) {
	of := map[int][]Session{}
	for _, s := range p.Sessions { // by workshop and slot
		chosen := slices.ContainsFunc(slots, func(slot ProgrammeSlot) bool { return slot.Position == s.Slot })
		if chosen && s.State.ToCome() {
			of[s.Workshop] = append(of[s.Workshop], s)
		}
	}
	if len(numbers) == 0 {
		for number, row := range of {
			if len(row) == len(slots) {
				numbers = append(numbers, number)
			}
		}
		slices.Sort(numbers)
	}
	for i, number := range numbers {
		if len(of[number]) != len(slots) {
			return nil, ErrWorkshopUnknown.At(fmt.Sprintf("workshops[%d]", i))
		}
		rows = append(rows, of[number])
	}
	return rows, nil
}

// ApplyRotation registers everyone as the rotation says, all of them or none. Whoever took one of its seats or chose meanwhile makes
// it run again, with another plan; agreed says whether that one is the one that was proposed.
func ApplyRotation(ctx context.Context, tx Tx, id string, r Rotation, agreed func([]Visit) error, newID func() string, now time.Time) ([]Visit, error) {
	p, err := tx.LockProgramme(ctx, id)
	if err != nil {
		return nil, err
	}
	visits, err := r.Visits(ctx, tx, p)
	if err != nil {
		return nil, err
	}
	if err := agreed(visits); err != nil {
		return nil, err
	}
	requests, choices := make([]Request, len(visits)), make([]SlotChoice, len(visits))
	for i, v := range visits {
		requests[i] = Request{Context: ctx, ID: newID(), PersonID: v.PersonID, Pool: Pool{MeetingID: v.Session.MeetingID}, SeatOnly: true}
		choices[i] = SlotChoice{v.Session.MeetingID, v.PersonID}
	}
	outcomes, err := Register(ctx, tx, requests, now)
	if err != nil {
		return nil, err
	}
	for _, o := range outcomes {
		if errors.Is(o.Err, ErrMeetingFull) || errors.Is(o.Err, ErrSlotChosen) {
			return nil, errs.ErrAborted.Because(o.Err)
		}
		if o.Err != nil {
			return nil, o.Err
		}
	}
	refused, err := tx.TakeSlots(ctx, choices)
	if err == nil && len(refused) > 0 {
		err = errs.ErrAborted
	}
	return visits, err
}
