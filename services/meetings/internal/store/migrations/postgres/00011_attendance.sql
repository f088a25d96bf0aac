-- +goose Up

-- What was said of who came, in the order of arriving. A row is never changed. What contradicted something said meanwhile is disputed:
-- it stands beside, and changed nothing.
CREATE TABLE attendance_changes (
    meeting_id      TEXT COLLATE "C" NOT NULL REFERENCES meetings (id),
    rank            BIGINT  NOT NULL, -- from 1, without gaps
    registration_id TEXT COLLATE "C" NOT NULL,
    from_state      BIGINT  NOT NULL,
    from_part       BIGINT  NOT NULL,
    to_state        BIGINT  NOT NULL CONSTRAINT attendance_changes_state CHECK (to_state IN (3, 4, 5)),
    to_part         BIGINT  NOT NULL CONSTRAINT attendance_changes_part CHECK (to_part BETWEEN 0 AND 2 AND (to_part = 0 OR to_state = 3)),
    way             BIGINT  NOT NULL CONSTRAINT attendance_changes_way CHECK (way BETWEEN 1 AND 3),
    person_id       TEXT COLLATE "C" NOT NULL,
    reason          TEXT COLLATE "C" NOT NULL, -- empty when the line had not been said before
    said_at         BIGINT  NOT NULL,
    created_at      BIGINT  NOT NULL,
    disputed        BIGINT  NOT NULL,
    PRIMARY KEY (meeting_id, rank)
);

-- Wrong codes of a person at a meeting since an hour; a row may be forgotten when that is long ago.
CREATE TABLE check_in_tries (
    meeting_id TEXT COLLATE "C" NOT NULL REFERENCES meetings (id),
    person_id  TEXT COLLATE "C" NOT NULL,
    since      BIGINT  NOT NULL, -- 0 before the first
    wrong      BIGINT  NOT NULL,
    PRIMARY KEY (meeting_id, person_id)
);

CREATE TABLE minutes (
    meeting_id TEXT COLLATE "C" PRIMARY KEY REFERENCES meetings (id),
    state      BIGINT  NOT NULL CONSTRAINT minutes_state CHECK (state BETWEEN 1 AND 2 AND (state = 2) = (closed_at <> 0)),
    modality   BIGINT  NOT NULL CONSTRAINT minutes_modality CHECK (modality BETWEEN 0 AND 3), -- 0 until given
    report     TEXT COLLATE "C" NOT NULL, -- JSON: participants, irritants, needs, actions, summary
    author_id  TEXT COLLATE "C" NOT NULL,
    closer_id  TEXT COLLATE "C" NOT NULL, -- empty before
    version    BIGINT  NOT NULL,
    created_at BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL,
    closed_at  BIGINT  NOT NULL  -- 0 before
);

CREATE TABLE minutes_reopenings (
    meeting_id TEXT COLLATE "C" NOT NULL REFERENCES minutes (meeting_id),
    version    BIGINT  NOT NULL, -- of the minutes, after
    person_id  TEXT COLLATE "C" NOT NULL,
    reason     TEXT COLLATE "C" NOT NULL,
    created_at BIGINT  NOT NULL,
    PRIMARY KEY (meeting_id, version)
);

CREATE TABLE declaration_returns (
    meeting_id  TEXT COLLATE "C" NOT NULL REFERENCES meetings (id),
    rank        BIGINT  NOT NULL, -- from 1, without gaps
    person_id   TEXT COLLATE "C" NOT NULL,
    reason      TEXT COLLATE "C" NOT NULL,
    declared_at BIGINT  NOT NULL,
    created_at  BIGINT  NOT NULL,
    PRIMARY KEY (meeting_id, rank)
);
