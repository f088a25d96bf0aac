-- +goose Up

-- What was said of who came, in the order of arriving. A row is never changed. What contradicted something said meanwhile is disputed:
-- it stands beside, and changed nothing.
CREATE TABLE attendance_changes (
    meeting_id      TEXT    NOT NULL REFERENCES meetings (id),
    rank            INTEGER NOT NULL, -- from 1, without gaps
    registration_id TEXT    NOT NULL,
    from_state      INTEGER NOT NULL,
    from_part       INTEGER NOT NULL,
    to_state        INTEGER NOT NULL CONSTRAINT attendance_changes_state CHECK (to_state IN (3, 4, 5)),
    to_part         INTEGER NOT NULL CONSTRAINT attendance_changes_part CHECK (to_part BETWEEN 0 AND 2 AND (to_part = 0 OR to_state = 3)),
    way             INTEGER NOT NULL CONSTRAINT attendance_changes_way CHECK (way BETWEEN 1 AND 3),
    person_id       TEXT    NOT NULL,
    reason          TEXT    NOT NULL, -- empty when the line had not been said before
    said_at         INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    disputed        INTEGER NOT NULL,
    PRIMARY KEY (meeting_id, rank)
) STRICT;

-- Wrong codes of a person at a meeting since an hour; a row may be forgotten when that is long ago.
CREATE TABLE check_in_tries (
    meeting_id TEXT    NOT NULL REFERENCES meetings (id),
    person_id  TEXT    NOT NULL,
    since      INTEGER NOT NULL, -- 0 before the first
    wrong      INTEGER NOT NULL,
    PRIMARY KEY (meeting_id, person_id)
) STRICT;

CREATE TABLE minutes (
    meeting_id TEXT    PRIMARY KEY REFERENCES meetings (id),
    state      INTEGER NOT NULL CONSTRAINT minutes_state CHECK (state BETWEEN 1 AND 2 AND (state = 2) = (closed_at <> 0)),
    modality   INTEGER NOT NULL CONSTRAINT minutes_modality CHECK (modality BETWEEN 0 AND 3), -- 0 until given
    report     TEXT    NOT NULL, -- JSON: participants, irritants, needs, actions, summary
    author_id  TEXT    NOT NULL,
    closer_id  TEXT    NOT NULL, -- empty before
    version    INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    closed_at  INTEGER NOT NULL  -- 0 before
) STRICT;

CREATE TABLE minutes_reopenings (
    meeting_id TEXT    NOT NULL REFERENCES minutes (meeting_id),
    version    INTEGER NOT NULL, -- of the minutes, after
    person_id  TEXT    NOT NULL,
    reason     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (meeting_id, version)
) STRICT;

CREATE TABLE declaration_returns (
    meeting_id  TEXT    NOT NULL REFERENCES meetings (id),
    rank        INTEGER NOT NULL, -- from 1, without gaps
    person_id   TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    declared_at INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (meeting_id, rank)
) STRICT;
