package domain

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/classcode/maillage/pkg/errs"
)

// France's zones: twelve different hours at one instant, dependencies included.
var french = map[string]string{
	"Europe/Paris": "+01:00", "America/Guadeloupe": "-04:00", "America/Martinique": "-04:00", "America/Cayenne": "-03:00",
	"America/Miquelon": "-03:00", "America/Marigot": "-04:00", "America/St_Barthelemy": "-04:00", "Indian/Reunion": "+04:00",
	"Indian/Mayotte": "+03:00", "Indian/Kerguelen": "+05:00", "Pacific/Noumea": "+11:00", "Pacific/Wallis": "+12:00",
	"Pacific/Tahiti": "-10:00", "Pacific/Marquesas": "-09:30", "Pacific/Gambier": "-09:00",
}

func TestLocalTimes(t *testing.T) {
	for name, c := range map[string]struct {
		local, zone string
		choice      LocalChoice
		want        string // UTC
		reason      string
		meta        [2]string // the two texts that help to choose another
	}{
		"winter":                {"2026-03-28T18:30", "Europe/Paris", 0, "2026-03-28T17:30:00Z", "", [2]string{}},
		"summer":                {"2026-03-29T18:30", "Europe/Paris", 0, "2026-03-29T16:30:00Z", "", [2]string{}},
		"last before the gap":   {"2026-03-29T01:59", "Europe/Paris", 0, "2026-03-29T00:59:00Z", "", [2]string{}},
		"in the gap":            {"2026-03-29T02:30", "Europe/Paris", 0, "", "LOCAL_TIME_MISSING", [2]string{"2026-03-29T01:59", "2026-03-29T03:00"}},
		"in the gap, whichever": {"2026-03-29T02:00", "Europe/Paris", LaterOne, "", "LOCAL_TIME_MISSING", [2]string{"2026-03-29T01:59", "2026-03-29T03:00"}},
		"first after the gap":   {"2026-03-29T03:00", "Europe/Paris", 0, "2026-03-29T01:00:00Z", "", [2]string{}},
		"twice":                 {"2026-10-25T02:30", "Europe/Paris", 0, "", "LOCAL_TIME_TWICE", [2]string{"2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"}},
		"twice, the earlier":    {"2026-10-25T02:30", "Europe/Paris", EarlierOne, "2026-10-25T00:30:00Z", "", [2]string{}},
		"twice, the later":      {"2026-10-25T02:30", "Europe/Paris", LaterOne, "2026-10-25T01:30:00Z", "", [2]string{}},
		"once again":            {"2026-10-25T03:00", "Europe/Paris", 0, "2026-10-25T02:00:00Z", "", [2]string{}},
		"Saint-Pierre, gap":     {"2026-03-08T02:30", "America/Miquelon", 0, "", "LOCAL_TIME_MISSING", [2]string{"2026-03-08T01:59", "2026-03-08T03:00"}},
		"Saint-Pierre, twice":   {"2026-11-01T01:30", "America/Miquelon", LaterOne, "2026-11-01T04:30:00Z", "", [2]string{}},
		"Réunion has no summer": {"2026-03-29T02:30", "Indian/Reunion", 0, "2026-03-28T22:30:00Z", "", [2]string{}},
		"Tahiti, day before":    {"2026-03-29T18:30", "Pacific/Tahiti", 0, "2026-03-30T04:30:00Z", "", [2]string{}},
		"Marquises, half hour":  {"2026-03-29T18:30", "Pacific/Marquesas", 0, "2026-03-30T04:00:00Z", "", [2]string{}},
		"a day that never was":  {"2011-12-30T12:00", "Pacific/Apia", 0, "", "LOCAL_TIME_MISSING", [2]string{"2011-12-29T23:59", "2011-12-31T00:00"}},
		"leap day":              {"2028-02-29T18:30", "Europe/Paris", 0, "2028-02-29T17:30:00Z", "", [2]string{}},
		"no leap day":           {"2026-02-29T18:30", "Europe/Paris", 0, "", "LOCAL_TIME_INVALID", [2]string{}},
		"24:00":                 {"2026-03-29T24:00", "Europe/Paris", 0, "", "LOCAL_TIME_INVALID", [2]string{}},
		"one digit":             {"2026-03-29T8:30", "Europe/Paris", 0, "", "LOCAL_TIME_INVALID", [2]string{}},
		"a date":                {"2026-03-29", "Europe/Paris", 0, "", "LOCAL_TIME_INVALID", [2]string{}},
		"an instant":            {"2026-03-29T18:30:00Z", "Europe/Paris", 0, "", "LOCAL_TIME_INVALID", [2]string{}},
		"year 0":                {"0000-12-31T23:59", "Europe/Paris", 0, "", "LOCAL_TIME_INVALID", [2]string{}},
		"year 10000":            {"10000-01-01T00:00", "Europe/Paris", 0, "", "LOCAL_TIME_INVALID", [2]string{}},
		"10000 in UTC":          {"9999-12-31T23:59", "Pacific/Tahiti", 0, "", "TIME_INVALID", [2]string{}},
		"before year 1 in UTC":  {"0001-01-01T00:00", "Indian/Reunion", 0, "", "TIME_INVALID", [2]string{}},
		"words":                 {"demain à 18 h", "Europe/Paris", 0, "", "LOCAL_TIME_INVALID", [2]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Instant(c.local, c.zone, c.choice, "local_start_time")
			refusedAs(t, err, c.reason, "local_start_time")
			if err == nil {
				if got.Format(time.RFC3339) != c.want || Local(got, c.zone) != c.local {
					t.Fatalf("%v, which clocks show as %s; want %s", got, Local(got, c.zone), c.want)
				}
				return
			}
			meta := errs.From(err).Meta
			if told := [2]string{meta["last_before"] + meta["earlier"], meta["first_after"] + meta["later"]}; told != c.meta {
				t.Fatalf("told %v; want %v", told, c.meta)
			}
		})
	}
	_, err := Instant("2026-03-29T18:30", "Europe/Lutece", 0, "local_start_time")
	refusedAs(t, err, "TIME_ZONE_UNKNOWN", "time_zone")
}

