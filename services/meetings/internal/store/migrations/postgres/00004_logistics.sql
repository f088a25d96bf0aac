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
