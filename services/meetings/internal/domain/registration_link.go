package domain

import (
	"context"
	"errors"
	"strconv"
	"time"
)

// linkAgain is for how long somebody who was sent the link to register for a meeting is not sent it again: a form that anybody may press
// fills nobody's letter box.
const linkAgain = 10 * time.Minute

// RequestRegistrationLink has the link to register for a meeting sent to those who have asked for it, each once in ten minutes. What they
// are told apart from others by is theirs: the address that was typed is not known here.
func RequestRegistrationLink(ctx context.Context, tx Tx, meetingID string, persons []string, newID func() string, now time.Time) error {
	m, err := tx.Meeting(ctx, meetingID)
	switch {
	case err != nil:
		return err
	case m.State == MeetingDraft:
		return ErrMeetingNotFound
	case !m.TakesRegistrations(now):
		return ErrMeetingClosed
	}
	var notices []Notice
	for _, person := range persons {
		sent, err := wasSentLink(ctx, tx, m.ID, person, now)
		if err != nil {
			return err
		}
		if !sent {
			notices = append(notices, linkNotice(m.ID, person, now, now))
		}
	}
	return sendNotices(ctx, tx, notices, newID)
}

// linkNotice has a key for every ten minutes: of requests at the same time, one is kept.
func linkNotice(meetingID, personID string, at, now time.Time) Notice {
	span := at.UnixMicro() / linkAgain.Microseconds()
	a := Announcement{Kind: NoticeRegistrationLink, MeetingID: meetingID, Cause: strconv.FormatInt(span, 10)}
	return a.of(meetingID, personID, now)
}

// wasSentLink tells whether somebody was sent the link within ten minutes, also when they lie in two spans; and whether they were erased.
func wasSentLink(ctx context.Context, tx Tx, meetingID, personID string, now time.Time) (bool, error) {
	if erased, err := tx.Erased(ctx, personID); erased || err != nil {
		return true, err
	}
	for _, at := range []time.Time{now, now.Add(-linkAgain)} {
		last, err := tx.Notice(ctx, linkNotice(meetingID, personID, at, now).Key)
		switch {
		case errors.Is(err, ErrNoticeNotFound):
		case err != nil:
			return false, err
		case now.Sub(last.CreateTime) < linkAgain:
			return true, nil
		}
	}
	return false, nil
}
