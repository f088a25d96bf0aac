package page

import (
	"errors"
	"slices"
	"strconv"
	"testing"

	"github.com/classcode/maillage/pkg/errs"
)

type request struct {
	size  int32
	token string
}

func (r request) GetPageSize() int32   { return r.size }
func (r request) GetPageToken() string { return r.token }

// numbers is a list of 0 to n-1 in their order.
func numbers(n int) func(after []string, limit int) ([]int, error) {
	return func(after []string, limit int) (rows []int, err error) {
		first := 0
		if len(after) == 1 {
			if first, err = strconv.Atoi(after[0]); err != nil {
				return nil, err
			}
			first++
		}
		for i := first; i < min(n, first+limit); i++ {
			rows = append(rows, i)
		}
		return rows, nil
	}
}

func place(i int) []string { return []string{strconv.Itoa(i)} }

func TestListGoesThroughAllPages(t *testing.T) {
	key, query := Key(make([]byte, keySize)), Query{Method: "List"}
	for _, total := range []int{0, 1, 3, 4, 6, 7} {
		var all []int
		pages := 0
		for token := ""; pages == 0 || token != ""; pages++ {
			rows, next, err := List(key, query, request{3, token}, numbers(total), place)
			if err != nil || len(rows) > 3 {
				t.Fatalf("%d rows, %v", len(rows), err)
			}
			all, token = append(all, rows...), next
		}
		want, _ := numbers(total)(nil, total)
		if !slices.Equal(all, want) || pages != max(1, (total+2)/3) {
			t.Errorf("of %d rows: %v in %d pages", total, all, pages)
		}
	}
}

func TestListRefusesBeforeItFetches(t *testing.T) {
	key, query := Key(make([]byte, keySize)), Query{Method: "List"}
	never := func([]string, int) ([]int, error) { t.Error("fetched"); return nil, nil }
	if _, _, err := List(key, query, request{-1, ""}, never, place); !errors.Is(err, errs.ErrPageSize) {
		t.Errorf("negative size: %v", err)
	}
	if _, _, err := List(key, query, request{3, "junk"}, never, place); !errors.Is(err, errs.ErrPageToken) {
		t.Errorf("junk: %v", err)
	}
}
