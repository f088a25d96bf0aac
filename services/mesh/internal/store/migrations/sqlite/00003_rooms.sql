-- +goose Up

CREATE TABLE rooms (
    id                TEXT    PRIMARY KEY,
    place_id          TEXT    NOT NULL REFERENCES places (id),
    name              TEXT    NOT NULL,
    name_folded       TEXT    NOT NULL,
    seats             INTEGER NOT NULL CONSTRAINT rooms_seats CHECK (seats > 0),
    wheelchair_access INTEGER NOT NULL,
    network           TEXT    NOT NULL, -- a JSON object
    fixtures          TEXT    NOT NULL, -- a JSON list
    opening_rules     TEXT    NOT NULL,
    version           INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    UNIQUE (place_id, name_folded)
) STRICT;
