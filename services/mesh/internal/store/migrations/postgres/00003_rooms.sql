-- +goose Up

CREATE TABLE rooms (
    id                TEXT COLLATE "C" PRIMARY KEY,
    place_id          TEXT COLLATE "C" NOT NULL REFERENCES places (id),
    name              TEXT COLLATE "C" NOT NULL,
    name_folded       TEXT COLLATE "C" NOT NULL,
    seats             BIGINT           NOT NULL CONSTRAINT rooms_seats CHECK (seats > 0),
    wheelchair_access BIGINT           NOT NULL,
    network           TEXT COLLATE "C" NOT NULL, -- a JSON object
    fixtures          TEXT COLLATE "C" NOT NULL, -- a JSON list
    opening_rules     TEXT COLLATE "C" NOT NULL,
    version           BIGINT           NOT NULL,
    created_at        BIGINT           NOT NULL,
    UNIQUE (place_id, name_folded)
);
