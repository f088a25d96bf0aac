package domain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/classcode/maillage/pkg/errs"
)

// Poll asks a group which date suits it. Who answered what stays between the person and the count.
type Poll struct {
	ID         string
	GroupID    string
	MeetingID  string // that the chosen date moves; empty when it makes a single one
	Title      string
	Capacity   int
	TimeZone   string
	State      PollState
	Closes     time.Time
	Options    []PollOption // by position
	Chosen     int          // position of the option, 0 before
	ResultID   string       // the meeting that came of it, empty before
	Version    int64
	CreateTime time.Time
}

// PollState is where a poll stands in its life; the numbers are the contract's.
type PollState int

// The states of a poll.
const (
	PollOpen PollState = iota + 1
	PollClosed
)

// PollOption is a date that is proposed, with how many answered what.
type PollOption struct {
	Position         int // from 1
	Slot             Slot
	Yes, Perhaps, No int
}

// PollAnswer is what a person says to a date; the numbers are the contract's.
type PollAnswer int

// The answers.
const (
	AnswerYes PollAnswer = iota + 1
	AnswerIfNeedBe
	AnswerNo
)

// Vote is a person's answer to one option.
type Vote struct {
	Option int
	Answer PollAnswer
}

// PollReads finds polls.
type PollReads interface {
	Poll(ctx context.Context, id string) (Poll, error)
	// VotesOf is what a person has answered so far, by option.
	VotesOf(ctx context.Context, pollID, personID string) ([]Vote, error)
}

// PollWrites changes polls.
type PollWrites interface {
	InsertPoll(ctx context.Context, p Poll) error
	// LockPoll is the poll as it is; nobody votes or closes it before the transaction ends.
	LockPoll(ctx context.Context, id string) (Poll, error)
	// PutVotes keeps a person's answers in the place of what the person said before to the same options.
	PutVotes(ctx context.Context, pollID, personID string, votes []Vote) error
	// UpdatePoll refuses when someone else has updated the version before.
	UpdatePoll(ctx context.Context, p Poll) error
}

// What a poll may be refused for.
var (
	ErrPollNotFound = errs.Missing("poll", "sondage")
	ErrPollClosed   = errs.New(errs.Precondition, "POLL_CLOSED",
		"The vote is over; read the poll again to see its date.",
		"Le vote est terminé ; relisez le sondage pour connaître sa date.")
	ErrPollCloses = errs.New(errs.Invalid, "POLL_CLOSE_TIME",
		"A poll closes in the future, before the first of its dates.",
		"Un sondage se termine dans l'avenir, avant la première de ses dates.")
	ErrPollOptionsEqual = errs.New(errs.Invalid, "POLL_OPTIONS_EQUAL",
		"This date is proposed twice; keep one.",
		"Cette date est proposée deux fois ; gardez-en une.")
	ErrPollOption = errs.New(errs.Invalid, "POLL_OPTION_UNKNOWN",
		"The poll has no such date; give the position of one of its options.",
		"Le sondage n'a pas cette date ; donnez la position d'une de ses options.")
	ErrPollVoteTwice = errs.New(errs.Invalid, "POLL_VOTE_TWICE",
		"This date is answered twice; keep one answer.",
		"Cette date reçoit deux réponses ; gardez-en une.")
	ErrPollDatesPast = errs.New(errs.Precondition, "POLL_DATES_PAST",
		"All the dates of this poll are past; ask again with others.",
		"Toutes les dates de ce sondage sont passées ; demandez à nouveau avec d'autres.")
	ErrPollMeeting = errs.New(errs.Precondition, "POLL_MEETING",
		"The chosen date moves a meeting of this group that is to come; choose such a one.",
		"La date choisie déplace un temps de rencontre à venir de ce groupe ; choisissez-en un.")
)

// CreatePoll proposes dates to a group.
func CreatePoll(ctx context.Context, tx Tx, p Poll, now time.Time) (_ Poll, err error) {
	if err := p.check(now); err != nil {
		return Poll{}, err
	}
	if p.MeetingID != "" {
		m, err := tx.Meeting(ctx, p.MeetingID)
		if errors.Is(err, ErrMeetingNotFound) || err == nil && (m.GroupID != p.GroupID || !m.State.Planned() || m.Begun(now)) {
			return Poll{}, ErrPollMeeting.At("meeting_id")
		}
		if err != nil {
			return Poll{}, err
		}
	} else if p.Capacity < 1 || p.Capacity > maxCapacity {
		return Poll{}, ErrCapacityRange.At("capacity")
	}
	if p.Title != "" {
		if p.Title, err = title(p.Title, "title"); err != nil {
			return Poll{}, err
		}
	}
	p.State, p.Version, p.CreateTime = PollOpen, 1, now
	if err := tx.InsertPoll(ctx, p); err != nil {
		return Poll{}, err
	}
	return p, tx.Emit(ctx, Event{Name: "poll.opened", State: p})
}

