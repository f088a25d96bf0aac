package testkit

import "testing"

// A port that is free is not yet one that nobody was promised. Drawn at random, two of 500 would be the same but once in thirty
// thousand times.
func TestNoAddressTwice(t *testing.T) {
	given := map[string]bool{}
	for range 500 {
		address, err := Address(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if given[address] {
			t.Fatalf("%s was given twice", address)
		}
		given[address] = true
	}
}
