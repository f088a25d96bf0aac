-- +goose Up

-- State 1 is open: a person has one such proposal. A registration is never deleted, and its table may be made anew: no reference.
CREATE TABLE swaps (
    id                TEXT    PRIMARY KEY,
    registration_id   TEXT    NOT NULL,
    person_id         TEXT    NOT NULL,
    meeting_id        TEXT    NOT NULL,
    wanted_meeting_id TEXT    NOT NULL,
    state             INTEGER NOT NULL,
    accepted_by       TEXT    NOT NULL, -- empty until done
    version           INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    expires_at        INTEGER NOT NULL,
    ended_at          INTEGER NOT NULL, -- 0 while open
    CONSTRAINT swaps_state CHECK (state BETWEEN 1 AND 4 AND (state = 1) = (ended_at = 0) AND (state = 2) = (accepted_by <> ''))
) STRICT;
CREATE UNIQUE INDEX swaps_person_id_key ON swaps (person_id) WHERE state = 1;
CREATE INDEX swaps_order ON swaps (created_at, id);
CREATE INDEX swaps_due ON swaps (expires_at) WHERE state = 1;
