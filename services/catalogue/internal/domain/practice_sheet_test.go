package domain

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/classcode/maillage/pkg/errs"
)

// Whatever is tried in whatever order: nothing is published that was not sent up after it was last written, and what is published stays.
func TestSheetMoves(t *testing.T) {
	if broken := unsound(sheetMoves); broken != nil {
		t.Errorf("%v", broken)
	}
	for name, spoil := range map[string]func(map[SheetState]map[SheetMove]SheetState){
		"written after it was sent up": func(m map[SheetState]map[SheetMove]SheetState) { m[SheetReviewed][WriteMove] = SheetReviewed },
		"a draft published":            func(m map[SheetState]map[SheetMove]SheetState) { m[SheetDraft][PublishMove] = SheetPublished },
		"published and taken back": func(m map[SheetState]map[SheetMove]SheetState) {
			m[SheetPublished] = map[SheetMove]SheetState{ReturnMove: SheetReturned}
		},
	} {
		moves := map[SheetState]map[SheetMove]SheetState{}
		for state, of := range sheetMoves {
			moves[state] = map[SheetMove]SheetState{}
			for move, to := range of {
				moves[state][move] = to
			}
		}
		spoil(moves)
		if unsound(moves) == nil {
			t.Errorf("%s: not seen", name)
		}
	}
}

// unsound is the first of all stories of seven moves that breaks the promise.
func unsound(moves map[SheetState]map[SheetMove]SheetState) []SheetMove {
	var try func(state SheetState, told []SheetMove, up bool) []SheetMove
	try = func(state SheetState, told []SheetMove, up bool) []SheetMove {
		if len(told) == 7 {
			return nil
		}
		for move := WriteMove; move <= ReturnMove; move++ {
			next, ok := moves[state][move]
			if !ok {
				continue
			}
			story := append(slices.Clone(told), move)
			sent := move == SubmitMove || up && move != WriteMove && move != ReturnMove
			if state == SheetPublished || next == SheetPublished && !sent {
				return story
			}
			if broken := try(next, story, sent); broken != nil {
				return broken
			}
		}
		return nil
	}
	return try(SheetDraft, nil, false)
}

func TestLicences(t *testing.T) {
	all := []string{publicDomain, attribution, shareAlike, openLicence}
	for origin, derived := range map[string][]string{
		publicDomain: all,
		attribution:  {attribution, shareAlike, openLicence},
		openLicence:  {attribution, shareAlike, openLicence},
		shareAlike:   {shareAlike},
	} {
		for _, licence := range all {
			if allows(origin, licence) != slices.Contains(derived, licence) {
				t.Errorf("made from %s under %s: %v", origin, licence, allows(origin, licence))
			}
		}
	}
}

func whole() SheetText {
	return SheetText{
		Title: "Trier sans ordinateur", Summary: "On trie des cartes.", MinAge: 8, MaxAge: 11, Minutes: 45, Material: []string{"Cartes"},
		Competences: []string{"Décrire un algorithme"}, Keywords: []string{"tri"}, Worked: "Les équipes de trois.", Licence: attribution,
		Steps: []SheetStep{{Title: "Jouer", Text: "Chacun pioche.", Minutes: 20}, {Title: "Comparer", Text: "On compte.", Minutes: 25}},
	}
}

func TestSheetText(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*SheetText)
		want   *errs.Error
		path   string
	}{
		"title of blanks":      {func(s *SheetText) { s.Title = " \u200b " }, errs.ErrRequired, "practice_sheet.title"},
		"title of two lines":   {func(s *SheetText) { s.Title = "Tri\r\nBcc: x" }, ErrSheetLine, "practice_sheet.title"},
		"title that turns":     {func(s *SheetText) { s.Title = "Tri\u202e" }, ErrSheetLine, "practice_sheet.title"},
		"keyword of two lines": {func(s *SheetText) { s.Keywords = []string{"a", "b\u2028c"} }, ErrSheetLine, "practice_sheet.keywords[1]"},
		"step without title":   {func(s *SheetText) { s.Steps[1].Title = " " }, errs.ErrRequired, "practice_sheet.steps[1].title"},
		"bell in a step":       {func(s *SheetText) { s.Steps[0].Text = "a\ab" }, ErrSheetSigns, "practice_sheet.steps[0].text"},
		"escape in what works": {func(s *SheetText) { s.Worked = "\x1b[2J" }, ErrSheetSigns, "practice_sheet.worked"},
		"ages reversed":        {func(s *SheetText) { s.MinAge, s.MaxAge = 14, 8 }, ErrSheetAges, "practice_sheet.min_age"},
		"too long":             {func(s *SheetText) { s.Worked = strings.Repeat("é", longestSheet) }, ErrSheetLong, "practice_sheet"},
	} {
		s := whole()
		c.change(&s)
		err := s.tidy()
		if e := errs.From(err); !errors.Is(err, c.want) || len(e.Fields) != 1 || e.Fields[0].Path != c.path {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := whole()
	s.Summary, s.Worked, s.Title = " <script>x</script>\r\nDeux.\rTrois\t! ", strings.Repeat("é", longestSheet-500), "  Tri  "
	if err := s.tidy(); err != nil || s.Summary != "<script>x</script>\nDeux.\nTrois\t!" || s.Title != "Tri" {
		t.Errorf("%q, %q, %v", s.Title, s.Summary, err)
	}
}

func TestCompleteSheet(t *testing.T) {
	s := whole()
	if err := s.complete(); err != nil {
		t.Error(err)
	}
	s.Steps[1].Minutes = 26
	if e := errs.From(s.complete()); len(e.Fields) != 1 || e.Fields[0].Path != "practice_sheet.duration_minutes" {
		t.Errorf("longer than the whole: %v", e)
	}
	bare := SheetText{Title: "Tri", Steps: []SheetStep{{Title: "Jouer"}}}
	var paths []string
	for _, f := range errs.From(bare.complete()).Fields {
		paths = append(paths, strings.TrimPrefix(f.Path, "practice_sheet."))
	}
	if want := []string{"summary", "min_age", "max_age", "duration_minutes", "competences", "steps[0].text", "worked", "licence"}; !slices.Equal(paths, want) {
		t.Errorf("%v; want %v", paths, want)
	}
	if len(ErrSheetIncomplete.Fields) != 0 {
		t.Error("the sentinel was changed")
	}
}

func TestShownReuse(t *testing.T) {
	for _, c := range []struct{ derivations, users, shown, rank int }{{0, 4, 0, 0}, {2, 4, 0, 2}, {2, 5, 5, 7}, {0, 0, 0, 0}} {
		r := SheetReuse{c.derivations, c.users}
		if r.ShownUsers() != c.shown || r.Rank() != c.rank {
			t.Errorf("%+v: %d, %d", r, r.ShownUsers(), r.Rank())
		}
	}
}
