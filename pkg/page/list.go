package page

// Request is what every List request carries.
type Request interface {
	GetPageSize() int32
	GetPageToken() string
}

// List answers a List request: fetch returns at most limit rows after the cursor, cursor gives a row's place in the
// order. One row more than the page is fetched, to know whether there is a next page.
func List[T any](k Key, q Query, req Request, fetch func(after []string, limit int) ([]T, error), cursor func(T) []string) (rows []T, next string, err error) {
	size, err := Size(req.GetPageSize())
	if err != nil {
		return nil, "", err
	}
	after, err := k.Decode(q, req.GetPageToken())
	if err != nil {
		return nil, "", err
	}
	rows, err = fetch(after, size+1)
	if err != nil || len(rows) <= size {
		return rows, "", err
	}
	return rows[:size], k.Encode(q, cursor(rows[size-1])), nil
}
