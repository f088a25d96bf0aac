package domain_test

import (
	"fmt"
	"testing"

	"github.com/classcode/maillage/services/meetings/internal/domain"
)

// The whole life of a search, as a table: what is not in it is refused and changes nothing.
func TestSearchMoves(t *testing.T) {
	allowed := map[domain.SearchState]map[domain.SearchMove]domain.SearchState{
		domain.NotSought: {domain.StartSeeking: domain.Searching},
		domain.Searching: {domain.AskSomebody: domain.Asked, domain.Conclude: domain.Without},
		domain.Asked: {
			domain.AskSomebody: domain.Asked, domain.ConfirmProfessional: domain.ProfessionalConfirmed, domain.Reopen: domain.Searching,
			domain.Conclude: domain.Without,
		},
		domain.ProfessionalConfirmed: {domain.Reopen: domain.Searching},
		domain.Without:               {domain.StartSeeking: domain.Searching},
	}
	for state := domain.SearchState(-1); state <= domain.Without+1; state++ {
		for move := domain.SearchMove(0); move <= domain.Conclude+1; move++ {
			want, may := allowed[state][move]
			if !may {
				want = state
			}
			if got, ok := state.After(move); got != want || ok != may {
				t.Errorf("%v, move %d: %v, %t; want %v, %t", state, move, got, ok, want, may)
			}
		}
	}
	if names := fmt.Sprint(domain.NotSought, domain.Searching, domain.Asked, domain.ProfessionalConfirmed, domain.Without, domain.SearchState(9)); names != "NOT_SOUGHT SEARCHING ASKED CONFIRMED WITHOUT UNSPECIFIED" {
		t.Error(names)
	}
}
