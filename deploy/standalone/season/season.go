// Package season plays a whole season of hybrid training through the HTTP facade, as people would: they register, are
// grouped near home, meet twice and receive attestations. It checks each figure that it prints against what it did.
// All persons are synthetic.
package season

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	cataloguev1 "github.com/classcode/maillage/proto/gen/maillage/catalogue/v1"
	meetingsv1 "github.com/classcode/maillage/proto/gen/maillage/meetings/v1"
	meshv1 "github.com/classcode/maillage/proto/gen/maillage/mesh/v1"
)

// workers is how many people act at the same time.
const workers = 16

// Config is what a season may choose.
type Config struct {
	URL       string `help:"The instance to play on; it must have the development login." default:"http://127.0.0.1:8080"`
	Learners  int    `help:"How many synthetic learners register." default:"400"`
	Territory string `help:"The region they come from." default:"REG-84"`
	Seed      uint64 `help:"Chooses where they live and who comes; the same seed plays the same season." default:"1"`
	Output    string `help:"Where the groups, meetings and credentials are written." default:"season.json" type:"path"`
}

// season is what was done so far, to be checked against what the instance says.
type season struct {
	Config
	*client
	out    io.Writer
	run    string // tells this run's people from any other's
	random *rand.Rand

	national, coordinator, facilitator *person
	learners                           []*person
	byID                               map[string]*person

	module   *cataloguev1.Module
	campaign *meshv1.Campaign
	leftOut  map[meshv1.LeftOutReason]int
	circles  []*circle
	before   []*row
	after    []*row
}

// circle is a group with its organiser and its meetings.
type circle struct {
	group     *meshv1.Group
	members   []*person
	organiser *person
	origin    meshv1.OrganiserOrigin
	meetings  []*gathering
}

// gathering is a meeting with who registered, who came, and what was issued.
type gathering struct {
	meeting      *meetingsv1.Meeting
	seats        map[string]*meetingsv1.Registration // by person
	present      map[string]bool
	attestations []*meetingsv1.Attestation
}

// Run plays a season and writes its report; an error is a call that failed or a figure that does not agree.
func Run(ctx context.Context, cfg Config, out io.Writer) error {
	s := &season{
		Config: cfg, client: newClient(strings.TrimSuffix(cfg.URL, "/")), out: out, run: uuid.NewString()[:8],
		random: rand.New(rand.NewPCG(cfg.Seed, 0)), byID: map[string]*person{}, //nolint:gosec // a season to be played again, not a secret
	}
	began := time.Now()
	for _, step := range []struct {
		title string
		do    func(context.Context) error
	}{
		{"La campagne s'ouvre", s.open},
		{"Les personnes s'inscrivent depuis leur commune", s.register},
		{"Les groupes se forment près de chez elles", s.group},
		{"Les organisateurs sont cooptés ou formés par contamination", s.organise},
		{"Les rencontres sont planifiées et les places réservées", s.plan},
		{"Les rencontres ont lieu", s.meet},
		{"Les attestations sont émises et vérifiées hors ligne", s.attest},
		{"Les indicateurs bougent", s.measure},
	} {
		s.say("» %s", step.title)
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s : %w", step.title, err)
		}
	}
	if err := s.write(); err != nil {
		return err
	}
	s.table()
	s.say("Saison jouée en %.1f s ; détail dans %s.", time.Since(began).Seconds(), cfg.Output)
	return nil
}

func (s *season) say(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format+"\n", args...) }

// each runs do for every item, a few at a time.
func each[T any](ctx context.Context, items []T, do func(context.Context, T) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for _, item := range items {
		group.Go(func() error { return do(ctx, item) })
	}
	return group.Wait()
}

// expect compares a figure of the instance with what the season did.
func expect[T comparable](what string, got, want T) error {
	if got != want {
		return fmt.Errorf("%s : l'instance dit %v, la saison a fait %v", what, got, want)
	}
	return nil
}
