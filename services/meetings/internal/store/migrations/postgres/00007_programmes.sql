-- +goose Up

-- A single meeting belongs to no series.
ALTER TABLE meetings ALTER COLUMN series_id DROP NOT NULL;

-- cancel_cause keeps what it was, people's own words; cancel_kind says which of the causes it was, and the words are its note.
ALTER TABLE meetings
    ADD COLUMN title          TEXT COLLATE "C" NOT NULL DEFAULT '', -- empty when it is called after its module
    ADD COLUMN mode           BIGINT           NOT NULL DEFAULT 1 CONSTRAINT meetings_mode CHECK (mode BETWEEN 1 AND 3),
    ADD COLUMN remote_url     TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN cancel_kind    BIGINT           NOT NULL DEFAULT 0 CONSTRAINT meetings_cancel_kind CHECK (cancel_kind BETWEEN 0 AND 7),
    ADD COLUMN postpone_kind  BIGINT           NOT NULL DEFAULT 0 CONSTRAINT meetings_postpone_kind CHECK (postpone_kind BETWEEN 0 AND 7),
    ADD COLUMN postpone_cause TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE meetings SET cancel_kind = 7 WHERE state = 7;

CREATE TABLE polls (
    id         TEXT COLLATE "C" PRIMARY KEY,
    group_id   TEXT COLLATE "C" NOT NULL,
    meeting_id TEXT COLLATE "C" NOT NULL, -- that the chosen date moves; empty when it makes one
    title      TEXT COLLATE "C" NOT NULL,
    capacity   BIGINT           NOT NULL,
    time_zone  TEXT COLLATE "C" NOT NULL,
    state      BIGINT           NOT NULL CONSTRAINT polls_state CHECK (state BETWEEN 1 AND 2),
    closes_at  BIGINT           NOT NULL,
    chosen     BIGINT           NOT NULL, -- 0 before
    result_id  TEXT COLLATE "C" NOT NULL, -- the meeting that came of it; empty before
    version    BIGINT           NOT NULL,
    created_at BIGINT           NOT NULL,
    CONSTRAINT polls_result CHECK ((state = 2) = (chosen > 0) AND (state = 2) = (result_id <> ''))
);

CREATE TABLE poll_options (
    poll_id   TEXT COLLATE "C" NOT NULL REFERENCES polls (id),
    position  BIGINT           NOT NULL,
    starts_at BIGINT           NOT NULL,
    ends_at   BIGINT           NOT NULL,
    PRIMARY KEY (poll_id, position),
    UNIQUE (poll_id, starts_at, ends_at),
    CONSTRAINT poll_options_hours CHECK (ends_at > starts_at)
);

-- Personal: who answered what, to be counted and changed by that person; never shown to anyone else.
CREATE TABLE poll_votes (
    poll_id   TEXT COLLATE "C" NOT NULL,
    position  BIGINT           NOT NULL,
    person_id TEXT COLLATE "C" NOT NULL,
    answer    BIGINT           NOT NULL CONSTRAINT poll_votes_answer CHECK (answer BETWEEN 1 AND 3),
    PRIMARY KEY (poll_id, position, person_id),
    FOREIGN KEY (poll_id, position) REFERENCES poll_options (poll_id, position)
);
CREATE INDEX poll_votes_person ON poll_votes (person_id);

CREATE TABLE programmes (
    id           TEXT COLLATE "C" PRIMARY KEY,
    title        TEXT COLLATE "C" NOT NULL,
    group_id     TEXT COLLATE "C" NOT NULL, -- empty for a structure's
    structure_id TEXT COLLATE "C" NOT NULL, -- empty when unknown
    campaign_id  TEXT COLLATE "C" NOT NULL, -- empty outside of any
    organiser_id TEXT COLLATE "C" NOT NULL,
    place_id     TEXT COLLATE "C" NOT NULL, -- empty until the group has one
    commune_code TEXT COLLATE "C" NOT NULL,
    time_zone    TEXT COLLATE "C" NOT NULL,
    version      BIGINT           NOT NULL,
    created_at   BIGINT           NOT NULL
);

CREATE TABLE programme_slots (
    id           TEXT COLLATE "C" PRIMARY KEY,
    programme_id TEXT COLLATE "C" NOT NULL REFERENCES programmes (id),
    position     BIGINT           NOT NULL,
    starts_at    BIGINT           NOT NULL,
    ends_at      BIGINT           NOT NULL,
    UNIQUE (programme_id, position),
    CONSTRAINT programme_slots_hours CHECK (ends_at > starts_at)
);

-- A workshop in one slot is a meeting like any other; number says which sessions are the same workshop.
CREATE TABLE workshops (
    meeting_id   TEXT COLLATE "C" PRIMARY KEY REFERENCES meetings (id),
    programme_id TEXT COLLATE "C" NOT NULL REFERENCES programmes (id),
    slot_id      TEXT COLLATE "C" NOT NULL REFERENCES programme_slots (id),
    number       BIGINT           NOT NULL,
    UNIQUE (slot_id, number)
);
CREATE INDEX workshops_programme ON workshops (programme_id, number);

-- Personal: who comes to a programme, and agrees to be given workshops.
CREATE TABLE programme_members (
    programme_id TEXT COLLATE "C" NOT NULL REFERENCES programmes (id),
    person_id    TEXT COLLATE "C" NOT NULL,
    created_at   BIGINT           NOT NULL,
    PRIMARY KEY (programme_id, person_id)
);
CREATE INDEX programme_members_person ON programme_members (person_id);

-- Personal: one workshop per person and slot, whatever is asked at once. Lives as long as the registration.
CREATE TABLE slot_choices (
    slot_id    TEXT COLLATE "C" NOT NULL REFERENCES programme_slots (id),
    person_id  TEXT COLLATE "C" NOT NULL,
    meeting_id TEXT COLLATE "C" NOT NULL REFERENCES workshops (meeting_id),
    PRIMARY KEY (slot_id, person_id)
);
CREATE INDEX slot_choices_meeting ON slot_choices (meeting_id, person_id);
CREATE INDEX slot_choices_person ON slot_choices (person_id);
