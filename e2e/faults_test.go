package e2e

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/classcode/maillage/deploy/standalone/season"
	"github.com/classcode/maillage/pkg/testkit"
)

const (
	kills    = 20
	killSeed = 20
	// crowd is as many learners as let a season last for twenty short lives.
	crowd = 130
	// settling is how long events may be under way after a season has seen its figures.
	settling = 30 * time.Second
)

// The program is killed at seeded moments of a season, some of them before it is up again. Nothing that it acknowledged may be
// lost, nothing may have happened twice, and the services must agree.
func TestSeasonSurvivesKills(t *testing.T) {
	p := install(t)
	p.start()
	p.await()
	began := time.Now()
	random := rand.New(rand.NewPCG(killSeed, 0))
	playing := p.play(1)
	var reports []season.Report
	var longest time.Duration
	up := true
	for n := 0; n < kills; {
		life := 100*time.Millisecond + time.Duration(random.Int64N(int64(900*time.Millisecond)))
		if !up {
			life /= 4 // of a start
		}
		select {
		case err := <-playing.over:
			reports = append(reports, playing.report(err))
			playing = p.play(uint64(len(reports) + 1))
			continue
		case <-time.After(life):
		}
		p.kill()
		n++
		t.Logf("kill %2d after %4.1f s, season %d, up %5v: %s", n, time.Since(began).Seconds(), len(reports)+1, up, playing.step())
		p.start()
		if up = n%5 != 0; up { // every fifth time, the next kill comes while it starts
			killed := time.Now()
			p.await()
			longest = max(longest, time.Since(killed))
		}
	}
	p.await()
	reports = append(reports, playing.report(<-playing.over))
	t.Logf("%d kills and %d seasons in %.1f s, up again after %.1f s at the most", kills, len(reports), time.Since(began).Seconds(), longest.Seconds())
	p.agree(reports)
	p.stop()
	for _, wrong := range p.audit(reports) {
		t.Error(wrong)
	}
	for _, wrong := range p.auditStreams(settling) {
		t.Error(wrong)
	}
	if !t.Failed() {
		p.auditNotices(reports)
	}
}

// agree waits until nothing is under way any more.
func (s *site) agree(reports []season.Report) {
	s.t.Helper()
	var wrong []string
	defer func() {
		if s.t.Failed() {
			s.t.Log(strings.Join(wrong, "\n"))
		}
	}()
	testkit.Poll(s.t, settling, func() bool {
		wrong = s.audit(reports)
		return len(wrong) == 0
	}, "the services to agree")
}

// playing is a season that goes on while the test does something else.
type playing struct {
	t    *testing.T
	file string
	over chan error

	mu    sync.Mutex
	lines strings.Builder
}

func (s *site) play(seed uint64) *playing {
	p := &playing{t: s.t, file: filepath.Join(s.t.TempDir(), "season.json"), over: make(chan error, 1)}
	var ended sync.WaitGroup
	ended.Go(func() {
		p.over <- season.Run(s.t.Context(), season.Config{URL: s.url(), Learners: crowd, Territory: "REG-84", Seed: seed, Output: p.file}, p)
	})
	s.t.Cleanup(ended.Wait)
	return p
}

// Write implements io.Writer for the season's account of itself.
func (s *playing) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lines.Write(b)
}

// step is the title of what the season is at.
func (s *playing) step() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, step, _ := strings.Cut(s.lines.String()[max(0, strings.LastIndex(s.lines.String(), "»")):], " ")
	step, _, _ = strings.Cut(step, "\n")
	return step
}

// report is what the season was acknowledged; err is what it ended with.
func (s *playing) report(err error) season.Report {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("the season ended with: %v\n%s", err, s.lines.String())
	}
	return read(s.t, s.file)
}
