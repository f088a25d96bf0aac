package domain_test

import (
	"testing"
	"time"

	"github.com/classcode/maillage/services/mesh/internal/domain"
)

func TestFree(t *testing.T) {
	evenings := []domain.Availability{
		{Weekday: 2, Start: 18 * 60, End: 20 * 60}, {Weekday: 2, Start: 20 * 60, End: 24 * 60}, {Weekday: 3, Start: 0, End: 60},
		{Weekday: 7, Start: 60, End: 4 * 60}, // Sunday, when the clock changes
	}
	for name, c := range map[string]struct {
		start, end string // UTC
		calendar   domain.Calendar
		want       domain.Free
	}{
		"inside":                    {"2026-12-01T18:00", "2026-12-01T19:00", domain.Calendar{Availabilities: evenings}, domain.FreeYes},
		"the whole of it":           {"2026-12-01T17:00", "2026-12-01T19:00", domain.Calendar{Availabilities: evenings}, domain.FreeYes},
		"over two that touch":       {"2026-12-01T18:30", "2026-12-01T20:00", domain.Calendar{Availabilities: evenings}, domain.FreeYes},
		"past midnight":             {"2026-12-01T22:00", "2026-12-02T00:00", domain.Calendar{Availabilities: evenings}, domain.FreeYes},
		"too far past midnight":     {"2026-12-01T22:00", "2026-12-02T00:01", domain.Calendar{Availabilities: evenings}, domain.FreeOutsideHours},
		"too early":                 {"2026-12-01T16:59", "2026-12-01T18:00", domain.Calendar{Availabilities: evenings}, domain.FreeOutsideHours},
		"another day":               {"2026-12-03T18:00", "2026-12-03T19:00", domain.Calendar{Availabilities: evenings}, domain.FreeOutsideHours},
		"the same hour in summer":   {"2026-06-02T16:00", "2026-06-02T18:00", domain.Calendar{Availabilities: evenings}, domain.FreeYes},
		"winter's hour in summer":   {"2026-06-02T21:30", "2026-06-02T23:30", domain.Calendar{Availabilities: evenings}, domain.FreeOutsideHours},
		"an hour that is skipped":   {"2026-03-29T00:00", "2026-03-29T02:00", domain.Calendar{Availabilities: evenings}, domain.FreeYes}, // 1 to 4 is two hours
		"an hour that comes twice":  {"2026-10-24T23:00", "2026-10-25T03:00", domain.Calendar{Availabilities: evenings}, domain.FreeYes}, // 1 to 4 is four hours
		"and not a minute more":     {"2026-10-24T23:00", "2026-10-25T03:01", domain.Calendar{Availabilities: evenings}, domain.FreeOutsideHours},
		"nobody knows":              {"2026-12-01T18:00", "2026-12-01T19:00", domain.Calendar{}, domain.FreeUnknown},
		"away that day":             {"2026-12-01T18:00", "2026-12-01T19:00", domain.Calendar{Availabilities: evenings, Absences: []domain.Absence{{"2026-12-01", "2026-12-01"}}}, domain.FreeAway},
		"away, hours unknown":       {"2026-12-01T18:00", "2026-12-01T19:00", domain.Calendar{Absences: []domain.Absence{{"2026-11-01", "2026-12-24"}}}, domain.FreeAway},
		"away from the next day":    {"2026-12-01T22:00", "2026-12-01T23:00", domain.Calendar{Availabilities: evenings, Absences: []domain.Absence{{"2026-12-02", "2026-12-02"}}}, domain.FreeYes},
		"away when it ends":         {"2026-12-01T22:00", "2026-12-01T23:01", domain.Calendar{Availabilities: evenings, Absences: []domain.Absence{{"2026-12-02", "2026-12-02"}}}, domain.FreeAway},
		"the day of another island": {"2026-12-01T19:00", "2026-12-01T20:00", domain.Calendar{TimeZone: "Indian/Reunion", Availabilities: []domain.Availability{{2, 23 * 60, 24 * 60}}}, domain.FreeYes},
		"a zone given up since":     {"2026-12-01T18:00", "2026-12-01T19:00", domain.Calendar{TimeZone: "Europe/Nantes", Availabilities: evenings}, domain.FreeUnknown},
	} {
		if c.calendar.TimeZone == "" {
			c.calendar.TimeZone = "Europe/Paris"
		}
		if got := c.calendar.Free(domain.Period{Start: at(t, c.start), End: at(t, c.end)}); got != c.want {
			t.Errorf("%s: %d; want %d", name, got, c.want)
		}
	}
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	instant, err := time.Parse("2006-01-02T15:04", text)
	if err != nil {
		t.Fatal(err)
	}
	return instant
}
