-- +goose Up

-- Personal: who has answered, so that nobody does so twice. What was answered stands apart, and nothing leads from one to the other.
CREATE TABLE respondents (
    meeting_id TEXT COLLATE "C" NOT NULL REFERENCES meetings (id),
    person_id  TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (meeting_id, person_id)
);

CREATE TABLE feedback (
    meeting_id   TEXT   COLLATE "C" NOT NULL REFERENCES meetings (id),
    id           TEXT   COLLATE "C" NOT NULL, -- random, without an hour
    role         BIGINT NOT NULL CHECK (role IN (1, 2)),
    satisfaction BIGINT NOT NULL CHECK (satisfaction BETWEEN 1 AND 4),
    usefulness   BIGINT NOT NULL CHECK (usefulness BETWEEN 1 AND 4),
    comment      TEXT   COLLATE "C" NOT NULL,
    PRIMARY KEY (meeting_id, id)
);

-- Notices also ask for feedback. What kinds there are is the program's to say; here only that it is one.
ALTER TABLE notices DROP CONSTRAINT notices_kind;
ALTER TABLE notices ADD CONSTRAINT notices_kind CHECK (kind > 0);
