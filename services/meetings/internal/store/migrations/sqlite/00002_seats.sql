-- +goose Up

-- What everyone writes at once stands in rows of its own, in no index but their key. Nobody waits while a seat is free: that is
-- checked here, as the capacity is.
CREATE TABLE seats_before AS SELECT id, campaign_id, capacity, taken, CASE WHEN state IN (2, 3) THEN starts_at ELSE 0 END AS closes_at FROM meetings;

-- A table is made anew to lose a column that is checked, or to change a check; whatever refers to it steps aside meanwhile.
CREATE TABLE registrations_before AS SELECT * FROM registrations;
CREATE TABLE attestations_before AS SELECT * FROM attestations;
DROP TABLE registrations;
DROP TABLE attestations;
CREATE TABLE meetings_after (
    id               TEXT    PRIMARY KEY,
    series_id        TEXT    NOT NULL REFERENCES series (id),
    group_id         TEXT    NOT NULL,
    campaign_id      TEXT    NOT NULL, -- empty outside of any
    module_id        TEXT    NOT NULL,
    module_title     TEXT    NOT NULL,
    position         INTEGER NOT NULL,
    state            INTEGER NOT NULL CONSTRAINT meetings_state CHECK (state BETWEEN 1 AND 7),
    starts_at        INTEGER NOT NULL,
    ends_at          INTEGER NOT NULL,
    time_zone        TEXT    NOT NULL,
    place_id         TEXT    NOT NULL, -- empty until there is one
    commune_code     TEXT    NOT NULL,
    structure_id     TEXT    NOT NULL, -- empty when unknown
    organiser_id     TEXT    NOT NULL, -- empty until someone does
    countersigner_id TEXT    NOT NULL, -- empty before
    cancel_cause     TEXT    NOT NULL, -- empty unless cancelled
    present_count    INTEGER NOT NULL,
    postponed_count  INTEGER NOT NULL,
    version          INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    declared_at      INTEGER NOT NULL, -- 0 before
    attested_at      INTEGER NOT NULL, -- 0 before
    CONSTRAINT meetings_hours CHECK (ends_at > starts_at)
) STRICT;
INSERT INTO meetings_after (id, series_id, group_id, campaign_id, module_id, module_title, position, state, starts_at, ends_at, time_zone, place_id, commune_code, structure_id, organiser_id, countersigner_id, cancel_cause, present_count, postponed_count, version, created_at, declared_at, attested_at)
SELECT id, series_id, group_id, campaign_id, module_id, module_title, position, state, starts_at, ends_at, time_zone, place_id, commune_code, structure_id, organiser_id, countersigner_id, cancel_cause, present_count, postponed_count, version, created_at, declared_at, attested_at FROM meetings;
DROP TABLE meetings;
ALTER TABLE meetings_after RENAME TO meetings;
CREATE INDEX meetings_order ON meetings (starts_at, id);
CREATE INDEX meetings_group ON meetings (group_id, starts_at, id);
CREATE INDEX meetings_campaign ON meetings (campaign_id, starts_at, id);
CREATE INDEX meetings_series ON meetings (series_id);

CREATE TABLE seats (
    meeting_id  TEXT    NOT NULL REFERENCES meetings (id),
    mode        INTEGER NOT NULL CONSTRAINT seats_mode CHECK (mode BETWEEN 1 AND 2),
    role        INTEGER NOT NULL CONSTRAINT seats_role CHECK (role BETWEEN 1 AND 2),
    campaign_id TEXT    NOT NULL, -- the meeting's; empty outside of any
    capacity    INTEGER NOT NULL,
    taken       INTEGER NOT NULL, -- confirmed or offered
    waiting     INTEGER NOT NULL,
    tickets     INTEGER NOT NULL, -- numbers of the waiting list given so far
    closes_at   INTEGER NOT NULL, -- the meeting's start; 0 once its seats no longer change
    PRIMARY KEY (meeting_id, mode, role),
    CONSTRAINT seats_taken CHECK (taken >= 0 AND taken <= capacity),
    CONSTRAINT seats_waiting CHECK (waiting >= 0 AND (waiting = 0 OR taken = capacity OR closes_at = 0))
) STRICT;
INSERT INTO seats (meeting_id, mode, role, campaign_id, capacity, taken, waiting, tickets, closes_at)
SELECT id, 1, 1, campaign_id, capacity, taken, 0, 0, closes_at FROM seats_before;
DROP TABLE seats_before;

CREATE TABLE registrations (
    id          TEXT    PRIMARY KEY,
    meeting_id  TEXT    NOT NULL,
    person_id   TEXT    NOT NULL,
    campaign_id TEXT    NOT NULL,
    state       INTEGER NOT NULL CONSTRAINT registrations_state CHECK (state BETWEEN 1 AND 9),
    version     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    mode             INTEGER NOT NULL DEFAULT 1,
    role             INTEGER NOT NULL DEFAULT 1,
    ticket           INTEGER NOT NULL DEFAULT 0, -- number in the waiting list; 0 for whoever never waited
    offer_expires_at INTEGER NOT NULL DEFAULT 0, -- 0 unless a seat is offered
    reason           TEXT    NOT NULL DEFAULT '', -- why it ended, as far as anybody said
    name_shared      INTEGER NOT NULL DEFAULT 0,
    UNIQUE (meeting_id, person_id),
    FOREIGN KEY (meeting_id, mode, role) REFERENCES seats (meeting_id, mode, role)
) STRICT;
INSERT INTO registrations (id, meeting_id, person_id, campaign_id, state, version, created_at)
SELECT id, meeting_id, person_id, campaign_id, state, version, created_at FROM registrations_before;
DROP TABLE registrations_before;
CREATE INDEX registrations_order ON registrations (meeting_id, created_at, id);
CREATE INDEX registrations_waiting ON registrations (meeting_id, mode, role, ticket) WHERE state = 6;
CREATE INDEX registrations_offers ON registrations (offer_expires_at, meeting_id) WHERE state = 7;

CREATE TABLE attestations (
    id           TEXT    PRIMARY KEY,
    meeting_id   TEXT    NOT NULL REFERENCES meetings (id),
    person_id    TEXT    NOT NULL,
    campaign_id  TEXT    NOT NULL,
    commune_code TEXT    NOT NULL,
    role         INTEGER NOT NULL CONSTRAINT attestations_role CHECK (role BETWEEN 1 AND 2),
    credential   TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    UNIQUE (meeting_id, person_id)
) STRICT;
INSERT INTO attestations (id, meeting_id, person_id, campaign_id, commune_code, role, credential, created_at)
SELECT id, meeting_id, person_id, campaign_id, commune_code, role, credential, created_at FROM attestations_before;
DROP TABLE attestations_before;
CREATE INDEX attestations_order ON attestations (created_at, id);
CREATE INDEX attestations_person ON attestations (person_id, created_at, id);
