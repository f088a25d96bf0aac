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

-- Rooms of the mesh as they were when they were last booked.
CREATE TABLE rooms (
    id       TEXT    PRIMARY KEY,
    place_id TEXT    NOT NULL,
    seats    INTEGER NOT NULL,
    network  TEXT    NOT NULL, -- a JSON object
    fixtures TEXT    NOT NULL, -- a JSON list
    version  INTEGER NOT NULL -- the room's in the mesh
) STRICT;

-- Its units are counted in resources as well: there they are locked.
CREATE TABLE equipment (
    id               TEXT    PRIMARY KEY,
    structure_id     TEXT    NOT NULL, -- empty when a commune's
    commune_code     TEXT    NOT NULL, -- empty for a national structure's
    kind             INTEGER NOT NULL CONSTRAINT equipment_kind CHECK (kind BETWEEN 1 AND 5),
    label            TEXT    NOT NULL,
    quantity         INTEGER NOT NULL,
    unusable         INTEGER NOT NULL,
    persons_per_unit INTEGER NOT NULL, -- 0 when unknown
    condition        TEXT    NOT NULL,
    version          INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    CONSTRAINT equipment_units CHECK (unusable >= 0 AND unusable <= quantity)
) STRICT;
CREATE INDEX equipment_order ON equipment (created_at, id);

CREATE TABLE loans (
    id           TEXT    PRIMARY KEY,
    equipment_id TEXT    NOT NULL REFERENCES equipment (id),
    booking_id   TEXT    NOT NULL REFERENCES bookings (id),
    meeting_id   TEXT    NOT NULL, -- empty when lent to a structure
    structure_id TEXT    NOT NULL, -- that borrows; empty for a meeting
    quantity     INTEGER NOT NULL,
    state        INTEGER NOT NULL CONSTRAINT loans_state CHECK (state BETWEEN 1 AND 4),
    good         INTEGER NOT NULL,
    worn         INTEGER NOT NULL,
    damaged      INTEGER NOT NULL,
    lost         INTEGER NOT NULL,
    note         TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    out_at       INTEGER NOT NULL, -- 0 before
    returned_at  INTEGER NOT NULL, -- 0 before
    CONSTRAINT loans_returned CHECK (state <> 3 OR good + worn + damaged + lost = quantity)
) STRICT;
CREATE INDEX loans_order ON loans (created_at, id);
CREATE INDEX loans_equipment ON loans (equipment_id, created_at, id);

CREATE TABLE meeting_needs (
    meeting_id           TEXT    PRIMARY KEY REFERENCES meetings (id),
    equipment            TEXT    NOT NULL, -- a JSON list
    network              TEXT    NOT NULL, -- a JSON object
    equipment_caps_seats INTEGER NOT NULL,
    version              INTEGER NOT NULL
) STRICT;
