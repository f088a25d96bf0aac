package domain

import (
	"context"
	"time"
)

const (
	// watched is how long before its start a meeting is looked at: as early as a threshold may count.
	watched = 7 * 24 * time.Hour
	// sweepRows bounds a transaction of the watch.
	sweepRows = 100
)

// Watch tells, once each, of the problems whose promise has passed and of the meetings that should be postponed. Several replicas may
// watch at once.
func Watch(ctx context.Context, store Store, newID func() string, now time.Time) error {
	for {
		n, err := alertOverdue(ctx, store, now)
		if err != nil {
			return err
		}
		if n < sweepRows {
			return watchMeetings(ctx, store, newID, now)
		}
	}
}

func alertOverdue(ctx context.Context, store Store, now time.Time) (n int, err error) {
	err = store.Write(ctx, func(tx Tx) error {
		late, err := tx.AlertOverdue(ctx, now, sweepRows)
		if err != nil {
			return err
		}
		n = len(late)
		overdue := make([]Event, n)
		for i, p := range late {
			overdue[i] = Event{Name: "problem.overdue", State: p}
		}
		return tx.Emit(ctx, overdue...)
	})
	return n, err
}

// watchMeetings goes through the meetings that begin soon or are running.
func watchMeetings(ctx context.Context, store Store, newID func() string, now time.Time) error {
	for after := ""; ; {
		ids, err := store.Unready(ctx, now.Add(-longest), now.Add(watched), after, sweepRows)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := watchMeeting(ctx, store, newID, id, now); err != nil {
				return err
			}
			after = id
		}
		if len(ids) < sweepRows {
			return nil
		}
	}
}

// watchMeeting only writes when there is something new to tell.
func watchMeeting(ctx context.Context, store Store, newID func() string, id string, now time.Time) error {
	m, err := store.Meeting(ctx, id)
	if err != nil {
		return err
	}
	b, err := ReadBoard(ctx, store, newID, m, now)
	if err != nil || b.Recommendation <= b.told() {
		return err
	}
	return store.Write(ctx, func(tx Tx) error { return recommend(ctx, tx, m.ID, now) })
}

// recommend looks again, since the meeting may have changed since it was listed.
func recommend(ctx context.Context, tx Tx, id string, now time.Time) error {
	m, err := tx.Meeting(ctx, id)
	if err != nil {
		return err
	}
	b, err := BoardOf(ctx, tx, m, now)
	if err != nil || b.Recommendation == NoRecommendation {
		return err
	}
	first, err := tx.Recommend(ctx, m.ID, b.Recommendation, m.Start)
	if err != nil || !first {
		return err
	}
	b.Checklist.Version++
	event := "readiness.warned"
	if b.Recommendation == RecommendPostpone {
		event = "readiness.postponement_recommended"
	}
	return tx.Emit(ctx, Event{Name: event, State: b})
}
