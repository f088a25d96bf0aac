package domain

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Request asks for a seat.
type Request struct {
	// Context is its caller's: what is told of the registration stands in its caller's trace.
	Context    context.Context
	ID         string // of the registration to be
	PersonID   string
	Pool       Pool // its mode and role may be left out
	SeatOnly   bool // rather be refused than wait
	NameShared bool
	anyMode    bool // the pool's was left out
}

// Outcome is a request's registration, or why there is none.
type Outcome struct {
	Registration Registration
	Position     int // in the waiting list, from 1; 0 when not waiting
	Err          error
}

// Register gives seats, first come, first served, and places in the waiting list when there are no more, with one outcome per
// request; a request that is refused leaves nothing behind, so that others of the same transaction stand. It writes all of them with
// a few statements, however many they are.
func Register(ctx context.Context, tx Tx, requests []Request, now time.Time) ([]Outcome, error) {
	r := registering{tx: tx, now: now, requests: slices.Clone(requests), outcomes: make([]Outcome, len(requests))}
	all := make([]int, len(requests))
	for i := range requests {
		all[i] = i
		r.requests[i].Pool, r.requests[i].anyMode = requests[i].Pool.usual(), requests[i].Pool.Mode == 0
	}
	for len(all) > 0 { // a person's second request for a meeting comes after the first
		first, later := r.distinct(all)
		if err := r.seat(ctx, first); err != nil {
			return nil, err
		}
		all = later
	}
	return r.outcomes, nil
}

// registering is the requests of one transaction, which are named by their numbers.
type registering struct {
	tx       Tx
	now      time.Time
	requests []Request
	outcomes []Outcome
}

// distinct is the first request of each person for each meeting, and the others.
func (r *registering) distinct(all []int) (first, later []int) {
	seen := map[[2]string]bool{}
	for _, i := range all {
		who := [2]string{r.requests[i].Pool.MeetingID, r.requests[i].PersonID}
		if seen[who] {
			later = append(later, i)
		} else {
			first = append(first, i)
		}
		seen[who] = true
	}
	return first, later
}

// seat takes for each pool as many seats as are asked for, at once; where they are not all free, one looks who gets one.
func (r *registering) seat(ctx context.Context, wave []int) error {
	groups := r.byPool(wave)
	wanted := make([]Wanted, 0, len(groups))
	for p, group := range groups {
		wanted = append(wanted, Wanted{p, len(group)})
	}
	slices.SortFunc(wanted, func(a, b Wanted) int { return ComparePools(a.Pool, b.Pool) })
	taken, err := r.tx.TakeSeats(ctx, wanted, r.now)
	if err != nil {
		return err
	}
	of := make(map[Pool]Taken, len(taken))
	for _, t := range taken {
		of[t.Pool] = t
	}
	var seated, choosing, rest []int
	for _, i := range wave {
		t, ok := of[r.requests[i].Pool]
		if !ok {
			rest = append(rest, i)
			continue
		}
		if r.outcomes[i].Registration = r.registration(i, t.CampaignID, RegistrationConfirmed); t.Workshop {
			choosing = append(choosing, i)
		} else {
			seated = append(seated, i)
		}
	}
	chosen, elsewhere, err := r.choose(ctx, choosing)
	if err != nil {
		return err
	}
	seated = append(seated, chosen...)
	slices.Sort(seated)
	refused, err := r.put(ctx, seated)
	if err != nil {
		return err
	}
	if err := r.giveBack(ctx, append(refused, elsewhere...)); err != nil {
		return err
	}
	return r.line(ctx, rest)
}

// choose keeps each request's choice among the workshops of its slot, and refuses those whose person has another there. A meeting
// that is no workshop refuses nobody.
func (r *registering) choose(ctx context.Context, which []int) (free, refused []int, err error) {
	if len(which) == 0 {
		return nil, nil, nil
	}
	choices := make([]SlotChoice, len(which))
	for n, i := range which {
		choices[n] = SlotChoice{MeetingID: r.requests[i].Pool.MeetingID, PersonID: r.requests[i].PersonID}
	}
	other, err := r.tx.TakeSlots(ctx, choices)
	for n, i := range which {
		if meeting, ok := other[choices[n]]; ok {
			r.refuse(i, ErrSlotChosen.At("meeting_id").With("meeting", meeting))
			refused = append(refused, i)
		} else {
			free = append(free, i)
		}
	}
	return free, refused, err
}

