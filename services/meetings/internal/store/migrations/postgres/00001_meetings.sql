-- +goose Up

CREATE TABLE series (
    id         TEXT COLLATE "C" PRIMARY KEY,
    group_id   TEXT COLLATE "C" NOT NULL,
    module_id  TEXT COLLATE "C" NOT NULL,
    created_at BIGINT           NOT NULL,
    UNIQUE (group_id, module_id)
);

-- taken changes without a new version, and stands in no index: seats are what everyone writes at once.
CREATE TABLE meetings (
    id               TEXT COLLATE "C" PRIMARY KEY,
    series_id        TEXT COLLATE "C" NOT NULL REFERENCES series (id),
    group_id         TEXT COLLATE "C" NOT NULL,
    campaign_id      TEXT COLLATE "C" NOT NULL, -- empty outside of any
    module_id        TEXT COLLATE "C" NOT NULL,
    module_title     TEXT COLLATE "C" NOT NULL,
    position         BIGINT           NOT NULL,
    state            BIGINT           NOT NULL CONSTRAINT meetings_state CHECK (state BETWEEN 1 AND 7),
    starts_at        BIGINT           NOT NULL,
    ends_at          BIGINT           NOT NULL,
    time_zone        TEXT COLLATE "C" NOT NULL,
    place_id         TEXT COLLATE "C" NOT NULL, -- empty until there is one
    commune_code     TEXT COLLATE "C" NOT NULL,
    structure_id     TEXT COLLATE "C" NOT NULL, -- empty when unknown
    organiser_id     TEXT COLLATE "C" NOT NULL, -- empty until someone does
    countersigner_id TEXT COLLATE "C" NOT NULL, -- empty before
    cancel_cause     TEXT COLLATE "C" NOT NULL, -- empty unless cancelled
    capacity         BIGINT           NOT NULL,
    taken            BIGINT           NOT NULL,
    present_count    BIGINT           NOT NULL,
    postponed_count  BIGINT           NOT NULL,
    version          BIGINT           NOT NULL,
    created_at       BIGINT           NOT NULL,
    declared_at      BIGINT           NOT NULL, -- 0 before
    attested_at      BIGINT           NOT NULL, -- 0 before
    CONSTRAINT meetings_hours CHECK (ends_at > starts_at),
    CONSTRAINT meetings_seats CHECK (taken >= 0 AND taken <= capacity)
);
CREATE INDEX meetings_order ON meetings (starts_at, id);
CREATE INDEX meetings_group ON meetings (group_id, starts_at, id);
CREATE INDEX meetings_campaign ON meetings (campaign_id, starts_at, id);
CREATE INDEX meetings_series ON meetings (series_id);

CREATE TABLE registrations (
    id          TEXT COLLATE "C" PRIMARY KEY,
    meeting_id  TEXT COLLATE "C" NOT NULL REFERENCES meetings (id),
    person_id   TEXT COLLATE "C" NOT NULL,
    campaign_id TEXT COLLATE "C" NOT NULL,
    state       BIGINT           NOT NULL CONSTRAINT registrations_state CHECK (state BETWEEN 1 AND 5),
    version     BIGINT           NOT NULL,
    created_at  BIGINT           NOT NULL,
    UNIQUE (meeting_id, person_id)
);
CREATE INDEX registrations_order ON registrations (meeting_id, created_at, id);

CREATE TABLE attestations (
    id           TEXT COLLATE "C" PRIMARY KEY,
    meeting_id   TEXT COLLATE "C" NOT NULL REFERENCES meetings (id),
    person_id    TEXT COLLATE "C" NOT NULL,
    campaign_id  TEXT COLLATE "C" NOT NULL,
    commune_code TEXT COLLATE "C" NOT NULL,
    role         BIGINT           NOT NULL CONSTRAINT attestations_role CHECK (role BETWEEN 1 AND 2),
    credential   TEXT COLLATE "C" NOT NULL,
    created_at   BIGINT           NOT NULL,
    UNIQUE (meeting_id, person_id)
);
CREATE INDEX attestations_order ON attestations (created_at, id);
CREATE INDEX attestations_person ON attestations (person_id, created_at, id);

-- Retired keys stay: what they signed must verify for ever.
CREATE TABLE signing_keys (
    id         TEXT COLLATE "C" PRIMARY KEY,
    x          TEXT COLLATE "C" NOT NULL,
    created_at BIGINT           NOT NULL
);

-- What was last heard of the mesh's groups.
CREATE TABLE group_organisers (
    group_id     TEXT COLLATE "C" PRIMARY KEY,
    organiser_id TEXT COLLATE "C" NOT NULL, -- empty until someone does
    version      BIGINT           NOT NULL  -- the group's in the mesh; 0 when nothing was heard of it
);

-- The communes in which meetings take place, with what stands above each of them in every grid, itself included.
CREATE TABLE commune_territories (
    commune_code   TEXT COLLATE "C" NOT NULL,
    territory_code TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (commune_code, territory_code)
);
