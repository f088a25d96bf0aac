-- +goose Up

-- The search for a professional; a meeting has at most one.
CREATE TABLE professional_searches (
    id             TEXT COLLATE "C" PRIMARY KEY,
    meeting_id     TEXT COLLATE "C" NOT NULL REFERENCES meetings (id),
    commune_code   TEXT COLLATE "C" NOT NULL,
    state          BIGINT NOT NULL CONSTRAINT professional_searches_state CHECK (state BETWEEN 2 AND 5),
    person_id      TEXT COLLATE "C" NOT NULL, -- who comes; empty unless confirmed
    tags           TEXT COLLATE "C" NOT NULL, -- a JSON list, only read whole
    without_reason BIGINT NOT NULL, -- 0 unless the meeting does without
    without_text   TEXT COLLATE "C" NOT NULL,
    reopen_cause   BIGINT NOT NULL,
    lost_count     BIGINT NOT NULL,
    version        BIGINT NOT NULL,
    created_at     BIGINT NOT NULL,
    UNIQUE (meeting_id),
    CONSTRAINT professional_searches_person CHECK ((state = 4) = (person_id <> '')),
    CONSTRAINT professional_searches_reason CHECK ((state = 5) = (without_reason > 0) AND (state = 5) = (without_text <> ''))
);
CREATE INDEX professional_searches_commune ON professional_searches (commune_code);

-- Of the asks that are open (waiting, sent, accepted) a person has one per search, and a search one that is accepted.
CREATE TABLE asks (
    id          TEXT COLLATE "C" PRIMARY KEY,
    search_id   TEXT COLLATE "C" NOT NULL REFERENCES professional_searches (id),
    meeting_id  TEXT COLLATE "C" NOT NULL,
    person_id   TEXT COLLATE "C" NOT NULL,
    rank        BIGINT NOT NULL,
    state       BIGINT NOT NULL CONSTRAINT asks_state CHECK (state BETWEEN 1 AND 6),
    for_start   BIGINT NOT NULL, -- the meeting's start when it was made
    patience    BIGINT NOT NULL, -- microseconds
    deadline    BIGINT NOT NULL, -- 0 while it waits
    sent_at     BIGINT NOT NULL, -- 0 while it waits
    answered_at BIGINT NOT NULL, -- 0 before
    reason      TEXT COLLATE "C" NOT NULL,
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    UNIQUE (search_id, rank),
    CONSTRAINT asks_sent CHECK ((deadline > 0) = (sent_at > 0) AND (state <> 1 OR sent_at = 0) AND (state NOT IN (2, 3, 5) OR sent_at > 0))
);
CREATE UNIQUE INDEX asks_search_id_person_id_key ON asks (search_id, person_id) WHERE state <= 3;
CREATE UNIQUE INDEX asks_search_id_key ON asks (search_id) WHERE state = 3;
CREATE INDEX asks_person ON asks (person_id, created_at, id);
CREATE INDEX asks_order ON asks (meeting_id, created_at, id);
CREATE INDEX asks_deadline ON asks (deadline) WHERE state = 2;
CREATE INDEX asks_waiting ON asks (search_id) WHERE state = 1;
