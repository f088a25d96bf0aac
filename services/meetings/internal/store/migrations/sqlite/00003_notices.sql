-- +goose Up

-- The mails to the people of registrations: what each tells is read when it is sent, and no address is kept.
CREATE TABLE notices (
    id              TEXT    PRIMARY KEY, -- of the mail's Message-ID
    key             TEXT    NOT NULL UNIQUE, -- what it follows from: the same news is one notice
    meeting_id      TEXT    NOT NULL REFERENCES meetings (id),
    registration_id TEXT    NOT NULL,
    kind            INTEGER NOT NULL CONSTRAINT notices_kind CHECK (kind BETWEEN 1 AND 11),
    state           INTEGER NOT NULL CONSTRAINT notices_state CHECK (state BETWEEN 1 AND 4),
    reason          TEXT    NOT NULL, -- why it was dropped or has failed
    starts_at       INTEGER NOT NULL, -- of the meeting that a reminder is about; 0 for the others
    due_at          INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    ended_at        INTEGER NOT NULL  -- 0 while it is pending
) STRICT;
CREATE INDEX notices_order ON notices (meeting_id, created_at, id);
CREATE INDEX notices_pending ON notices (registration_id, kind) WHERE state = 1;

-- What the person of a registration was last told: a change is told as the difference to it.
CREATE TABLE notice_terms (
    registration_id TEXT    PRIMARY KEY,
    starts_at       INTEGER NOT NULL,
    ends_at         INTEGER NOT NULL,
    time_zone       TEXT    NOT NULL,
    place_id        TEXT    NOT NULL,
    version         INTEGER NOT NULL -- the meeting's
) STRICT;

-- The meetings whose changes are being collected, or were: windows so far, and whether one is open.
CREATE TABLE notice_windows (
    meeting_id TEXT    PRIMARY KEY,
    number     INTEGER NOT NULL,
    open       INTEGER NOT NULL
) STRICT;

CREATE TABLE notice_preferences (
    person_id         TEXT    PRIMARY KEY,
    level             INTEGER NOT NULL CONSTRAINT notice_preferences_level CHECK (level BETWEEN 1 AND 3),
    short_reminder    INTEGER NOT NULL,
    meeting_confirmed INTEGER NOT NULL,
    quiet_start       INTEGER NOT NULL, -- minutes after midnight
    quiet_end         INTEGER NOT NULL,
    version           INTEGER NOT NULL
) STRICT;
