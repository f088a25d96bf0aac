-- +goose Up

-- What people say of the meetings that they would join as professionals. cell is the S2 leaf cell of the commune's position.
CREATE TABLE professionals (
    person_id      TEXT    PRIMARY KEY REFERENCES people (id),
    commune_code   TEXT    NOT NULL,
    latitude       REAL    NOT NULL,
    longitude      REAL    NOT NULL,
    cell           INTEGER NOT NULL,
    radius_km      INTEGER NOT NULL,
    remote         INTEGER NOT NULL,
    module_ids     TEXT    NOT NULL, -- JSON lists, only read whole: these four
    tags           TEXT    NOT NULL,
    availabilities TEXT    NOT NULL,
    absences       TEXT    NOT NULL,
    time_zone      TEXT    NOT NULL,
    monthly_limit  INTEGER NOT NULL, -- 0 for none
    active         INTEGER NOT NULL,
    structure_id   TEXT    NOT NULL, -- empty for none
    version        INTEGER NOT NULL,
    created_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX professionals_order ON professionals (created_at, person_id);
CREATE INDEX professionals_cell ON professionals (cell) WHERE active = 1;