func TestFrenchZones(t *testing.T) {
	hours := map[string]bool{}
	for zone, offset := range french {
		got, err := Instant("2026-12-01T18:30", zone, 0, "")
		if want, _ := time.Parse(time.RFC3339, "2026-12-01T18:30:00"+offset); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v; want %v", zone, got, err, want)
		}
		hours[offset] = true
	}
	if len(hours) < 11 {
		t.Errorf("only %d different hours in France", len(hours))
	}
}

// What clocks show at an instant leads back to it, in every zone and on both sides of every change.
func TestLocalTimeThereAndBack(t *testing.T) {
	zones := []string{"Africa/Casablanca", "Australia/Lord_Howe", "America/Caracas", "Pacific/Apia", "UTC"}
	for zone := range french {
		zones = append(zones, zone)
	}
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		at := time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(t, "second")/60*60, 0).UTC()
		earlier, err := Instant(Local(at, zone), zone, EarlierOne, "")
		if err != nil {
			t.Fatalf("%v is shown in %s, but %v", at, zone, err)
		}
		last, err := Instant(Local(at, zone), zone, LaterOne, "")
		if err != nil || !at.Equal(earlier) && !at.Equal(last) || last.Before(earlier) || last.Sub(earlier) > farthest {
			t.Fatalf("%v in %s came back as %v or %v, %v", at, zone, earlier, last, err)
		}
	})
}

// Whole weeks later, clocks show the same hour, whatever they did meanwhile.
func TestWeeksKeepTheHour(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom([]string{"Europe/Paris", "America/Miquelon", "Pacific/Noumea"}).Draw(t, "zone")
		at := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 8760).Draw(t, "hour")) * time.Hour)
		weeks := rapid.IntRange(-60, 60).Draw(t, "weeks")
		moved, err := laterOnClocks(at, time.Duration(weeks)*week, zone, EarlierOne, "days")
		if err != nil {
			if errs.From(err).Reason != "LOCAL_TIME_MISSING" {
				t.Fatal(err)
			}
			return
		}
		before, after := Local(at, zone), Local(moved, zone)
		if before[len("2026-01-01"):] != after[len("2026-01-01"):] || wallOf(moved, mustZone(zone)).Weekday() != wallOf(at, mustZone(zone)).Weekday() {
			t.Fatalf("%s moved by %d weeks is %s", before, weeks, after)
		}
	})
}

func mustZone(name string) *time.Location {
	zone, err := location(name, "")
	if err != nil {
		panic(err)
	}
	return zone
}
