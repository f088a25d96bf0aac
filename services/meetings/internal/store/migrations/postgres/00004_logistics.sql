-- +goose Up

-- What can be in use at one place at a time. Whoever books it takes the row first, so that two bookings of one thing take turns.
CREATE TABLE resources (
    kind     BIGINT           NOT NULL CONSTRAINT resources_kind CHECK (kind BETWEEN 1 AND 3),
    id       TEXT COLLATE "C" NOT NULL,
    quantity BIGINT           NOT NULL CONSTRAINT resources_quantity CHECK (quantity >= 0), -- units that can be in use at once
    version  BIGINT           NOT NULL,
    PRIMARY KEY (kind, id)
);

CREATE TABLE bookings (
    id            TEXT COLLATE "C" PRIMARY KEY,
    resource_kind BIGINT           NOT NULL,
    resource_id   TEXT COLLATE "C" NOT NULL,
    meeting_id    TEXT COLLATE "C" NOT NULL, -- empty for equipment lent outside of any
    quantity      BIGINT           NOT NULL CONSTRAINT bookings_quantity CHECK (quantity > 0),
    starts_at     BIGINT           NOT NULL,
    ends_at       BIGINT           NOT NULL, -- not included
    state         BIGINT           NOT NULL CONSTRAINT bookings_state CHECK (state BETWEEN 1 AND 2),
    cause_id      TEXT COLLATE "C" NOT NULL, -- empty for a room
    version       BIGINT           NOT NULL,
    created_at    BIGINT           NOT NULL,
    FOREIGN KEY (resource_kind, resource_id) REFERENCES resources (kind, id),
    CONSTRAINT bookings_period CHECK (ends_at > starts_at)
);
CREATE INDEX bookings_resource ON bookings (resource_kind, resource_id, state, starts_at);
CREATE INDEX bookings_meeting ON bookings (meeting_id, created_at, id);

-- Rooms of the mesh as they were when they were last booked.
CREATE TABLE rooms (
    id       TEXT COLLATE "C" PRIMARY KEY,
    place_id TEXT COLLATE "C" NOT NULL,
    seats    BIGINT           NOT NULL,
    network  TEXT COLLATE "C" NOT NULL, -- a JSON object
    fixtures TEXT COLLATE "C" NOT NULL, -- a JSON list
    version  BIGINT           NOT NULL -- the room's in the mesh
);

-- Its units are counted in resources as well: there they are locked.
CREATE TABLE equipment (
    id               TEXT COLLATE "C" PRIMARY KEY,
    structure_id     TEXT COLLATE "C" NOT NULL, -- empty when a commune's
    commune_code     TEXT COLLATE "C" NOT NULL, -- empty for a national structure's
    kind             BIGINT           NOT NULL CONSTRAINT equipment_kind CHECK (kind BETWEEN 1 AND 5),
    label            TEXT COLLATE "C" NOT NULL,
    quantity         BIGINT           NOT NULL,
    unusable         BIGINT           NOT NULL,
    persons_per_unit BIGINT           NOT NULL, -- 0 when unknown
    condition        TEXT COLLATE "C" NOT NULL,
    version          BIGINT           NOT NULL,
    created_at       BIGINT           NOT NULL,
    CONSTRAINT equipment_units CHECK (unusable >= 0 AND unusable <= quantity)
);
CREATE INDEX equipment_order ON equipment (created_at, id);

CREATE TABLE loans (
    id           TEXT COLLATE "C" PRIMARY KEY,
    equipment_id TEXT COLLATE "C" NOT NULL REFERENCES equipment (id),
    booking_id   TEXT COLLATE "C" NOT NULL REFERENCES bookings (id),
    meeting_id   TEXT COLLATE "C" NOT NULL, -- empty when lent to a structure
    structure_id TEXT COLLATE "C" NOT NULL, -- that borrows; empty for a meeting
    quantity     BIGINT           NOT NULL,
    state        BIGINT           NOT NULL CONSTRAINT loans_state CHECK (state BETWEEN 1 AND 4),
    good         BIGINT           NOT NULL,
    worn         BIGINT           NOT NULL,
    damaged      BIGINT           NOT NULL,
    lost         BIGINT           NOT NULL,
    note         TEXT COLLATE "C" NOT NULL,
    version      BIGINT           NOT NULL,
    created_at   BIGINT           NOT NULL,
    out_at       BIGINT           NOT NULL, -- 0 before
    returned_at  BIGINT           NOT NULL, -- 0 before
    CONSTRAINT loans_returned CHECK (state <> 3 OR good + worn + damaged + lost = quantity)
);
CREATE INDEX loans_order ON loans (created_at, id);
CREATE INDEX loans_equipment ON loans (equipment_id, created_at, id);

CREATE TABLE meeting_needs (
    meeting_id           TEXT COLLATE "C" PRIMARY KEY REFERENCES meetings (id),
    equipment            TEXT COLLATE "C" NOT NULL, -- a JSON list
    network              TEXT COLLATE "C" NOT NULL, -- a JSON object
    equipment_caps_seats BIGINT           NOT NULL,
    version              BIGINT           NOT NULL
);
