package domain

import (
	"sync"
	"time"
	_ "time/tzdata" // containers have no zones of their own

	"github.com/classcode/maillage/pkg/errs"
)

// LocalChoice says which instant is meant by an hour that the clocks show twice; the numbers are the contract's.
type LocalChoice int

// The choices between the two instants of one hour.
const (
	NoChoice LocalChoice = iota
	EarlierOne
	LaterOne
)

const (
	localLayout = "2006-01-02T15:04"
	dateLayout  = "2006-01-02"
	hourLayout  = "15:04"

	// farthest is more than any zone has ever been away from UTC (15 h 14 min), and more than clocks have ever jumped (24 h).
	farthest = 26 * time.Hour
)

// What a local time may be refused for.
var (
	ErrTime = errs.New(errs.Invalid, "TIME_INVALID",
		"This is not a date between the years 1 and 9999.",
		"Ce n'est pas une date entre les années 1 et 9999.")
	ErrTimeZone = errs.New(errs.Invalid, "TIME_ZONE_UNKNOWN",
		`This time zone is not known; give an IANA name such as "Europe/Paris".`,
		"Ce fuseau horaire est inconnu ; donnez un nom IANA comme « Europe/Paris ».")
	ErrLocalTime = errs.New(errs.Invalid, "LOCAL_TIME_INVALID",
		`A local time is a date and an hour as clocks show them, such as "2026-03-29T18:30".`,
		"Une heure locale est une date et une heure telles que les horloges les affichent, comme « 2026-03-29T18:30 ».")
	ErrLocalTimeMissing = errs.New(errs.Invalid, "LOCAL_TIME_MISSING",
		"Clocks go forward that day and skip this hour; choose last_before at the latest, or first_after at the earliest.",
		"Les horloges avancent ce jour-là et sautent cette heure ; choisissez au plus tard last_before, ou au plus tôt first_after.")
	ErrLocalTimeTwice = errs.New(errs.Invalid, "LOCAL_TIME_TWICE",
		"Clocks go back that day and show this hour twice; say in local_time_choice whether the earlier or the later one is meant.",
		"Les horloges reculent ce jour-là et affichent cette heure deux fois ; dites dans local_time_choice laquelle est voulue.")
	ErrTimeGivenTwice = errs.New(errs.Invalid, "TIME_GIVEN_TWICE",
		"Give the instant or the local time, not both.",
		"Donnez l'instant ou l'heure locale, pas les deux.")
)

// zones keeps what was read: reading a zone takes some 20 µs, and every meeting that is answered tells its local hours. Only
// names of existing zones enter, of which there are about 600.
var zones sync.Map

func location(name, path string) (*time.Location, error) {
	if known, ok := zones.Load(name); ok {
		return known.(*time.Location), nil
	}
	// The standard library also accepts these two, which mean something else on each machine.
	if name == "" || name == "Local" {
		return nil, ErrTimeZone.At(path)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, ErrTimeZone.At(path)
	}
	zones.Store(name, zone)
	return zone, nil
}

// CheckZone refuses a name that no zone has.
func CheckZone(name, path string) error {
	_, err := location(name, path)
	return err
}

// Local is what the clocks of a zone show at t, to the minute; empty when there is no such zone.
func Local(t time.Time, zone string) string {
	place, err := location(zone, "")
	if err != nil || t.IsZero() {
		return ""
	}
	return t.In(place).Format(localLayout)
}

// Instant is when the clocks of a zone show local, written as "2026-03-29T18:30"; path is the field that said so. An hour that
// they skip in spring is refused, and so is one that they show twice in autumn, unless choice says which is meant.
func Instant(local, zone string, choice LocalChoice, path string) (time.Time, error) {
	place, err := location(zone, "time_zone")
	if err != nil {
		return time.Time{}, err
	}
	wall, ok := strictly(localLayout, local)
	if !ok {
		return time.Time{}, ErrLocalTime.At(path)
	}
	return instantOf(wall, place, choice, path)
}

// strictly reads a text that is exactly as long as its layout: time.Parse by itself takes "8:30" for "08:30".
func strictly(layout, text string) (time.Time, bool) {
	t, err := time.Parse(layout, text)
	return t, err == nil && len(text) == len(layout) && t.Year() >= 1
}

// wallOf is what clocks show at t, as if they stood in UTC.
func wallOf(t time.Time, place *time.Location) time.Time {
	_, offset := t.In(place).Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

func instantOf(wall time.Time, place *time.Location, choice LocalChoice, path string) (time.Time, error) {
	shown, before, after := showing(wall, place)
	var t time.Time
	switch {
	case len(shown) == 0:
		return t, ErrLocalTimeMissing.At(path).With("local_time", wall.Format(localLayout)).
			With("last_before", before.Format(localLayout)).With("first_after", after.Format(localLayout))
	case len(shown) == 1 || choice == EarlierOne:
		t = shown[0]
	case choice == LaterOne:
		t = shown[len(shown)-1]
	default:
		return t, ErrLocalTimeTwice.At(path).With("local_time", wall.Format(localLayout)).
			With("earlier", shown[0].In(place).Format(time.RFC3339)).With("later", shown[len(shown)-1].In(place).Format(time.RFC3339))
	}
	if t = t.UTC(); t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, ErrTime.At(path)
	}
	return t, nil
}

// showing is the instants at which clocks show wall, in order. When there is none, before and after are the last minute that
// they show before the jump and the first one after it.
func showing(wall time.Time, place *time.Location) (shown []time.Time, before, after time.Time) {
	for t := wall.Add(-farthest).In(place); !t.After(wall.Add(farthest)); {
		_, offset := t.Zone()
		from, until := t.ZoneBounds()
		at := wall.Add(-time.Duration(offset) * time.Second)
		if (from.IsZero() || !at.Before(from)) && (until.IsZero() || at.Before(until)) {
			shown = append(shown, at)
		}
		if until.IsZero() {
			break
		}
		ends := until.UTC().Add(time.Duration(offset) * time.Second)
		if begins := wallOf(until, place); !wall.Before(ends) && wall.Before(begins) {
			before, after = ends.Add(-time.Minute), begins
		}
		t = until
	}
	return shown, before, after
}

// laterOnClocks is the instant at which clocks show what they show at t, and by more: whole days keep the hour when clocks change meanwhile.
func laterOnClocks(t time.Time, by time.Duration, zone string, choice LocalChoice, path string) (time.Time, error) {
	place, err := location(zone, "time_zone")
	if err != nil {
		return time.Time{}, err
	}
	return instantOf(wallOf(t, place).Add(by), place, choice, path)
}
