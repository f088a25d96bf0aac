-- +goose Up

-- What people say of the meetings that they would join as professionals. cell is the S2 leaf cell of the commune's position.
CREATE TABLE professionals (
    person_id      TEXT COLLATE "C" PRIMARY KEY REFERENCES people (id),
    commune_code   TEXT COLLATE "C" NOT NULL,
    latitude       DOUBLE PRECISION NOT NULL,
    longitude      DOUBLE PRECISION NOT NULL,
    cell           BIGINT NOT NULL,
    radius_km      BIGINT NOT NULL,
    remote         BIGINT NOT NULL,
    module_ids     TEXT COLLATE "C" NOT NULL, -- JSON lists, only read whole: these four
    tags           TEXT COLLATE "C" NOT NULL,
    availabilities TEXT COLLATE "C" NOT NULL,
    absences       TEXT COLLATE "C" NOT NULL,
    time_zone      TEXT COLLATE "C" NOT NULL,
    monthly_limit  BIGINT NOT NULL, -- 0 for none
    active         BIGINT NOT NULL,
    structure_id   TEXT COLLATE "C" NOT NULL, -- empty for none
    version        BIGINT NOT NULL,
    created_at     BIGINT NOT NULL
);
CREATE INDEX professionals_order ON professionals (created_at, person_id);
CREATE INDEX professionals_cell ON professionals (cell) WHERE active = 1;
