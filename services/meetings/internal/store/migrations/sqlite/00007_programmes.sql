-- +goose Up

-- A single meeting belongs to no series. SQLite takes no NOT NULL away: another column takes this one's place, so that the tables
-- that refer to meetings, and what else was added to it, stay as they are.
ALTER TABLE meetings ADD COLUMN series TEXT REFERENCES series (id);
UPDATE meetings SET series = series_id;
DROP INDEX meetings_series;
ALTER TABLE meetings DROP COLUMN series_id;
ALTER TABLE meetings RENAME COLUMN series TO series_id;
CREATE INDEX meetings_series ON meetings (series_id);

-- cancel_cause keeps what it was, people's own words; cancel_kind says which of the causes it was, and the words are its note.
ALTER TABLE meetings ADD COLUMN title          TEXT    NOT NULL DEFAULT ''; -- empty when it is called after its module
ALTER TABLE meetings ADD COLUMN mode           INTEGER NOT NULL DEFAULT 1 CONSTRAINT meetings_mode CHECK (mode BETWEEN 1 AND 3);
ALTER TABLE meetings ADD COLUMN remote_url     TEXT    NOT NULL DEFAULT '';
ALTER TABLE meetings ADD COLUMN cancel_kind    INTEGER NOT NULL DEFAULT 0 CONSTRAINT meetings_cancel_kind CHECK (cancel_kind BETWEEN 0 AND 7);
ALTER TABLE meetings ADD COLUMN postpone_kind  INTEGER NOT NULL DEFAULT 0 CONSTRAINT meetings_postpone_kind CHECK (postpone_kind BETWEEN 0 AND 7);
ALTER TABLE meetings ADD COLUMN postpone_cause TEXT    NOT NULL DEFAULT '';
UPDATE meetings SET cancel_kind = 7 WHERE state = 7;

CREATE TABLE polls (
    id         TEXT    PRIMARY KEY,
    group_id   TEXT    NOT NULL,
    meeting_id TEXT    NOT NULL, -- that the chosen date moves; empty when it makes one
    title      TEXT    NOT NULL,
    capacity   INTEGER NOT NULL,
    time_zone  TEXT    NOT NULL,
    state      INTEGER NOT NULL CONSTRAINT polls_state CHECK (state BETWEEN 1 AND 2),
    closes_at  INTEGER NOT NULL,
    chosen     INTEGER NOT NULL, -- 0 before
    result_id  TEXT    NOT NULL, -- the meeting that came of it; empty before
    version    INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT polls_result CHECK ((state = 2) = (chosen > 0) AND (state = 2) = (result_id <> ''))
) STRICT;

CREATE TABLE poll_options (
    poll_id   TEXT    NOT NULL REFERENCES polls (id),
    position  INTEGER NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at   INTEGER NOT NULL,
    PRIMARY KEY (poll_id, position),
    UNIQUE (poll_id, starts_at, ends_at),
    CONSTRAINT poll_options_hours CHECK (ends_at > starts_at)
) STRICT;

-- Personal: who answered what, to be counted and changed by that person; never shown to anyone else.
CREATE TABLE poll_votes (
    poll_id   TEXT    NOT NULL,
    position  INTEGER NOT NULL,
    person_id TEXT    NOT NULL,
    answer    INTEGER NOT NULL CONSTRAINT poll_votes_answer CHECK (answer BETWEEN 1 AND 3),
    PRIMARY KEY (poll_id, position, person_id),
    FOREIGN KEY (poll_id, position) REFERENCES poll_options (poll_id, position)
) STRICT;
CREATE INDEX poll_votes_person ON poll_votes (person_id);

CREATE TABLE programmes (
    id           TEXT    PRIMARY KEY,
    title        TEXT    NOT NULL,
    group_id     TEXT    NOT NULL, -- empty for a structure's
    structure_id TEXT    NOT NULL, -- empty when unknown
    campaign_id  TEXT    NOT NULL, -- empty outside of any
    organiser_id TEXT    NOT NULL,
    place_id     TEXT    NOT NULL, -- empty until the group has one
    commune_code TEXT    NOT NULL,
    time_zone    TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    created_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE programme_slots (
    id           TEXT    PRIMARY KEY,
    programme_id TEXT    NOT NULL REFERENCES programmes (id),
    position     INTEGER NOT NULL,
    starts_at    INTEGER NOT NULL,
    ends_at      INTEGER NOT NULL,
    UNIQUE (programme_id, position),
    CONSTRAINT programme_slots_hours CHECK (ends_at > starts_at)
) STRICT;

-- A workshop in one slot is a meeting like any other; number says which sessions are the same workshop.
CREATE TABLE workshops (
    meeting_id   TEXT    PRIMARY KEY REFERENCES meetings (id),
    programme_id TEXT    NOT NULL REFERENCES programmes (id),
    slot_id      TEXT    NOT NULL REFERENCES programme_slots (id),
    number       INTEGER NOT NULL,
    UNIQUE (slot_id, number)
) STRICT;
CREATE INDEX workshops_programme ON workshops (programme_id, number);

-- Personal: who comes to a programme, and agrees to be given workshops.
CREATE TABLE programme_members (
    programme_id TEXT    NOT NULL REFERENCES programmes (id),
    person_id    TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (programme_id, person_id)
) STRICT;
CREATE INDEX programme_members_person ON programme_members (person_id);

-- Personal: one workshop per person and slot, whatever is asked at once. Lives as long as the registration.
CREATE TABLE slot_choices (
    slot_id    TEXT    NOT NULL REFERENCES programme_slots (id),
    person_id  TEXT    NOT NULL,
    meeting_id TEXT    NOT NULL REFERENCES workshops (meeting_id),
    PRIMARY KEY (slot_id, person_id)
) STRICT;
CREATE INDEX slot_choices_meeting ON slot_choices (meeting_id, person_id);
CREATE INDEX slot_choices_person ON slot_choices (person_id);
