-- +goose Up

-- Work that must be done once, at its hour or as soon after as can be, whatever fails meanwhile (pkg/jobs).
CREATE TABLE jobs (
    id          TEXT    PRIMARY KEY, -- UUIDv7
    kind        TEXT    NOT NULL,
    key         TEXT    NOT NULL UNIQUE,
    payload     BLOB    NOT NULL,    -- ids, never personal data
    state       INTEGER NOT NULL CONSTRAINT jobs_state CHECK (state BETWEEN 1 AND 3), -- 1 waiting, 2 done, 3 dead
    due_at      INTEGER NOT NULL,    -- its hour
    free_at     INTEGER NOT NULL,    -- when it may be taken next: its hour, the end of a lease, or of a pause
    lease_owner TEXT    NOT NULL,    -- who has taken it, by the draw of each taking; empty when nobody has
    attempts    INTEGER NOT NULL,
    last_error  TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    ended_at    INTEGER NOT NULL     -- 0 while it waits
) STRICT;
CREATE INDEX jobs_next ON jobs (kind, free_at, id) WHERE state = 1;
CREATE INDEX jobs_ended ON jobs (state, ended_at) WHERE state <> 1;
