package domain

import (
	"context"
	"time"
)

// mostOffered is how many of those who hold a wanted seat are told of a proposal, in the order in which they registered. Others find it in
// their list of swaps; a proposal is no reason to write to thousands.
const mostOffered = 50

// swaps is what the registrations in the news became by swaps.
func swaps(ctx context.Context, from SwapReads, all []News) (map[RegistrationVersion]string, error) {
	var ids []string
	for _, n := range all {
		if n.Name == "registration.confirmed" || n.Name == "registration.cancelled" {
			ids = append(ids, n.SubjectID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return from.Swapped(ctx, ids)
}

// kindOfSwapped tells a swap as one: a seat that was got says which one was left, and nothing more is said of that.
func (n News) kindOfSwapped() NoticeKind {
	if n.Name == "registration.confirmed" {
		return NoticeSwapped
	}
	return 0
}

// hearSwap announces a proposal to those who hold a seat that is wanted.
func hearSwap(ctx context.Context, tx Tx, n News, now time.Time) error {
	if n.Name != "swap.proposed" {
		return nil
	}
	a := Announcement{Kind: NoticeSwapProposed, MeetingID: n.MeetingID, SubjectID: n.SubjectID, Cause: n.ID}
	return tx.Schedule(ctx, a.task(now))
}

// toHolders are the notices of a proposal, at most as many as may be told.
func (a Announcement) toHolders(ctx context.Context, from Store, now time.Time) (all []Notice, err error) {
	swap, err := from.Swap(ctx, a.SubjectID)
	if err != nil {
		return nil, err
	}
	wanted, err := from.Meeting(ctx, a.MeetingID)
	if err != nil {
		return nil, err
	}
	err = eachPage(ctx, from, a.MeetingID, func(people []Addressee) (more bool, err error) {
		for _, who := range people {
			if who.State != RegistrationConfirmed || who.PersonID == swap.PersonID {
				continue
			}
			matter := Matter{Notice: a.of(swap.ID, who.PersonID, now), Addressee: who, Meeting: wanted, Swap: swap}
			if matter, err = matter.withOffer(ctx, from); err != nil {
				return false, err
			}
			if all = matter.wanted(all, now); len(all) == mostOffered {
				return false, nil
			}
		}
		return true, nil
	})
	return all, err
}

// withSwap adds the swap and whose matter it is: of a proposal somebody with a seat that is wanted, otherwise who offers.
func (m Matter) withSwap(ctx context.Context, from Store) (_ Matter, err error) {
	if m.Swap, err = from.Swap(ctx, m.SubjectID); err != nil {
		return m, err
	}
	own := m.Swap.RegistrationID
	if m.Kind == NoticeSwapProposed {
		held, err := from.Registrations(ctx, RegistrationQuery{MeetingID: m.Swap.WantedMeetingID, PersonID: m.PersonID, Page: Page{Limit: 1}})
		switch {
		case err != nil:
			return m, err
		case len(held) == 0:
			return m, ErrRegistrationNotFound
		}
		own = held[0].ID
	}
	if m.Addressee, err = from.Addressee(ctx, own); err != nil {
		return m, err
	}
	return m.withOffer(ctx, from)
}

// withOffer adds the seat that is offered, and its meeting.
func (m Matter) withOffer(ctx context.Context, from Store) (_ Matter, err error) {
	if m.Other, err = from.Meeting(ctx, m.Swap.MeetingID); err != nil {
		return m, err
	}
	if m.Offer, err = from.Registration(ctx, m.Swap.RegistrationID); err != nil {
		return m, err
	}
	there, err := from.Registrations(ctx, RegistrationQuery{MeetingID: m.Other.ID, PersonID: m.Addressee.PersonID, Page: Page{Limit: 1}})
	m.There = len(there) > 0 && there[0].State.Live()
	return m, err
}

// withLeft adds the meeting that was left for the one of the registration, by the last swap that gave it.
func (m Matter) withLeft(ctx context.Context, from Store) (Matter, error) {
	swaps, err := from.Swapped(ctx, []string{m.SubjectID})
	if err != nil {
		return m, err
	}
	var last RegistrationVersion
	for made := range swaps {
		if made.Version > last.Version && made.Version <= m.Addressee.Version {
			last = made
		}
	}
	if m.Swap, err = from.Swap(ctx, swaps[last]); err != nil {
		return m, err
	}
	left := m.Swap.MeetingID
	if left == m.MeetingID {
		left = m.Swap.WantedMeetingID
	}
	m.Other, err = from.Meeting(ctx, left)
	return m, err
}

func (m Matter) swapHolds(now time.Time) bool {
	swap, own := m.Swap.At(now), m.Addressee.State == RegistrationConfirmed && m.Meeting.TakesRegistrations(now)
	switch m.Kind {
	case NoticeSwapProposed:
		return own && !m.There && swap.State == SwapOpen && m.Other.TakesRegistrations(now) && m.Offer.State == RegistrationConfirmed &&
			m.Offer.Role == m.Addressee.Role
	case NoticeSwapLapsed:
		return own && swap.State == SwapLapsed
	}
	return false
}
