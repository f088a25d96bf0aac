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

-- Notices also ask for feedback. What kinds there are is the program's to say; here only that it is one. SQLite changes no constraint.
CREATE TABLE letters (
    id         TEXT    PRIMARY KEY, -- of the mail's Message-ID
    key        TEXT    NOT NULL UNIQUE, -- what it follows from: the same news is one notice
    meeting_id TEXT    NOT NULL, -- empty when it belongs to none
    subject_id TEXT    NOT NULL, -- what it is about, by its kind
    person_id  TEXT    NOT NULL, -- to whom; empty where the subject says it
    kind       INTEGER NOT NULL CONSTRAINT notices_kind CHECK (kind > 0),
    state      INTEGER NOT NULL CONSTRAINT notices_state CHECK (state BETWEEN 1 AND 4),
    reason     TEXT    NOT NULL, -- why it was dropped or has failed
    starts_at  INTEGER NOT NULL, -- of the meeting that a reminder is about, or when an invitation was sent; 0 for the others
    due_at     INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL  -- 0 while it is pending
) STRICT;
INSERT INTO letters SELECT id, key, meeting_id, subject_id, person_id, kind, state, reason, starts_at, due_at, created_at, ended_at FROM notices;
DROP TABLE notices;
ALTER TABLE letters RENAME TO notices;
CREATE INDEX notices_order ON notices (meeting_id, created_at, id);
CREATE INDEX notices_pending ON notices (subject_id, kind) WHERE state = 1;
