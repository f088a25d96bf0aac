package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// interests are registered at this rate, for so long.
	interestRate = 200
	interestTime = 10 * time.Second

	pollEvery   = 5 * time.Millisecond
	lagPatience = 30 * time.Second

	// Below five persons the indicator says nothing: so many are registered before the clock starts.
	suppressed = 5
)

// homes are prefectures of the region that a development coordinator coordinates.
var homes = []string{"38185", "42218", "63113", "73065", "74010", "26362", "01053", "43157", "15014", "03190"}

// lag measures how long it takes until a registration is counted.
func (b *bench) lag(ctx context.Context) (rows []Row, err error) {
	i, err := b.start(ctx, "")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, i.close()) }()
	c, err := i.campaign(ctx)
	if err != nil {
		return nil, err
	}
	if err := b.quiet(ctx); err != nil {
		return nil, err
	}
	lags, err := c.follow(ctx)
	if err != nil {
		return nil, err
	}
	say("indicator.lag: half within %.0f ms, all within %.0f ms", percentile(lags, 50), percentile(lags, 100))
	return []Row{{
		Name: "indicator.lag", Value: percentile(lags, 99), Unit: "ms (p99)", Medium: b.Medium, Rounds: 1, Round: interestTime.Seconds(),
		Against: fmt.Sprintf("nothing; asked every %d ms, %d interests/s", pollEvery.Milliseconds(), interestRate),
	}}, nil
}

// campaign is one of its own, so that nothing else moves its indicator.
type campaign struct {
	*instance
	id, module string
	people     []string // tokens
}

func (i *instance) campaign(ctx context.Context) (*campaign, error) {
	coordinators, err := i.people(ctx, "coordinator", 1)
	if err != nil {
		return nil, err
	}
	var made struct{ ID string }
	if err := i.ask(ctx, http.MethodPost, "/v1/campaigns", coordinators[0], map[string]string{"title": "Mesure", "territoryCode": "REG-84"}, &made); err != nil {
		return nil, err
	}
	var catalogue struct{ Modules []struct{ ID string } }
	if err := i.ask(ctx, http.MethodGet, "/v1/modules", "", nil, &catalogue); err != nil || len(catalogue.Modules) == 0 {
		return nil, errors.Join(errors.New("no module"), err)
	}
	c := &campaign{instance: i, id: made.ID, module: catalogue.Modules[0].ID}
	if c.people, err = i.people(ctx, "learner", suppressed+interestRate*int(interestTime/time.Second)); err != nil {
		return nil, err
	}
	// Whoever comes for the first time is first given an id: that is not what is measured.
	if err := i.meet(ctx, c.people); err != nil {
		return nil, err
	}
	for k := range suppressed {
		if err := c.register(ctx, k); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// meet makes the program know these people.
func (i *instance) meet(ctx context.Context, tokens []string) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(many)
	for _, token := range tokens {
		group.Go(func() error { return i.ask(ctx, http.MethodPost, "/v1/people:resolve", token, struct{}{}, nil) })
	}
	return group.Wait()
}

func (c *campaign) register(ctx context.Context, k int) error {
	return c.ask(ctx, http.MethodPost, "/v1/interests", c.people[k],
		map[string]string{"communeCode": homes[k%len(homes)], "moduleId": c.module, "campaignId": c.id}, nil)
}

// seen is the indicator at a moment.
type seen struct {
	at    time.Time
	value int
}

// follow registers at the rate and gives, for the k-th registration that was answered, how long it took until the indicator had
// risen k times.
func (c *campaign) follow(ctx context.Context) (lags []float64, err error) {
	if first, err := c.value(ctx); err != nil || first != suppressed {
		return nil, errors.Join(fmt.Errorf("the indicator says %d before it begins, not %d", first, suppressed), err)
	}
	answered := make([]time.Time, len(c.people)-suppressed)
	group, ctx := errgroup.WithContext(ctx)
	var values []seen
	group.Go(func() (err error) { values, err = c.watch(ctx, len(c.people)); return err })
	group.Go(func() error { return c.flow(ctx, answered) })
	if err := group.Wait(); err != nil {
		return nil, err
	}
	slices.SortFunc(answered, time.Time.Compare)
	n := 0
	for k, at := range answered {
		for values[n].value < suppressed+k+1 {
			n++
		}
		// The event may be counted before the answer has come back.
		lags = append(lags, max(0, float64(values[n].at.Sub(at).Microseconds())/1000))
	}
	return lags, nil
}

// flow registers people at the rate, whether or not the ones before were answered.
func (c *campaign) flow(ctx context.Context, answered []time.Time) error {
	tick := time.NewTicker(time.Second / interestRate)
	defer tick.Stop()
	group, ctx := errgroup.WithContext(ctx)
	for k := range answered {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return group.Wait()
		}
		group.Go(func() error {
			err := c.register(ctx, suppressed+k)
			answered[k] = time.Now()
			return err
		})
	}
	return group.Wait()
}

// watch asks until the indicator has come to the goal.
func (c *campaign) watch(ctx context.Context, goal int) (values []seen, err error) {
	ctx, cancel := context.WithTimeout(ctx, interestTime+lagPatience)
	defer cancel()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		value, err := c.value(ctx)
		if err != nil {
			return nil, fmt.Errorf("at %d values: %w", len(values), err)
		}
		values = append(values, seen{time.Now(), value})
		if value >= goal {
			return values, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, fmt.Errorf("the indicator came to %d of %d: %w", value, goal, ctx.Err())
		}
	}
}

// value is I2a, the persons who have registered in the campaign.
func (c *campaign) value(ctx context.Context) (int, error) {
	var page struct {
		Indicators []struct {
			ID       string
			Measures []struct{ Value string }
		}
	}
	query := url.Values{"campaignId": {c.id}, "origin": {"ORIGIN_COMPUTED"}}
	if err := c.ask(ctx, http.MethodGet, "/v1/indicators?"+query.Encode(), "", nil, &page); err != nil {
		return 0, err
	}
	for _, indicator := range page.Indicators {
		if indicator.ID == "I2a" && len(indicator.Measures) == 1 && indicator.Measures[0].Value != "" {
			return strconv.Atoi(indicator.Measures[0].Value)
		}
	}
	return 0, nil
}
