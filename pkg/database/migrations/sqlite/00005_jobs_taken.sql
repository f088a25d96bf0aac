-- +goose Up

-- What is due and not done is counted every few seconds, beside a hundred thousand reminders whose hour is far: these are the ones that
-- were taken, and are at work or put off.
CREATE INDEX jobs_taken ON jobs (kind, due_at) WHERE state = 1 AND free_at > due_at;
