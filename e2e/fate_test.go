package e2e

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/classcode/maillage/pkg/testkit"
)

// fate lets a program die of kill -9 at moments that a seed chooses: in a request, in the instant in which the mail server has
// accepted a mail and nobody knows it yet, and while it starts. It keeps what the mail server got, and in which life.
type fate struct {
	kill func() bool

	mu         sync.Mutex
	over       bool // nobody dies any more
	random     *rand.Rand
	requests   int // until the next death in one
	mails      int // until the next death after one
	inRequests int // deaths
	afterMails int
	inStarts   int
	others     int
	delivered  []delivered
}

// delivered is a mail that the server has accepted.
type delivered struct {
	testkit.Mail
	life int // how often the program had died before
}

func newFate(seed uint64, kill func() bool) *fate {
	f := &fate{kill: kill, random: rand.New(rand.NewPCG(seed, 0))}
	f.requests, f.mails = f.between(5, 45), f.between(2, 8)
	return f
}

func (f *fate) between(from, to int) int { return from + f.random.IntN(to-from) }

// deaths are so many until now.
func (f *fate) deaths() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lives()
}

func (f *fate) lives() int { return f.inRequests + f.afterMails + f.inStarts + f.others }

// die kills, and counts it in one of the numbers.
func (f *fate) die(of *int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.over && f.kill() {
		*of++
	}
}

// spare ends the dying.
func (f *fate) spare() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.over = true
}

// asking is called before each request of the story; now and again the program dies while it is answered.
func (f *fate) asking() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.requests--; f.requests > 0 {
		return
	}
	f.requests = f.between(25, 60)
	time.AfterFunc(time.Duration(f.between(0, 25))*time.Millisecond, func() { f.die(&f.inRequests) })
}

// accepted is called by the mail server before it says so; now and again nobody is there any more to hear it.
func (f *fate) accepted(m testkit.Mail) {
	f.mu.Lock()
	f.delivered = append(f.delivered, delivered{m, f.lives()})
	f.mails--
	fatal := f.mails <= 0
	if fatal {
		f.mails = f.between(8, 20)
	}
	f.mu.Unlock()
	if fatal {
		f.die(&f.afterMails)
	}
}

// started is called when the program begins; one time in six it does not come far.
func (f *fate) started() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.between(0, 6) == 0 {
		time.AfterFunc(time.Duration(f.between(20, 400))*time.Millisecond, func() { f.die(&f.inStarts) })
	}
}

// mail is what the mail server got.
func (f *fate) mail() []delivered {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]delivered(nil), f.delivered...)
}
