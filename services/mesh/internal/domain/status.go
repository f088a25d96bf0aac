package domain

import (
	"context"
	"errors"
	"time"
)

// Meeting is what a place's status follows from.
type Meeting struct {
	ID      string
	Version int64
	PlaceID string
	HeldAt  time.Time
	Held    bool
	Cause   string // id of the event that told it
}

// periodsApart is the least time between two periods of a sustained place, in months.
const periodsApart = 6

// StatusAfter is how far a place has come whose held meetings lie between first and last; zero times say that there are none.
func StatusAfter(first, last time.Time) PlaceStatus {
	switch {
	case first.IsZero():
		return Identified
	case !last.Before(first.AddDate(0, periodsApart, 0)):
		return Sustained
	}
	return Active
}

// RecordMeeting keeps the newest state of a meeting, and moves the status of its place with it.
func RecordMeeting(ctx context.Context, tx Tx, m Meeting) error {
	if err := tx.LockPlace(ctx, m.PlaceID); err != nil {
		return err
	}
	saved, err := tx.SaveMeeting(ctx, m)
	if err != nil || !saved {
		return err
	}
	place, err := tx.Place(ctx, m.PlaceID)
	if errors.Is(err, ErrPlaceNotFound) { // a remote meeting, or a place that is not ours
		return nil
	}
	if err != nil {
		return err
	}
	first, last, err := tx.HeldAt(ctx, m.PlaceID)
	if err != nil {
		return err
	}
	status := StatusAfter(first, last)
	if status == place.Status {
		return nil
	}
	place.Status = status
	return updatePlace(ctx, tx, &place, m.Cause)
}
