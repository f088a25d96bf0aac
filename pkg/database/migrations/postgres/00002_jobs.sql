-- +goose Up

-- Work that must be done once, at its hour or as soon after as can be, whatever fails meanwhile (pkg/jobs).
CREATE TABLE jobs (
    id          TEXT   COLLATE "C" PRIMARY KEY, -- UUIDv7
    kind        TEXT   COLLATE "C" NOT NULL,
    key         TEXT   COLLATE "C" NOT NULL UNIQUE,
    payload     BYTEA  NOT NULL,    -- ids, never personal data
    state       BIGINT NOT NULL CONSTRAINT jobs_state CHECK (state BETWEEN 1 AND 3), -- 1 waiting, 2 done, 3 dead
    due_at      BIGINT NOT NULL,    -- its hour
    free_at     BIGINT NOT NULL,    -- when it may be taken next: its hour, the end of a lease, or of a pause
    lease_owner TEXT   COLLATE "C" NOT NULL,    -- who has taken it, by the draw of each taking; empty when nobody has
    attempts    BIGINT NOT NULL,
    last_error  TEXT   COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    ended_at    BIGINT NOT NULL     -- 0 while it waits
);
CREATE INDEX jobs_next ON jobs (kind, free_at, id) WHERE state = 1;
CREATE INDEX jobs_ended ON jobs (state, ended_at) WHERE state <> 1;
