package store

import (
	"context"
	"fmt"

	"github.com/classcode/maillage/pkg/database"
	"github.com/classcode/maillage/services/meetings/internal/domain"
)

const (
	pollColumns   = `id, group_id, meeting_id, title, capacity, time_zone, state, closes_at, chosen, result_id, version, created_at`
	optionColumns = `poll_id, position, starts_at, ends_at`
)

func readPoll(scan database.Scan) (p domain.Poll, err error) {
	var closes, created int64
	err = scan(&p.ID, &p.GroupID, &p.MeetingID, &p.Title, &p.Capacity, &p.TimeZone, &p.State, &closes, &p.Chosen, &p.ResultID, &p.Version, &created)
	p.Closes, p.CreateTime = database.Time(closes), database.Time(created)
	return p, err
}

func readOption(scan database.Scan) (o domain.PollOption, err error) {
	var start, end int64
	err = scan(&o.Position, &start, &end, &o.Yes, &o.Perhaps, &o.No)
	o.Slot = domain.Slot{Start: database.Time(start), End: database.Time(end)}
	return o, err
}

// Poll returns a poll with its counts, or domain.ErrPollNotFound.
func (r reads) Poll(ctx context.Context, id string) (domain.Poll, error) {
	p, err := database.One(ctx, r.q, domain.ErrPollNotFound, readPoll, `SELECT `+pollColumns+` FROM polls WHERE id = $1`, id)
	if err != nil {
		return p, err
	}
	return r.counted(ctx, p)
}

func (r reads) counted(ctx context.Context, p domain.Poll) (_ domain.Poll, err error) {
	p.Options, err = database.All(ctx, r.q, readOption,
		`SELECT o.position, o.starts_at, o.ends_at, count(CASE v.answer WHEN 1 THEN 1 END), count(CASE v.answer WHEN 2 THEN 1 END),
		     count(CASE v.answer WHEN 3 THEN 1 END)
		 FROM poll_options o LEFT JOIN poll_votes v ON v.poll_id = o.poll_id AND v.position = o.position
		 WHERE o.poll_id = $1 GROUP BY o.position, o.starts_at, o.ends_at ORDER BY o.position`, p.ID)
	return p, err
}

// VotesOf returns a person's answers, by option.
func (r reads) VotesOf(ctx context.Context, pollID, personID string) ([]domain.Vote, error) {
	return database.All(ctx, r.q, readVote,
		`SELECT position, answer FROM poll_votes WHERE poll_id = $1 AND person_id = $2 ORDER BY position`, pollID, personID)
}

func readVote(scan database.Scan) (v domain.Vote, err error) {
	err = scan(&v.Option, &v.Answer)
	return v, err
}

// InsertPoll adds a poll with its options.
func (t *tx) InsertPoll(ctx context.Context, p domain.Poll) error {
	err := t.bulk(ctx, "polls", pollColumns, [][]any{{
		p.ID, p.GroupID, p.MeetingID, p.Title, p.Capacity, p.TimeZone, int(p.State), database.Micros(p.Closes), p.Chosen, p.ResultID, p.Version,
		database.Micros(p.CreateTime),
	}})
	if err != nil {
		return err
	}
	rows := make([][]any, len(p.Options))
	for i, o := range p.Options {
		rows[i] = []any{p.ID, o.Position, database.Micros(o.Slot.Start), database.Micros(o.Slot.End)}
	}
	return t.bulk(ctx, "poll_options", optionColumns, rows)
}

// LockPoll holds the poll's row until the transaction ends, and counts after.
func (t *tx) LockPoll(ctx context.Context, id string) (domain.Poll, error) {
	p, err := database.One(ctx, t.q, domain.ErrPollNotFound, readPoll,
		`UPDATE polls SET version = version WHERE id = $1 RETURNING `+pollColumns, id)
	if err != nil {
		return p, err
	}
	return t.counted(ctx, p)
}

// PutVotes keeps a person's answers.
func (t *tx) PutVotes(ctx context.Context, pollID, personID string, votes []domain.Vote) error {
	for _, v := range votes {
		_, err := t.SQL.ExecContext(ctx, `INSERT INTO poll_votes (poll_id, position, person_id, answer) VALUES ($1, $2, $3, $4)
			ON CONFLICT (poll_id, position, person_id) DO UPDATE SET answer = excluded.answer`, pollID, v.Option, personID, int(v.Answer))
		if err != nil {
			return fmt.Errorf("keep vote: %w", database.Explain(err))
		}
	}
	return nil
}

// UpdatePoll stores how a poll ended.
func (t *tx) UpdatePoll(ctx context.Context, p domain.Poll) error {
	return database.Updated(t.SQL.ExecContext(ctx,
		`UPDATE polls SET state = $1, chosen = $2, result_id = $3, version = $4 WHERE id = $5 AND version = $4 - 1`,
		int(p.State), p.Chosen, p.ResultID, p.Version, p.ID))
}
