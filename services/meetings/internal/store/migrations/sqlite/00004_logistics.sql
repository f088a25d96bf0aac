-- +goose Up

-- What can be in use at one place at a time. Whoever books it takes the row first, so that two bookings of one thing take turns.
CREATE TABLE resources (
    kind     INTEGER NOT NULL CONSTRAINT resources_kind CHECK (kind BETWEEN 1 AND 3),
    id       TEXT    NOT NULL,
    quantity INTEGER NOT NULL CONSTRAINT resources_quantity CHECK (quantity >= 0), -- units that can be in use at once
    version  INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT;

CREATE TABLE bookings (
    id            TEXT    PRIMARY KEY,
    resource_kind INTEGER NOT NULL,
    resource_id   TEXT    NOT NULL,
    meeting_id    TEXT    NOT NULL, -- empty for equipment lent outside of any
    quantity      INTEGER NOT NULL CONSTRAINT bookings_quantity CHECK (quantity > 0),
    starts_at     INTEGER NOT NULL,
    ends_at       INTEGER NOT NULL, -- not included
    state         INTEGER NOT NULL CONSTRAINT bookings_state CHECK (state BETWEEN 1 AND 2),
    cause_id      TEXT    NOT NULL, -- empty for a room
    version       INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    FOREIGN KEY (resource_kind, resource_id) REFERENCES resources (kind, id),
    CONSTRAINT bookings_period CHECK (ends_at > starts_at)
) STRICT;
CREATE INDEX bookings_resource ON bookings (resource_kind, resource_id, state, starts_at);
CREATE INDEX bookings_meeting ON bookings (meeting_id, created_at, id);
