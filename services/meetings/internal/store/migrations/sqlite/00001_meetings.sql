-- +goose Up

CREATE TABLE series (
    id         TEXT    PRIMARY KEY,
    group_id   TEXT    NOT NULL,
    module_id  TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (group_id, module_id)
) STRICT;

-- taken changes without a new version, and stands in no index: seats are what everyone writes at once.
CREATE TABLE meetings (
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
    capacity         INTEGER NOT NULL,
    taken            INTEGER NOT NULL,
    present_count    INTEGER NOT NULL,
    postponed_count  INTEGER NOT NULL,
    version          INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    declared_at      INTEGER NOT NULL, -- 0 before
    attested_at      INTEGER NOT NULL, -- 0 before
    CONSTRAINT meetings_hours CHECK (ends_at > starts_at),
    CONSTRAINT meetings_seats CHECK (taken >= 0 AND taken <= capacity)
) STRICT;
CREATE INDEX meetings_order ON meetings (starts_at, id);
CREATE INDEX meetings_group ON meetings (group_id, starts_at, id);
CREATE INDEX meetings_campaign ON meetings (campaign_id, starts_at, id);
CREATE INDEX meetings_series ON meetings (series_id);

CREATE TABLE registrations (
    id          TEXT    PRIMARY KEY,
    meeting_id  TEXT    NOT NULL REFERENCES meetings (id),
    person_id   TEXT    NOT NULL,
    campaign_id TEXT    NOT NULL,
    state       INTEGER NOT NULL CONSTRAINT registrations_state CHECK (state BETWEEN 1 AND 5),
    version     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    UNIQUE (meeting_id, person_id)
) STRICT;
CREATE INDEX registrations_order ON registrations (meeting_id, created_at, id);

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
CREATE INDEX attestations_order ON attestations (created_at, id);
CREATE INDEX attestations_person ON attestations (person_id, created_at, id);

-- Retired keys stay: what they signed must verify for ever.
CREATE TABLE signing_keys (
    id         TEXT    PRIMARY KEY,
    x          TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- What was last heard of the mesh's groups.
CREATE TABLE group_organisers (
    group_id     TEXT    PRIMARY KEY,
    organiser_id TEXT    NOT NULL, -- empty until someone does
    version      INTEGER NOT NULL  -- the group's in the mesh; 0 when nothing was heard of it
) STRICT;

-- The communes in which meetings take place, with what stands above each of them in every grid, itself included.
CREATE TABLE commune_territories (
    commune_code   TEXT    NOT NULL,
    territory_code TEXT    NOT NULL,
    PRIMARY KEY (commune_code, territory_code)
) STRICT;
