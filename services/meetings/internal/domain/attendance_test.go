package domain

import (
	"slices"
	"testing"

	"github.com/classcode/maillage/pkg/errs"
)

func roll(states ...RegistrationState) []Registration {
	all := make([]Registration, len(states))
	for i, s := range states {
		id := string(rune('a' + i))
		all[i] = Registration{ID: id, PersonID: "person-" + id, State: s, Version: 1}
	}
	return all
}

func TestMark(t *testing.T) {
	for name, c := range map[string]struct {
		lines         []Attendance
		changed       int
		reason, field string
	}{
		"all":          {[]Attendance{{"a", RegistrationPresent}, {"b", RegistrationAbsent}}, 2, "", ""},
		"one":          {[]Attendance{{"b", RegistrationExcused}}, 1, "", ""},
		"as before":    {[]Attendance{{"c", RegistrationPresent}}, 0, "", ""},
		"second mind":  {[]Attendance{{"c", RegistrationAbsent}}, 1, "", ""},
		"another's":    {[]Attendance{{"a", RegistrationPresent}, {"z", RegistrationPresent}}, 0, "REGISTRATION_OF_ANOTHER_MEETING", "attendances[1].registration_id"},
		"twice":        {[]Attendance{{"a", RegistrationPresent}, {"a", RegistrationAbsent}}, 0, "REGISTRATION_TWICE", "attendances[1].registration_id"},
		"twice, agree": {[]Attendance{{"c", RegistrationPresent}, {"c", RegistrationPresent}}, 0, "REGISTRATION_TWICE", "attendances[1].registration_id"},
	} {
		t.Run(name, func(t *testing.T) {
			changed, err := mark(roll(RegistrationConfirmed, RegistrationConfirmed, RegistrationPresent), c.lines)
			refusedAs(t, err, c.reason, c.field)
			if len(changed) != c.changed || slices.ContainsFunc(changed, func(r Registration) bool { return r.Version != 2 }) {
				t.Fatalf("changed %+v; want %d", changed, c.changed)
			}
		})
	}
}

func TestComplete(t *testing.T) {
	refusedAs(t, complete(roll(RegistrationPresent, RegistrationAbsent, RegistrationExcused)), "", "")
	refusedAs(t, complete(roll(RegistrationAbsent, RegistrationExcused)), "NOBODY_PRESENT", "id")
	refusedAs(t, complete(nil), "NOBODY_PRESENT", "id")
	err := complete(roll(RegistrationPresent, RegistrationConfirmed, RegistrationConfirmed))
	refusedAs(t, err, "ATTENDANCE_INCOMPLETE", "id")
	if missing := errs.From(err).Meta["missing"]; missing != "2" {
		t.Fatalf("%q are missing; want 2", missing)
	}
}

func TestParts(t *testing.T) {
	got := partsIn(Meeting{OrganiserID: "person-b"}, roll(RegistrationPresent, RegistrationPresent, RegistrationAbsent, RegistrationExcused))
	want := []part{{"person-b", Organiser}, {"person-a", Participant}}
	if !slices.Equal(got, want) {
		t.Fatalf("%v; want %v", got, want)
	}
}
