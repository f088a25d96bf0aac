package season

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	indicatorsv1 "github.com/classcode/maillage/proto/gen/maillage/indicators/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// lag is how long the indicators may take to hear of everything that happened: a moment, except where a reader died on another
// machine; its message is given to the next one only after the minute that readers have for their answer.
const lag = 90 * time.Second

// row is a computed indicator of this campaign; value is nil while it is suppressed.
type row struct {
	id, title  string
	value      *int64
	suppressed bool
}

// rows reads the computed indicators of this campaign in its territory.
func (s *season) rows(ctx context.Context) ([]*row, error) {
	page := &indicatorsv1.ListIndicatorsResponse{}
	query := url.Values{"territoryCode": {s.Territory}, "campaignId": {s.campaign.GetId()}, "origin": {"ORIGIN_COMPUTED"}, "pageSize": {"100"}}
	if err := s.get(ctx, nil, "/v1/indicators", query, page); err != nil {
		return nil, err
	}
	var rows []*row
	for _, i := range page.GetIndicators() {
		for _, m := range i.GetMeasures() {
			rows = append(rows, &row{id: i.GetId(), title: i.GetTitle(), value: m.Value, suppressed: m.GetSuppressed()})
		}
	}
	return rows, nil
}

// measure waits until the indicators say what the season did, and says where they do not.
func (s *season) measure(ctx context.Context) error {
	expected, err := s.expected(ctx)
	if err != nil {
		return err
	}
	return eventually(ctx, lag, func() (err error) {
		if s.after, err = s.rows(ctx); err != nil {
			return err
		}
		return errors.Join(compare("avant", s.before, nil), compare("après", s.after, expected))
	})
}

// expected counts, from what the season did, what the indicators should say.
func (s *season) expected(ctx context.Context) (map[string]int64, error) {
	trained, places := map[string]bool{}, map[string]bool{}
	for _, c := range s.circles {
		places[c.group.GetPlaceId()] = true
		for _, g := range c.meetings {
			for _, a := range g.attestations {
				trained[a.GetPersonId()] = true
			}
		}
	}
	counts := map[string]int64{"I2a": int64(len(s.learners)), "I2b": int64(len(trained)), "I3a": int64(len(places)), "I3b": int64(len(places))}
	// A place may have been sustained by earlier seasons: its own record tells.
	for id := range places {
		place := &meshv1.Place{}
		if err := s.get(ctx, nil, "/v1/places/"+id, nil, place); err != nil {
			return nil, err
		}
		if place.GetStatus() == meshv1.PlaceStatus_PLACE_STATUS_SUSTAINED {
			counts["I3c"]++
		}
	}
	return counts, nil
}

// compare holds rows against counts; persons between 1 and 4 must be suppressed, and before the season everything is 0.
func compare(when string, rows []*row, counts map[string]int64) error {
	if len(rows) != 5 {
		return fmt.Errorf("%d indicateurs calculés %s, 5 attendus", len(rows), when)
	}
	for _, r := range rows {
		want := counts[r.id]
		hidden := (r.id == "I2a" || r.id == "I2b") && want > 0 && want < 5
		switch {
		case r.suppressed != hidden:
			return fmt.Errorf("%s %s : suppression %v, attendue %v", r.id, when, r.suppressed, hidden)
		case hidden:
		case r.value == nil:
			return fmt.Errorf("%s %s : pas de valeur", r.id, when)
		case *r.value != want:
			return fmt.Errorf("%s %s : l'instance dit %d, la saison a fait %d", r.id, when, *r.value, want)
		}
	}
	return nil
}
