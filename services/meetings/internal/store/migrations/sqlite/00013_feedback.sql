-- +goose Up

-- Personal: who has answered, so that nobody does so twice. What was answered stands apart, and nothing leads from one to the other: neither
-- table has numbers for its rows, which would tell their order.
CREATE TABLE respondents (
    meeting_id TEXT NOT NULL REFERENCES meetings (id),
    person_id  TEXT NOT NULL,
    PRIMARY KEY (meeting_id, person_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE feedback (
    meeting_id   TEXT    NOT NULL REFERENCES meetings (id),
    id           TEXT    NOT NULL, -- random, without an hour
    role         INTEGER NOT NULL CHECK (role IN (1, 2)),
    satisfaction INTEGER NOT NULL CHECK (satisfaction BETWEEN 1 AND 4),
    usefulness   INTEGER NOT NULL CHECK (usefulness BETWEEN 1 AND 4),
    comment      TEXT    NOT NULL,
    PRIMARY KEY (meeting_id, id)
) STRICT, WITHOUT ROWID;
