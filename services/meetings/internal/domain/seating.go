package domain

import (
	"context"
	"slices"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Seating is a meeting's seats while a transaction holds them: nobody else changes them, or the registrations that stand on
// them, before it ends. Offers whose deadline has come have lapsed by then.
type Seating struct {
	tx    Tx
	now   time.Time
	pools []Seats
	kept  []Seats // as they are stored
}

// LockSeating locks the seats of a meeting; the meeting exists.
func LockSeating(ctx context.Context, tx Tx, meetingID string, now time.Time) (*Seating, error) {
	all, err := lockSeatings(ctx, tx, []string{meetingID}, now)
	if err != nil {
		return nil, err
	}
	if s := all[meetingID]; s != nil {
		return s, nil
	}
	return nil, ErrMeetingNotFound.At("meeting_id")
}

// lockSeatings locks the seats of meetings, those that exist, in one order for all transactions.
func lockSeatings(ctx context.Context, tx Tx, meetingIDs []string, now time.Time) (map[string]*Seating, error) {
	pools, err := tx.LockSeats(ctx, meetingIDs)
	if err != nil {
		return nil, err
	}
	all := map[string]*Seating{}
	for _, p := range pools {
		if all[p.MeetingID] == nil {
			all[p.MeetingID] = &Seating{tx: tx, now: now}
		}
		all[p.MeetingID].pools = append(all[p.MeetingID].pools, p)
	}
	for _, s := range all {
		s.kept = slices.Clone(s.pools)
	}
	due, err := tx.DueOffers(ctx, meetingIDs, now)
	if err != nil {
		return nil, err
	}
	for _, r := range due {
		pool := all[r.MeetingID].pool(r.Pool())
		if pool == nil { // seats that were added while this transaction waited for the others
			return nil, errs.ErrAborted
		}
		if pool.Closes.IsZero() {
			continue // a meeting that is cancelled keeps its registrations as they were
		}
		if err := all[r.MeetingID].lapse(ctx, r); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// pool is the seats of a mode and a role, nil when the meeting has none.
func (s *Seating) pool(p Pool) *Seats {
	i := slices.IndexFunc(s.pools, func(own Seats) bool { return own.Pool == p })
	if i < 0 {
		return nil
	}
	return &s.pools[i]
}

// has reports whether there are any such seats.
func (s *Seating) has(p Pool) bool {
	pool := s.pool(p)
	return pool != nil && pool.Capacity > 0
}

func (s *Seating) open() bool {
	return slices.ContainsFunc(s.pools, func(p Seats) bool { return p.open(s.now) })
}

// save stores the seats; what became of the registrations is stored already.
func (s *Seating) save(ctx context.Context) error {
	var changed []Seats
	for i, p := range s.pools {
		if !p.open(s.now) {
			p.Closes = time.Time{}
		}
		if i >= len(s.kept) || p != s.kept[i] {
			changed = append(changed, p)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return s.tx.SaveSeats(ctx, changed)
}

// to moves a registration to another state and tells it.
func (s *Seating) to(ctx context.Context, r Registration, move RegistrationMove) (Registration, error) {
	next, ok := r.State.After(move)
	if !ok {
		return Registration{}, ErrRegistrationState.With("state", r.State.String())
	}
	if r.State = next; next != RegistrationOffered {
		r.OfferExpires = time.Time{}
	}
	if !next.Live() { // of a workshop: the person may choose another of its slot
		if err := s.tx.FreeSlot(ctx, r.MeetingID, r.PersonID); err != nil {
			return Registration{}, err
		}
	}
	return s.put(ctx, r, registrationEvents[next])
}

// put stores the next version of a registration and tells it.
func (s *Seating) put(ctx context.Context, r Registration, event string) (Registration, error) {
	r.Version++
	if err := s.tx.UpdateRegistration(ctx, r); err != nil {
		return Registration{}, err
	}
	return r, s.tx.Emit(ctx, Event{Name: event, State: r})
}

// putAll is put for many.
func (s *Seating) putAll(ctx context.Context, all []Registration, event string) error {
	told := make([]Event, len(all))
	for i := range all {
		all[i].Version++
		told[i] = Event{Name: event, State: all[i]}
	}
	if err := s.tx.UpdateRegistrations(ctx, all); err != nil {
		return err
	}
	return s.tx.Emit(ctx, told...)
}

// leave takes someone off the seats, and gives what becomes free to whoever waits first.
func (s *Seating) leave(ctx context.Context, before Registration) error {
	pool := s.pool(before.Pool())
	switch before.State {
	case RegistrationWaitlisted:
		pool.Waiting--
		return nil
	case RegistrationConfirmed, RegistrationOffered:
		pool.Taken--
		return s.promote(ctx, pool)
	}
	return nil
}

// promote offers the free seats to those who wait, in their order; after the start nobody is offered anything.
func (s *Seating) promote(ctx context.Context, pool *Seats) error {
	n := min(pool.Capacity-pool.Taken, pool.Waiting)
	if n <= 0 || !pool.open(s.now) {
		return nil
	}
	next, err := s.tx.FirstWaiting(ctx, pool.Pool, n)
	if err != nil {
		return err
	}
	for i := range next {
		next[i].State, next[i].OfferExpires = RegistrationOffered, pool.offerUntil(s.now)
	}
	pool.Taken, pool.Waiting = pool.Taken+len(next), pool.Waiting-len(next)
	return s.putAll(ctx, next, registrationEvents[RegistrationOffered])
}

func (s *Seating) lapse(ctx context.Context, r Registration) error {
	if _, err := s.to(ctx, r, LapseOffer); err != nil {
		return err
	}
	return s.leave(ctx, r)
}

// resize gives a pool another capacity, and the seats that it adds to those who wait; path is the capacity's in the request.
func (s *Seating) resize(ctx context.Context, p Pool, capacity int, path string) error {
	pool := s.poolOrNew(p)
	if capacity < pool.Taken {
		return ErrCapacityBelowTaken.At(path)
	}
	pool.Capacity = capacity
	if total := (Meeting{}).with(s.pools).Capacity; total < 1 || total > maxCapacity {
		return ErrCapacityRange.At(path)
	}
	return s.promote(ctx, pool)
}

// poolOrNew is the seats of a mode and a role, none of them yet when the meeting has had none.
func (s *Seating) poolOrNew(p Pool) *Seats {
	if s.pool(p) == nil {
		s.pools = append(s.pools, Seats{Pool: p, CampaignID: s.pools[0].CampaignID, Closes: s.pools[0].Closes})
	}
	return s.pool(p)
}

// close says that the seats no longer change.
func (s *Seating) close() error {
	for i := range s.pools {
		s.pools[i].Closes = time.Time{}
	}
	return nil
}

// begin moves the hour until which the seats change: the meeting's start, beyond which no offer lasts.
func (s *Seating) begin(ctx context.Context, start time.Time) error {
	for i := range s.pools {
		s.pools[i].Closes = start
	}
	late, err := s.tx.OffersAfter(ctx, s.pools[0].MeetingID, start)
	if err != nil {
		return err
	}
	for i := range late {
		late[i].OfferExpires = start
	}
	return s.putAll(ctx, late, registrationEvents[RegistrationOffered])
}

// LapseOffers lets the offers lapse whose deadline has come, and offers their seats to the next; it reports whether more may wait.
func LapseOffers(ctx context.Context, store Store, now time.Time) (more bool, err error) {
	const some = 100
	due, err := store.NextDue(ctx, now, some)
	if err != nil {
		return false, err
	}
	for _, id := range due {
		err := store.Write(ctx, func(tx Tx) error {
			s, err := LockSeating(ctx, tx, id, now)
			if err != nil {
				return err
			}
			return s.save(ctx)
		})
		if err != nil {
			return false, err
		}
	}
	return len(due) == some, nil
}
