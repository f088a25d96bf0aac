package gateway

import (
	"testing"

	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
)

// Whatever the body, there is a reason exactly when it cannot be decoded.
func FuzzExplain(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `[`, `{"slots":[{"startTime":"2027-01-01T10:00:00Z"},{"x":1}]}`, "{\n\"a\": \"é\",\n \"capacity\":1e400}",
		`{"groupId":"\ud800"}`, "{\"groupId\":\"\xff\"}", `{"slots":[[[{"a":]]`, `{"timeZone":null,"timeZone":""}`, "\ufeff{}", `{"":1}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		failed := strict.Unmarshal(data, &meetingsv1.CreateSeriesRequest{}) != nil
		e := explain(data, &meetingsv1.CreateSeriesRequest{}, "")
		if (e != nil) != failed {
			t.Fatalf("%q: %v", data, e)
		}
		if e != nil && len(e.Fields) == 0 && (e.Meta["line"] == "" || e.Meta["column"] == "") {
			t.Fatalf("%q: neither field nor position: %v", data, e)
		}
	})
}