// check is about the dates alone.
func (p Poll) check(now time.Time) error {
	if err := CheckZone(p.TimeZone, "time_zone"); err != nil {
		return err
	}
	seen := map[Slot]bool{}
	for i, o := range p.Options {
		prefix := fmt.Sprintf("options[%d].", i)
		if err := checkStart(o.Slot.Start, now, prefix+"start_time"); err != nil {
			return err
		}
		if err := o.Slot.check(prefix); err != nil {
			return err
		}
		if seen[o.Slot] {
			return ErrPollOptionsEqual.At(fmt.Sprintf("options[%d]", i))
		}
		seen[o.Slot] = true
		if !p.Closes.Before(o.Slot.Start) {
			return ErrPollCloses.At("close_time")
		}
	}
	if !p.Closes.After(now) {
		return ErrPollCloses.At("close_time")
	}
	return nil
}

// voting reports whether people still vote; at the instant of its closing they do not.
func (p Poll) voting(now time.Time) bool { return p.State == PollOpen && now.Before(p.Closes) }

// option is the option at a position, nil when there is none.
func (p Poll) option(position int) *PollOption {
	if position < 1 || position > len(p.Options) {
		return nil
	}
	return &p.Options[position-1]
}

// CastVotes answers a poll in a person's name; what is said again counts once, as it was said last.
func CastVotes(ctx context.Context, tx Tx, id, personID string, votes []Vote, now time.Time) (Poll, error) {
	p, err := tx.LockPoll(ctx, id)
	if err != nil {
		return Poll{}, err
	}
	if !p.voting(now) {
		return Poll{}, ErrPollClosed.At("id")
	}
	seen := map[int]bool{}
	for i, v := range votes {
		path := fmt.Sprintf("votes[%d].option", i)
		switch {
		case p.option(v.Option) == nil:
			return Poll{}, ErrPollOption.At(path)
		case seen[v.Option]:
			return Poll{}, ErrPollVoteTwice.At(path)
		}
		seen[v.Option] = true
	}
	if err := tx.PutVotes(ctx, id, personID, votes); err != nil {
		return Poll{}, err
	}
	return tx.Poll(ctx, id)
}

// Best is the position of the option that suits most: most yes, then fewest no, then the earliest. What has begun suits nobody; 0
// when nothing is left.
func (p Poll) Best(now time.Time) int {
	left := slices.DeleteFunc(slices.Clone(p.Options), func(o PollOption) bool { return !o.Slot.Start.After(now) })
	if len(left) == 0 {
		return 0
	}
	return slices.MinFunc(left, func(a, b PollOption) int {
		return cmp.Or(cmp.Compare(b.Yes, a.Yes), cmp.Compare(a.No, b.No), a.Slot.Start.Compare(b.Slot.Start), a.Slot.End.Compare(b.Slot.End))
	}).Position
}

// Choice is how a poll ends.
type Choice struct {
	Option int  // 0 for the best one
	Plan   Plan // of the single meeting; not looked at when the poll moves one
	Now    time.Time
}

// ClosePoll makes the meeting of the chosen date, or moves it, in the transaction that ends the poll: once, whoever asks how often.
func ClosePoll(ctx context.Context, tx Tx, id string, c Choice) (Poll, error) {
	p, err := tx.LockPoll(ctx, id)
	if err != nil {
		return Poll{}, err
	}
	if p.State != PollOpen {
		return Poll{}, ErrPollClosed.At("id").With("meeting", p.ResultID)
	}
	chosen := c.Option
	if chosen == 0 {
		if chosen = p.Best(c.Now); chosen == 0 {
			return Poll{}, ErrPollDatesPast.At("id")
		}
	}
	option := p.option(chosen)
	switch {
	case option == nil:
		return Poll{}, ErrPollOption.At("option")
	case !option.Slot.Start.After(c.Now):
		return Poll{}, ErrStartPast.At("option")
	}
	m, err := p.meet(ctx, tx, option.Slot, c)
	if err != nil {
		return Poll{}, err
	}
	p.State, p.Chosen, p.ResultID, p.Version = PollClosed, chosen, m.ID, p.Version+1
	if err := tx.UpdatePoll(ctx, p); err != nil {
		return Poll{}, err
	}
	return p, tx.Emit(ctx, Event{Name: "poll.closed", State: p})
}

// meet gives the group its meeting at the date that was chosen.
func (p Poll) meet(ctx context.Context, tx Tx, at Slot, c Choice) (Meeting, error) {
	if p.MeetingID == "" {
		c.Plan.Slots = []Slot{at}
		c.Plan.Common.TimeZone, c.Plan.Common.Title, c.Plan.Common.Capacity = p.TimeZone, p.Title, p.Capacity
		return CreateMeeting(ctx, tx, c.Plan)
	}
	m, err := tx.Meeting(ctx, p.MeetingID)
	if err != nil {
		return Meeting{}, err
	}
	if !m.State.Planned() || m.Begun(c.Now) {
		return Meeting{}, ErrPollMeeting.At("id")
	}
	return UpdateMeeting(ctx, tx, m, Change{Start: &at.Start, End: &at.End, TimeZone: &p.TimeZone}, c.Now)
}
