package domain

import (
	"context"
	"fmt"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// NoticePreferences is which notices a person wants, and when.
type NoticePreferences struct {
	Level            NoticeLevel
	ShortReminder    bool
	MeetingConfirmed bool
	// Quiet hours, in minutes after midnight on the clocks of the meeting's zone; none when both are equal.
	QuietStart, QuietEnd int
	Version              int64 // 0 for whoever never chose
}

// NoticeLevel is which notices a person wants; the numbers are the contract's.
type NoticeLevel int

// The levels.
const (
	NoticesAll NoticeLevel = iota + 1
	NoticesEssential
	NoticesNone
)

const (
	quietFrom  = 21 * 60
	quietUntil = 7 * 60
)

// UsualPreferences are those of whoever never chose.
func UsualPreferences() NoticePreferences {
	return NoticePreferences{Level: NoticesAll, QuietStart: quietFrom, QuietEnd: quietUntil}
}

// Wants tells whether the person wants notices of this kind.
func (p NoticePreferences) Wants(k NoticeKind) bool {
	switch {
	case p.Level == NoticesNone, p.Level == NoticesEssential && !natures[k].essential:
		return false
	case k == NoticeShortReminder:
		return p.ShortReminder
	case k == NoticeMeetingConfirmed:
		return p.MeetingConfirmed
	}
	return true
}

// QuietUntil is the end of the quiet hours in which now lies; zero outside of them.
func (p NoticePreferences) QuietUntil(now time.Time, zone string) time.Time {
	location, err := time.LoadLocation(zone)
	if err != nil {
		location = time.UTC // checked when the meeting was planned
	}
	local := now.In(location)
	minute := local.Hour()*60 + local.Minute()
	evening, morning := minute >= p.QuietStart, minute < p.QuietEnd
	quiet := evening && morning
	if p.QuietStart > p.QuietEnd { // over midnight
		quiet = evening || morning
	}
	if !quiet {
		return time.Time{}
	}
	year, month, day := local.Date()
	if !morning {
		day++
	}
	return time.Date(year, month, day, 0, p.QuietEnd, 0, 0, location).UTC()
}

// clockOf is a minute of the day as people write it: "21:00".
func clockOf(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// QuietStartTime is when the quiet hours begin, e.g. "21:00".
func (p NoticePreferences) QuietStartTime() string { return clockOf(p.QuietStart) }

// QuietEndTime is when they end, e.g. "07:00".
func (p NoticePreferences) QuietEndTime() string { return clockOf(p.QuietEnd) }

// PreferencesChange is what a person asks for.
type PreferencesChange struct {
	Level                        NoticeLevel // 0: all
	ShortReminder                bool
	MeetingConfirmed             bool
	QuietStartTime, QuietEndTime string // "HH:MM"; empty: the usual ones
	Mask                         []string
}

// ErrClock says that a text is no time of day.
var ErrClock = errs.New(errs.Invalid, "CLOCK_INVALID",
	`A time of day is written "21:00".`,
	"Une heure s'écrit « 21:00 ».")

// UpdatePreferences changes the masked preferences of a person; an empty mask is all of them.
func UpdatePreferences(ctx context.Context, tx Tx, personID string, p NoticePreferences, c PreferencesChange) (NoticePreferences, error) {
	next, err := p.with(c)
	if err != nil || next == p {
		return next, err
	}
	next.Version++
	return next, tx.SavePreferences(ctx, personID, next)
}

func (p NoticePreferences) with(c PreferencesChange) (NoticePreferences, error) {
	mask := c.Mask
	if len(mask) == 0 || len(mask) == 1 && mask[0] == "*" {
		mask = []string{"level", "short_reminder", "meeting_confirmed", "quiet_start_time", "quiet_end_time"}
	}
	for _, path := range mask {
		var err error
		switch path {
		case "level":
			p.Level = max(c.Level, NoticesAll)
		case "short_reminder":
			p.ShortReminder = c.ShortReminder
		case "meeting_confirmed":
			p.MeetingConfirmed = c.MeetingConfirmed
		case "quiet_start_time":
			p.QuietStart, err = minuteOf(c.QuietStartTime, quietFrom, "preferences.quiet_start_time")
		case "quiet_end_time":
			p.QuietEnd, err = minuteOf(c.QuietEndTime, quietUntil, "preferences.quiet_end_time")
		case "etag": // a PATCH over HTTP without a mask gets one from its body, this included
		default:
			err = errs.ErrMask.At("update_mask").With("path", path)
		}
		if err != nil {
			return p, err
		}
	}
	return p, nil
}

func minuteOf(clock string, usual int, path string) (int, error) {
	if clock == "" {
		return usual, nil
	}
	at, err := time.Parse("15:04", clock)
	if err != nil {
		return 0, ErrClock.At(path)
	}
	return at.Hour()*60 + at.Minute(), nil
}

// Unsubscribe leaves a person the notices that their own seat depends on; who wants none at all still gets none.
func Unsubscribe(ctx context.Context, tx Tx, personID string) error {
	p, err := tx.NoticePreferences(ctx, personID)
	if err != nil || p.Level != NoticesAll {
		return err
	}
	p.Level, p.Version = NoticesEssential, p.Version+1
	return tx.SavePreferences(ctx, personID, p)
}
