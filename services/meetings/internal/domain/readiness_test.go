package domain

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestDefaultRules(t *testing.T) {
	rules := DefaultRules()
	if rules.Version < 1 || rules.Route.Charge == 0 || rules.Route.Promised <= 0 || rules.Route.Territory != "FR" {
		t.Fatalf("%+v", rules)
	}
	for kind := InPersonMeeting; kind <= HybridMeeting; kind++ {
		seen := map[string]bool{}
		for _, r := range ListInForce(rules, kind, nil) {
			if seen[r.Code] || r.Type != kind || r.Domain == 0 || r.CheckedBy == 0 || r.FR == "" || r.EN == "" || r.Version != rules.Version {
				t.Errorf("%+v", r)
			}
			seen[r.Code] = true
		}
		if len(seen) < 4 {
			t.Errorf("type %d: only %v", kind, seen)
		}
		for _, h := range ThresholdsInForce(rules, kind, nil) {
			if h.Measure == 0 || h.Recommendation == 0 || h.Limit == 0 || h.Before > watched {
				t.Errorf("%+v", h)
			}
		}
	}
	if _, err := readRules([]byte("{")); err == nil {
		t.Error("no JSON, and no error")
	}
}

func TestListInForce(t *testing.T) {
	rules := Rules{Requirements: []Requirement{
		{Type: InPersonMeeting, Code: "A", DueBefore: hours(1)}, {Type: InPersonMeeting, Code: "B", DueBefore: hours(3)}, {Type: RemoteMeeting, Code: "C"},
	}}
	asked := func(territory, code string, due int) Requirement {
		return Requirement{Type: InPersonMeeting, Territory: territory, Code: code, DueBefore: hours(due)}
	}
	for name, c := range map[string]struct {
		asked []Requirement
		want  string
	}{
		"defaults":              {nil, "B@ A@"},
		"one more":              {[]Requirement{asked("REG-52", "D", 2)}, "B@ D@REG-52 A@"},
		"instead of a default":  {[]Requirement{asked("REG-52", "A", 9)}, "A@REG-52 B@"},
		"the smaller territory": {[]Requirement{asked("FR", "A", 9), asked("DEP-44", "A", 2), asked("REG-52", "A", 5)}, "B@ A@DEP-44"},
		"a commune":             {[]Requirement{asked("DEP-44", "A", 9), asked("44109", "A", 2), asked("BAS-1", "A", 5)}, "B@ A@44109"},
		"two grids":             {[]Requirement{asked("REG-52", "A", 9), asked("ACA-17", "A", 2), asked("RAC-9", "A", 4)}, "B@ A@ACA-17"},
	} {
		var got []string
		for _, r := range ListInForce(rules, InPersonMeeting, c.asked) {
			got = append(got, r.Code+"@"+r.Territory)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v; want %s", name, got, c.want)
		}
	}
}

func TestType(t *testing.T) {
	for mode, want := range map[MeetingMode]MeetingType{MeetingInPerson: InPersonMeeting, MeetingRemote: RemoteMeeting, MeetingHybrid: HybridMeeting} {
		if got := (Meeting{Mode: mode, Seats: []Seats{{Pool: Pool{Mode: InPerson}, Capacity: 1}}}).Type(); got != want {
			t.Errorf("%v: %v; want %v", mode, got, want)
		}
	}
}

