package domain

import (
	"errors"
	"testing"
)

func TestCompetences(t *testing.T) {
	if len(competences) != 16 {
		t.Fatalf("%d competences; the CRCN has 16", len(competences))
	}
	for _, c := range []struct {
		codes []string
		ok    bool
	}{
		{nil, true}, {competences, true}, {[]string{"1.1", "3.4"}, true},
		{[]string{"3.4", "1.1"}, false}, {[]string{"3.4", "3.4"}, false}, {[]string{"3.5"}, false}, {[]string{""}, false}, {[]string{"CRCN 3.4"}, false},
	} {
		if err := checkCompetences(c.codes); (err == nil) != c.ok || (err != nil && !errors.Is(err, ErrCompetence)) {
			t.Errorf("%v: %v", c.codes, err)
		}
	}
}