func (r *registering) byPool(which []int) map[Pool][]int {
	groups := map[Pool][]int{}
	for _, i := range which {
		groups[r.requests[i].Pool] = append(groups[r.requests[i].Pool], i)
	}
	return groups
}

// ComparePools orders pools as they are locked.
func ComparePools(a, b Pool) int {
	return cmp.Or(cmp.Compare(a.MeetingID, b.MeetingID), cmp.Compare(a.Mode, b.Mode), cmp.Compare(a.Role, b.Role))
}

func (r *registering) registration(i int, campaign string, state RegistrationState) Registration {
	q := r.requests[i]
	return Registration{
		ID: q.ID, MeetingID: q.Pool.MeetingID, PersonID: q.PersonID, CampaignID: campaign, Mode: q.Pool.Mode, Role: q.Pool.Role,
		State: state, NameShared: q.NameShared, Version: 1, CreateTime: r.now,
	}
}

// put stores the registrations that the outcomes hold and tells them; it returns those whose person has one already.
func (r *registering) put(ctx context.Context, which []int) (refused []int, err error) {
	if len(which) == 0 {
		return nil, nil
	}
	all := make([]Registration, len(which))
	for n, i := range which {
		all[n] = r.outcomes[i].Registration
	}
	stored, err := r.tx.PutRegistrations(ctx, all)
	if err != nil {
		return nil, err
	}
	of := make(map[[2]string]Registration, len(stored))
	for _, s := range stored {
		of[[2]string{s.MeetingID, s.PersonID}] = s
	}
	for _, i := range which {
		q := r.requests[i]
		s, ok := of[[2]string{q.Pool.MeetingID, q.PersonID}]
		if !ok {
			refused = append(refused, i)
			continue
		}
		r.outcomes[i].Registration = s
		if err := r.tx.Emit(q.Context, Event{Name: registrationEvents[s.State], State: s}); err != nil {
			return nil, err
		}
	}
	return refused, nil
}

// giveBack is for seats that were taken for persons who have one already, or wait, to whom it says so, or another workshop.
func (r *registering) giveBack(ctx context.Context, refused []int) error {
	if len(refused) == 0 {
		return nil
	}
	seatings, err := r.lock(ctx, refused)
	if err != nil {
		return err
	}
	for meeting, group := range r.byMeeting(refused) {
		for _, i := range group {
			seatings[meeting].pool(r.requests[i].Pool).Taken--
		}
		if err := r.known(ctx, meeting, group, func(i int, own Registration) {
			if r.outcomes[i].Err == nil {
				r.refuse(i, already(own))
			}
		}); err != nil {
			return err
		}
	}
	return saveAll(ctx, seatings)
}

// line is for requests whose pool has not as many free seats as are asked for: the first get what there is, the others wait.
func (r *registering) line(ctx context.Context, which []int) error {
	if len(which) == 0 {
		return nil
	}
	seatings, err := r.lock(ctx, which)
	if err != nil {
		return err
	}
	var standing []int
	for meeting, group := range r.byMeeting(which) {
		if err := seatings[meeting].accessible(); err != nil {
			for _, i := range group {
				r.refuse(i, err)
			}
			continue
		}
		for _, i := range group {
			r.requests[i].Pool = seatings[meeting].meant(r.requests[i])
		}
		if err := r.known(ctx, meeting, group, func(i int, own Registration) {
			if own.State.Live() {
				r.refuse(i, already(own))
			}
		}); err != nil {
			return err
		}
		group = slices.DeleteFunc(group, func(i int) bool { return r.outcomes[i].Err != nil })
		chosen, _, err := r.choose(ctx, group)
		if err != nil {
			return err
		}
		here, sentAway := r.stand(seatings[meeting], chosen)
		standing = append(standing, here...)
		for _, i := range sentAway {
			if err := r.tx.FreeSlot(ctx, meeting, r.requests[i].PersonID); err != nil {
				return err
			}
		}
	}
	slices.Sort(standing)
	refused, err := r.put(ctx, standing)
	if err == nil && len(refused) > 0 { // someone has registered on other seats of the meeting meanwhile
		err = errs.ErrAborted
	}
	if err != nil {
		return err
	}
	return saveAll(ctx, seatings)
}

