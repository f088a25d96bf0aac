package meetings_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// entry is what a calendar program has understood of a meeting.
type entry struct {
	UID      string `json:"uid"`
	Sequence int    `json:"sequence"`
	Status   string `json:"status"`
	Start    string `json:"start"`
	End      string `json:"end"`
	Summary  string `json:"summary"`
	Location string `json:"location"`
}

// programs are three that have nothing in common with what writes the feeds, nor with each other.
var programs = map[string][]string{
	"ical.js": {"node", "icaljs.mjs"}, "node-ical": {"node", "nodeical.mjs"},
	// Debian's own, to which its package python3-icalendar belongs.
	"icalendar": {"/usr/bin/python3", "pythonicalendar.py"},
}

// read has a program read feeds, in the order in which they were given.
func (w *world) read(program []string, feeds ...string) (all [][]entry) {
	w.Helper()
	arguments := program[1:]
	for i, feed := range feeds {
		file := filepath.Join(w.TempDir(), string(rune('a'+i))+".ics")
		if err := os.WriteFile(file, []byte(feed), 0o600); err != nil {
			w.Fatal(err)
		}
		arguments = append(slices.Clone(arguments), file)
	}
	command := exec.CommandContext(w.Context(), program[0], arguments...) //nolint:gosec // ours
	command.Dir = "testdata/calendar"
	command.Env = append(os.Environ(), "TZ=Asia/Kathmandu") // nobody's zone but the machine's
	var problems strings.Builder
	command.Stderr = &problems
	out, err := command.Output()
	if err != nil {
		w.Fatalf("%v: %v\n%s\nNode: scripts/bootstrap node, then npm ci in testdata/calendar; Python: scripts/bootstrap icalendar", program, err, &problems)
	}
	for line := range strings.Lines(string(out)) {
		var entries []entry
		if err := json.Unmarshal([]byte(line), &entries); err != nil {
			w.Fatal(err)
		}
		slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.Start+a.UID, b.Start+b.UID) })
		all = append(all, entries)
	}
	return all
}

