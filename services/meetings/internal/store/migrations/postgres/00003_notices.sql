-- +goose Up

-- The mails to the people of registrations: what each tells is read when it is sent, and no address is kept.
CREATE TABLE notices (
    id              TEXT   COLLATE "C" PRIMARY KEY, -- of the mail's Message-ID
    key             TEXT   COLLATE "C" NOT NULL UNIQUE, -- what it follows from: the same news is one notice
    meeting_id      TEXT   COLLATE "C" NOT NULL REFERENCES meetings (id),
    registration_id TEXT   COLLATE "C" NOT NULL,
    kind            BIGINT NOT NULL CONSTRAINT notices_kind CHECK (kind BETWEEN 1 AND 11),
    state           BIGINT NOT NULL CONSTRAINT notices_state CHECK (state BETWEEN 1 AND 4),
    reason          TEXT   COLLATE "C" NOT NULL, -- why it was dropped or has failed
    starts_at       BIGINT NOT NULL, -- of the meeting that a reminder is about; 0 for the others
    due_at          BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    ended_at        BIGINT NOT NULL  -- 0 while it is pending
);
CREATE INDEX notices_order ON notices (meeting_id, created_at, id);
CREATE INDEX notices_pending ON notices (registration_id, kind) WHERE state = 1;

-- What the person of a registration was last told: a change is told as the difference to it.
CREATE TABLE notice_terms (
    registration_id TEXT   COLLATE "C" PRIMARY KEY,
    starts_at       BIGINT NOT NULL,
    ends_at         BIGINT NOT NULL,
    time_zone       TEXT   COLLATE "C" NOT NULL,
    place_id        TEXT   COLLATE "C" NOT NULL,
    version         BIGINT NOT NULL -- the meeting's
);

-- The meetings whose changes are being collected, or were: windows so far, and whether one is open.
CREATE TABLE notice_windows (
    meeting_id TEXT   COLLATE "C" PRIMARY KEY,
    number     BIGINT NOT NULL,
    open       BIGINT NOT NULL
);

CREATE TABLE notice_preferences (
    person_id         TEXT   COLLATE "C" PRIMARY KEY,
    level             BIGINT NOT NULL CONSTRAINT notice_preferences_level CHECK (level BETWEEN 1 AND 3),
    short_reminder    BIGINT NOT NULL,
    meeting_confirmed BIGINT NOT NULL,
    quiet_start       BIGINT NOT NULL, -- minutes after midnight
    quiet_end         BIGINT NOT NULL,
    version           BIGINT NOT NULL
);