// stand gives each request of a meeting a seat or a place in the line, in their order, or says why it has neither.
func (r *registering) stand(s *Seating, group []int) (standing, sentAway []int) {
	for _, i := range group {
		q := r.requests[i]
		pool, err := s.room(q)
		if err != nil {
			r.refuse(i, err)
			sentAway = append(sentAway, i)
			continue
		}
		own := r.registration(i, pool.CampaignID, RegistrationRequested)
		if pool.seat(&own); own.State == RegistrationWaitlisted {
			r.outcomes[i].Position = pool.Waiting
		}
		r.outcomes[i].Registration = own
		standing = append(standing, i)
	}
	return standing, sentAway
}

// accessible says why nobody can register, whoever it is; the seating of a meeting that does not exist is nil.
func (s *Seating) accessible() error {
	switch {
	case s == nil:
		return ErrMeetingNotFound.At("meeting_id")
	case !s.open():
		return ErrMeetingClosed.At("meeting_id")
	}
	return nil
}

// meant is the pool of a request: without a mode in person where there are such seats, and remote otherwise. Only who holds the seats
// looks, so that a meeting at a place, which most are, is one statement as before.
func (s *Seating) meant(q Request) Pool {
	remote := q.Pool
	remote.Mode = Remote
	if q.anyMode && !s.has(q.Pool) && s.has(remote) {
		return remote
	}
	return q.Pool
}

// room is the pool that takes a request, or why there is none.
func (s *Seating) room(q Request) (*Seats, error) {
	pool := s.pool(q.Pool)
	switch {
	case !s.has(q.Pool):
		return nil, ErrNoSuchSeats.At("registration")
	case pool.free() == 0 && q.SeatOnly:
		return nil, ErrMeetingFull.At("meeting_id")
	case pool.free() == 0 && pool.Waiting >= maxWaiting:
		return nil, ErrWaitingListFull.At("meeting_id")
	}
	return pool, nil
}

// seat gives a registration a seat of the pool, or the next place in its line.
func (s *Seats) seat(r *Registration) {
	if s.free() > 0 {
		r.State, r.Ticket = RegistrationConfirmed, 0
		s.Taken++
		return
	}
	s.Tickets++
	s.Waiting++
	r.State, r.Ticket = RegistrationWaitlisted, s.Tickets
}

func (r *registering) refuse(i int, err error) { r.outcomes[i] = Outcome{Err: err} }

func already(own Registration) error {
	return ErrAlreadyRegistered.At("meeting_id").With("registration", own.ID)
}

// known calls use for each request whose person has a registration, whatever its state.
func (r *registering) known(ctx context.Context, meeting string, group []int, use func(i int, own Registration)) error {
	persons := make([]string, len(group))
	for n, i := range group {
		persons[n] = r.requests[i].PersonID
	}
	own, err := r.tx.RegistrationsOf(ctx, meeting, persons)
	if err != nil {
		return err
	}
	for _, i := range group {
		if n := slices.IndexFunc(own, func(o Registration) bool { return o.PersonID == r.requests[i].PersonID }); n >= 0 {
			use(i, own[n])
		}
	}
	return nil
}

func (r *registering) byMeeting(which []int) map[string][]int {
	groups := map[string][]int{}
	for _, i := range which {
		groups[r.requests[i].Pool.MeetingID] = append(groups[r.requests[i].Pool.MeetingID], i)
	}
	return groups
}

func (r *registering) lock(ctx context.Context, which []int) (map[string]*Seating, error) {
	var meetings []string
	for _, i := range which {
		meetings = append(meetings, r.requests[i].Pool.MeetingID)
	}
	slices.Sort(meetings)
	return lockSeatings(ctx, r.tx, slices.Compact(meetings), r.now)
}

func saveAll(ctx context.Context, seatings map[string]*Seating) error {
	for _, s := range seatings {
		if err := s.save(ctx); err != nil {
			return err
		}
	}
	return nil
}