func utc(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

// A meeting that is planned, confirmed, moved and called off is the same entry in each program, which it replaces each time.
func TestCalendarPrograms(t *testing.T) {
	w := newWorld(t)
	_, secret := w.subscribe("reader", &meetingsv1.Calendar{PlaceId: place})
	begin := start.Add(72 * time.Hour)
	m := w.single("Robots, cartes ; et « surprises »", "Europe/Paris", begin)
	feeds := []string{w.feed(secret)}
	must[*meetingsv1.Meeting](w)(w.ConfirmMeeting(w.as("relay"), &meetingsv1.ConfirmMeetingRequest{Id: m.GetId()}))
	feeds = append(feeds, w.feed(secret))
	moved := begin.Add(7*24*time.Hour + 30*time.Minute)
	w.clock.Advance(time.Hour)
	w.moveTo(m, moved)
	feeds = append(feeds, w.feed(secret))
	w.clock.Advance(time.Hour)
	w.callOff(m)
	feeds = append(feeds, w.feed(secret))
	w.clock.Advance(60*24*time.Hour + time.Microsecond)
	feeds = append(feeds, w.feed(secret))

	summary := "Temps de rencontre\u00a0: Robots, cartes ; et « surprises »"
	at := func(sequence int, status string, begin time.Time, summary string) []entry {
		return []entry{{m.GetId(), sequence, status, utc(begin), utc(begin.Add(2 * time.Hour)), summary, "Médiathèque, Nantes"}}
	}
	want := [][]entry{
		at(1, "TENTATIVE", begin, summary), at(2, "CONFIRMED", begin, summary), at(3, "TENTATIVE", moved, summary),
		at(4, "CANCELLED", moved, "Annulé\u00a0: "+summary), {},
	}
	for name, program := range programs {
		t.Run(name, func(t *testing.T) {
			w.T = t
			if got := w.read(program, feeds...); !reflect.DeepEqual(got, want) {
				t.Fatalf("%v\nwant %v", got, want)
			}
		})
	}
}

// Every program shows the instants that were meant, on both sides of both clock changes of 2026, wherever clocks change or not.
func TestCalendarZones(t *testing.T) {
	w := newWorld(t)
	w.clock.Set(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC))
	_, secret := w.subscribe("reader", &meetingsv1.Calendar{TerritoryCode: "REG-52"})
	var want []entry
	for zone, begins := range map[string][]string{
		"Europe/Paris": {
			"2026-03-28T18:30:00+01:00", "2026-03-29T00:30:00+01:00", "2026-03-29T01:30:00+01:00", "2026-03-29T18:30:00+02:00",
			"2026-10-24T18:30:00+02:00", "2026-10-25T01:30:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00",
			"2026-10-25T18:30:00+01:00",
		},
		"America/Miquelon": {
			"2026-03-07T18:30:00-03:00", "2026-03-08T18:30:00-02:00", "2026-10-31T18:30:00-02:00", "2026-11-01T00:30:00-02:00",
			"2026-11-01T01:30:00-02:00", "2026-11-01T01:30:00-03:00", "2026-11-01T18:30:00-03:00",
		},
		"Indian/Reunion":     {"2026-03-28T18:30:00+04:00", "2026-03-29T18:30:00+04:00", "2026-10-25T18:30:00+04:00"},
		"Pacific/Tahiti":     {"2026-03-28T18:30:00-10:00", "2026-03-29T18:30:00-10:00", "2026-10-25T18:30:00-10:00"},
		"Pacific/Marquesas":  {"2026-03-29T18:30:00-09:30", "2026-10-25T18:30:00-09:30"},
		"America/Guadeloupe": {"2026-03-29T18:30:00-04:00", "2026-10-25T18:30:00-04:00"},
		"America/Cayenne":    {"2026-03-29T18:30:00-03:00", "2026-10-25T18:30:00-03:00"},
		"Indian/Mayotte":     {"2026-03-29T18:30:00+03:00", "2026-10-25T18:30:00+03:00"},
		"Pacific/Noumea":     {"2026-03-29T18:30:00+11:00", "2026-10-25T18:30:00+11:00"},
	} {
		for _, text := range begins {
			begin, err := time.Parse(time.RFC3339, text)
			if err != nil {
				t.Fatal(err)
			}
			m := w.single(zone+" "+text, zone, begin)
			want = append(want, entry{
				m.GetId(), 1, "TENTATIVE", utc(begin), utc(begin.Add(2 * time.Hour)), "Temps de rencontre\u00a0: " + zone + " " + text, "Nantes",
			})
		}
	}
	slices.SortFunc(want, func(a, b entry) int { return strings.Compare(a.Start+a.UID, b.Start+b.UID) })
	feed := w.feed(secret)
	for name, program := range programs {
		t.Run(name, func(t *testing.T) {
			w.T = t
			got := w.read(program, feed)[0]
			for i := range want {
				if i >= len(got) || got[i] != want[i] {
					t.Fatalf("%+v\nwant %+v", got[min(i, len(got)-1)], want[i])
				}
			}
		})
	}
	// The control: a zone that is described wrongly is read wrongly, so that what is right above was read and not guessed.
	t.Run("a wrong description", func(t *testing.T) {
		w.T = t
		wrong := strings.ReplaceAll(feed, "TZOFFSETTO:+0200", "TZOFFSETTO:+0300")
		if got := w.read(programs["ical.js"], wrong)[0]; reflect.DeepEqual(got, want) {
			t.Fatal("nobody looks at the zones")
		}
	})
}

// What people write becomes text, and nothing else.
func TestCalendarTexts(t *testing.T) {
	w := newWorld(t)
	_, secret := w.subscribe("reader", &meetingsv1.Calendar{TerritoryCode: "FR"})
	titles := []string{
		`Virgule, point-virgule ; barre \ et "guillemets" : <b>rien</b>`,
		"Portes ouvertes 🤖👩‍🏫 " + strings.Repeat("é", 150),
		"ברוכים הבאים, أهلا وسهلا",
		strings.Repeat("漢", 200),
		"BEGIN:VEVENT",
	}
	var want []string
	for i, title := range titles {
		w.single(title, "Europe/Paris", start.Add(time.Duration(24*(i+1))*time.Hour))
		want = append(want, "Temps de rencontre\u00a0: "+title)
	}
	// The other two take a backslash and an n for a new line even where the backslash is escaped (RFC 5545, 3.3.11): theirs to mend.
	const barred = `C:\nouveau\Nord`
	w.single(barred, "Europe/Paris", start.Add(time.Hour))
	feed := w.feed(secret)
	for line := range strings.SplitSeq(strings.TrimSuffix(feed, "\r\n"), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") || line != strings.ToValidUTF8(line, "?") {
			t.Errorf("%d octets: %q", len(line), line)
		}
	}
	for name, program := range programs {
		t.Run(name, func(t *testing.T) {
			w.T = t
			var got []string
			for _, e := range w.read(program, feed)[0] {
				got = append(got, e.Summary)
			}
			if name == "ical.js" && got[0] != "Temps de rencontre\u00a0: "+barred {
				t.Errorf("%q", got[0])
			}
			got = got[1:]
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%q\nwant %q", got, want)
			}
		})
	}
}
