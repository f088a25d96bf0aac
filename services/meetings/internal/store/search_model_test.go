package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// refusals is what a step of the model may be told; anything else is a mistake of ours.
var refusals = []string{
	"", "SEARCH_STATE", "ALREADY_ASKED", "DEADLINE_AFTER_START", "MEETING_CLOSED", "MEETING_BEGUN", "ASK_NOT_SENT", "ASK_DECLINED", "ASK_LAPSED",
	"ASK_SUPERSEDED",
}

// Whatever people do in whichever order, and whenever: who comes has accepted and is booked, somebody can answer exactly while the search
// says so, an end is an end, and every loss is counted.
func TestSearchModel(t *testing.T) {
	both(t, func(w world) {
		rapid.Check(w.T, func(t *rapid.T) {
			m, at, lost := w.sought(), now, 0
			asks := func() []domain.Ask { return orFail1(w.AsksOf(w.ctx(), orFail1(w.Search(w.ctx(), m.ID)).ID)) }
			told := func(what string, err error) bool {
				if !slices.Contains(refusals, reason(err)) {
					t.Fatalf("%s: %v", what, err)
				}
				return err == nil
			}
			drawn := func(t *rapid.T) (domain.Ask, bool) {
				all := asks()
				if len(all) == 0 {
					return domain.Ask{}, false
				}
				return rapid.SampledFrom(all).Draw(t, "ask"), true
			}
			t.Repeat(map[string]func(*rapid.T){
				"ask": func(t *rapid.T) {
					mode := rapid.SampledFrom([]domain.AskMode{domain.OneByOne, domain.Together}).Draw(t, "mode")
					person := rapid.SampledFrom([]string{m.ID + "a", m.ID + "b", m.ID + "c", m.ID + "d"}) // not engaged anywhere else
					people := rapid.SliceOfNDistinct(person, 1, 3, func(s string) string { return s }).Draw(t, "people")
					deadline := at.Add(time.Duration(rapid.IntRange(1, 8).Draw(t, "hours")) * time.Hour)
					_, err := askAt(w, m.ID, mode, deadline, at, people...)
					told("ask", err)
				},
				"accept": func(t *rapid.T) {
					if a, any := drawn(t); any {
						_, err := w.comes(a, at)
						told("accept", err)
					}
				},
				"decline": func(t *rapid.T) {
					if a, any := drawn(t); any {
						_, err := w.decline(a, at)
						if told("decline", err) && a.State == domain.AskAccepted {
							lost++
						}
					}
				},
				"sweep": func(*rapid.T) { w.must("sweep", domain.LapseAsks(w.ctx(), w.Store, at)) },
				"start": func(*rapid.T) {
					told("start", w.Write(w.ctx(), func(tx domain.Tx) error {
						_, err := domain.StartSearch(w.ctx(), tx, domain.Search{ID: newID(), MeetingID: m.ID}, at)
						return err
					}))
				},
				"do without": func(t *rapid.T) {
					if rapid.IntRange(0, 3).Draw(t, "rarely") > 0 {
						return
					}
					told("do without", w.Write(w.ctx(), func(tx domain.Tx) error {
						s, err := domain.OpenSearch(w.ctx(), tx, m.ID, at)
						if err == nil {
							_, err = domain.ConcludeWithout(w.ctx(), tx, s, 1, "personne")
						}
						return err
					}))
				},
				"wait": func(t *rapid.T) { at = at.Add(time.Duration(rapid.IntRange(1, 5).Draw(t, "hours")) * time.Hour) },
				"": func(t *rapid.T) {
					s := orFail1(w.Search(w.ctx(), m.ID))
					if wrong := wrongWith(s, asks(), lost); wrong != "" {
						t.Fatalf("%s: %s", wrong, w.stands(m.ID))
					}
					w.stands(m.ID)
				},
			})
		})
	})
}

func wrongWith(s domain.Search, asks []domain.Ask, lost int) string {
	count := map[domain.AskState]int{}
	open := map[string]int{}
	for i, a := range asks {
		count[a.State]++
		if a.State <= domain.AskAccepted {
			open[a.PersonID]++
		}
		if open[a.PersonID] > 1 || a.Rank != i+1 || a.MeetingID != s.MeetingID {
			return fmt.Sprintf("ask %+v", a)
		}
	}
	switch {
	case (s.State == domain.Asked) != (count[domain.AskSent] > 0):
		return "who can answer"
	case (s.State == domain.ProfessionalConfirmed) != (count[domain.AskAccepted] == 1) || count[domain.AskAccepted] > 1:
		return "who comes"
	case count[domain.AskWaiting] > 0 && s.State != domain.Asked && s.State != domain.ProfessionalConfirmed:
		return "who waits"
	case s.LostCount != lost:
		return fmt.Sprintf("%d lost; want %d", s.LostCount, lost)
	case (s.State == domain.Without) == (strings.TrimSpace(s.WithoutText) == ""):
		return "why without"
	}
	return ""
}
