package domain

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestCode(t *testing.T) {
	key, now := DeriveCheckInKey([]byte("secret")), at(0, 2).Start
	code := key.Code("m", now)
	for name, c := range map[string]struct {
		meeting string
		key     CheckInKey
		after   time.Duration
		want    error
	}{
		"at once":               {"m", key, 0, nil},
		"as it changes":         {"m", key, codeStep, nil},
		"until the one after":   {"m", key, 2*codeStep - time.Second, nil},
		"the one before that":   {"m", key, 2 * codeStep, ErrCodeExpired},
		"screenshot of an hour": {"m", key, time.Hour, ErrCodeExpired},
		"yesterday's":           {"m", key, codeMemory, ErrCodeExpired},
		"another meeting's":     {"n", key, 0, ErrCodeWrong},
		"another deployment's":  {"m", DeriveCheckInKey([]byte("other")), 0, ErrCodeWrong},
		"before it is shown":    {"m", key, -codeStep, ErrCodeWrong},
	} {
		if err := c.key.of(c.meeting).check(code, now.Add(c.after)); !errors.Is(err, c.want) || err == nil != (c.want == nil) {
			t.Errorf("%s: %v; want %v", name, err, c.want)
		}
	}
	if text := fmt.Sprintf("%v %#v", key, key); text != "*** ***" {
		t.Errorf("the key shows: %s", text)
	}
}

// Whatever the meeting and the hour, the code is six digits, accepted for a minute at most and half a minute at least.
func TestCodeLasts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key, meeting := DeriveCheckInKey([]byte(rapid.String().Draw(t, "secret"))), rapid.String().Draw(t, "meeting")
		now := time.Unix(rapid.Int64Range(1_700_000_000, 2_000_000_000).Draw(t, "hour"), 0)
		code := key.Code(meeting, now)
		if len(code) != 6 {
			t.Fatalf("%q", code)
		}
		if err := key.of(meeting).check(code, now.Add(codeStep)); err != nil {
			t.Fatalf("half a minute later: %v", err)
		}
	})
}

func TestTries(t *testing.T) {
	now := at(0, 2).Start
	full := Tries{Since: now, Wrong: maxTries}
	for after, want := range map[time.Duration]int{0: maxTries, triesWindow - 1: maxTries, triesWindow: 0} {
		if got := full.at(now.Add(after)); got.Wrong != want {
			t.Errorf("after %v: %d wrong; want %d", after, got.Wrong, want)
		}
	}
	if got := (Tries{}).at(now); got.Wrong != 0 || !got.Since.Equal(now) {
		t.Errorf("%+v", got)
	}
}

func TestChecksIn(t *testing.T) {
	m := Meeting{State: MeetingOpen, Start: at(0, 2).Start, End: at(0, 2).End}
	for after, open := range map[time.Duration]bool{
		-checkInMargin - 1: false, -checkInMargin: true, 0: true, 2 * time.Hour: true, 2*time.Hour + checkInMargin - 1: true, 2*time.Hour + checkInMargin: false,
	} {
		if err := m.checksIn(m.Start.Add(after)); (err == nil) != open {
			t.Errorf("%v after the start: %v; open must be %v", after, err, open)
		}
	}
	m.State = MeetingHeld
	if err := m.checksIn(m.Start); !errors.Is(err, ErrMeetingState) {
		t.Errorf("declared: %v", err)
	}
}