func TestWritten(t *testing.T) {
	for text, want := range map[string]string{
		"  Wi-Fi \n": "Wi-Fi", "": "", " \t\r\n": "", "\u00a0\u2003": "", "\u200b\u200f\u202e": "", "\u2066 \u2069": "",
		"مرحبا": "مرحبا", "🙂": "🙂", "é́": "é́", "\u202eabc": "\u202eabc",
	} {
		got, err := written(text, "text")
		if (err != nil) != (want == "") || got != want && want != "" {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
}

// boardAt is a board with so many lines that are late and that are not yet due, of a meeting in Réunion.
func boardAt(late, coming int, next time.Time) Board {
	b := Board{Missing: late + coming, Late: late, Meeting: Meeting{TimeZone: "Indian/Reunion"}}
	if coming > 0 {
		b.Next = &Line{Due: next, Item: Item{FR: "Ordinateurs essayés", EN: "Computers tried", CheckedBy: ByReferent}}
	}
	return b
}

func TestSummary(t *testing.T) {
	noon := time.Date(2026, 11, 30, 22, 5, 0, 0, time.UTC) // the first of December, 2:05, there
	for _, c := range []struct {
		board  Board
		fr, en string
	}{
		{boardAt(0, 0, noon), "Tout est prêt.", "Everything is ready."},
		{
			boardAt(0, 1, noon), "Pas encore prêt : 1 point manque ; à faire avant le 1er décembre 2026 à 2 h 05, de la part du référent : Ordinateurs essayés.",
			"Not ready yet: 1 thing is missing; due before 1 December 2026, 02:05, by the referent: Computers tried.",
		},
		{
			boardAt(2, 1, noon.Add(48*time.Hour)), "Pas encore prêt : 3 points manquent, dont 2 en retard ; à faire avant le 3 décembre 2026 à 2 h 05, de la part du référent : Ordinateurs essayés.",
			"Not ready yet: 3 things are missing, 2 of them late; due before 3 December 2026, 02:05, by the referent: Computers tried.",
		},
		{boardAt(2, 0, noon), "Pas encore prêt : 2 points manquent, en retard.", "Not ready yet: 2 things are missing, and late."},
	} {
		if fr, en := c.board.Summary(); fr != c.fr || en != c.en {
			t.Errorf("%s\n%s", fr, en)
		}
	}
}

func TestBoardLines(t *testing.T) {
	start := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	line := func(code string, required bool, state ItemState, due int) Item {
		return Item{ID: code, Code: code, Required: required, State: state, DueBefore: hours(due)}
	}
	items := []Item{
		line("todo", true, ItemTodo, 24), line("blocked", true, ItemBlocked, 48), line("done", true, ItemDone, 72),
		line("spared", true, ItemNotNeeded, 72), line("optional", false, ItemTodo, 72),
	}
	for name, c := range map[string]struct {
		now           time.Time
		missing, late int
		next          string
	}{
		"early":                  {start.Add(-49 * time.Hour), 2, 0, "blocked"},
		"at the instant":         {start.Add(-48 * time.Hour), 2, 1, "todo"},
		"an instant before":      {start.Add(-24*time.Hour - 1), 2, 1, "todo"},
		"all of them":            {start.Add(-24 * time.Hour), 2, 2, ""},
		"planned after due time": {start.Add(-time.Hour), 2, 2, ""},
	} {
		b := Board{Meeting: Meeting{Start: start}}
		b.fill(items, c.now)
		next := ""
		if b.Next != nil {
			next = b.Next.Code
		}
		if b.Missing != c.missing || b.Late != c.late || next != c.next || len(b.Lines) != len(items) {
			t.Errorf("%s: %d missing, %d late, next %q; want %+v", name, b.Missing, b.Late, next, c)
		}
	}
}

func TestRecommend(t *testing.T) {
	start := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	at := func(before int) time.Time { return start.Add(-hours(before)) }
	rules := ThresholdsInForce(DefaultRules(), InPersonMeeting, nil)
	local := func(measure Measure, limit, before int, r Recommendation) []Threshold {
		return ThresholdsInForce(DefaultRules(), InPersonMeeting, []Threshold{{Measure: measure, Limit: limit, Before: hours(before), Recommendation: r, Territory: "REG-52"}})
	}
	type counts = map[Measure]int
	full := func(c counts) counts {
		if _, set := c[Registrations]; !set {
			c[Registrations] = 10
		}
		return c
	}
	for name, c := range map[string]struct {
		thresholds []Threshold
		counts     counts
		now        time.Time
		want       Recommendation
		reasons    string
	}{
		"nothing":                 {rules, counts{}, at(1), NoRecommendation, ""},
		"too few, too early":      {rules, counts{Registrations: 3}, at(48).Add(-1), NoRecommendation, ""},
		"too few":                 {rules, counts{Registrations: 3}, at(48), RecommendPostpone, "1"},
		"just enough":             {rules, counts{Registrations: 4}, at(1), NoRecommendation, ""},
		"one missing":             {rules, counts{RequiredMissing: 1}, at(24), RecommendWarn, "2"},
		"three missing":           {rules, counts{RequiredMissing: 3}, at(24), RecommendPostpone, "2"},
		"severe":                  {rules, counts{SevereProblems: 1}, at(48), RecommendPostpone, "3"},
		"incidents":               {rules, counts{Incidents: 3}, at(-1), RecommendWarn, "4"},
		"incidents before":        {rules, counts{Incidents: 3}, at(1), NoRecommendation, ""},
		"several":                 {rules, counts{Registrations: 0, SevereProblems: 2, RequiredMissing: 2}, at(1), RecommendPostpone, "1 3 2"},
		"the territory's own":     {local(Registrations, 8, 72, RecommendPostpone), counts{Registrations: 7}, at(72), RecommendPostpone, "1"},
		"switched off":            {local(Registrations, 0, 48, RecommendPostpone), counts{Registrations: 0}, at(1), NoRecommendation, ""},
		"another recommendation":  {local(Registrations, 9, 48, RecommendWarn), counts{Registrations: 8}, at(1), RecommendWarn, "1"},
		"the more urgent of both": {local(Registrations, 9, 48, RecommendWarn), counts{Registrations: 1}, at(1), RecommendPostpone, "1"},
	} {
		got, reasons := Recommend(c.thresholds, full(c.counts), start, c.now)
		var told []string
		for _, r := range reasons {
			told = append(told, fmt.Sprint(int(r.Measure)))
			if fr, en := r.Say(); fr == "" || en == "" || !strings.HasPrefix(fr, fmt.Sprint(r.Count)) {
				t.Errorf("%s: %q, %q", name, fr, en)
			}
		}
		if got != c.want || strings.Join(told, " ") != c.reasons {
			t.Errorf("%s: %v for %v; want %v for %s", name, got, told, c.want, c.reasons)
		}
	}
	if fr, en := (Crossing{Threshold{Measure: Registrations, Limit: 4}, 0}).Say(); fr != "0 inscription, il en faut 4." || en != "0 registrations, 4 needed." {
		t.Errorf("%q, %q", fr, en)
	}
}

func TestReferentOf(t *testing.T) {
	m := Meeting{ID: "m", OrganiserID: "o"}
	for name, c := range map[string]struct {
		meeting       Meeting
		named         Referent
		agreed, asked string
	}{
		"the organiser":  {m, Referent{}, "o", "o"},
		"nobody":         {Meeting{ID: "m"}, Referent{}, "", ""},
		"named":          {m, Referent{PersonID: "r", State: ReferentNamed, Version: 1}, "", "r"},
		"accepted":       {m, Referent{PersonID: "r", State: ReferentAccepted, Version: 2}, "r", "r"},
		"declined":       {m, Referent{PersonID: "r", State: ReferentDeclined, Version: 2}, "", ""},
		"gave it back":   {m, Referent{PersonID: "o", State: ReferentDeclined, Version: 1}, "", ""},
		"needs no other": {Meeting{ID: "m"}, Referent{PersonID: "r", State: ReferentAccepted, Version: 1}, "r", "r"},
	} {
		if r := c.meeting.Referent(c.named); r.Agreed() != c.agreed || r.Asked() != c.asked {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestRanks(t *testing.T) {
	order := []string{"44109", "BAS-12", "DEP-44", "ACA-17", "RAC-09", "REG-52", "FR", ""}
	if !slices.IsSortedFunc(order, func(a, b string) int { return rank(a) - rank(b) }) {
		t.Fatal("the smaller territory comes first")
	}
}
