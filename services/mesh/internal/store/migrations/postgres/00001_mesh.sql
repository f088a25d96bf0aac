-- +goose Up

-- anchor is the node whose ancestors are the row's too: a commune's department, or the node itself. Only nodes above communes
-- stand in territory_ancestors, itself at rank 0: 600 rows instead of 200 000.
CREATE TABLE territories (
    code        TEXT COLLATE "C" PRIMARY KEY,
    kind        BIGINT NOT NULL,
    grid        BIGINT NOT NULL,
    parent_code TEXT COLLATE "C" NOT NULL,
    anchor      TEXT COLLATE "C" NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    name_folded TEXT COLLATE "C" NOT NULL,
    latitude    DOUBLE PRECISION,
    longitude   DOUBLE PRECISION,
    precision   BIGINT NOT NULL,
    population  BIGINT NOT NULL,
    valid_from  TEXT COLLATE "C" NOT NULL,
    valid_to    TEXT COLLATE "C" NOT NULL,
    vintage     TEXT COLLATE "C" NOT NULL,
    CONSTRAINT territories_position CHECK ((precision = 0) = (latitude IS NULL) AND (precision = 0) = (longitude IS NULL))
);
CREATE INDEX territories_order ON territories (name_folded, code);
CREATE INDEX territories_parent ON territories (parent_code);

CREATE TABLE territory_ancestors (
    code     TEXT COLLATE "C" NOT NULL,
    ancestor TEXT COLLATE "C" NOT NULL,
    rank     BIGINT NOT NULL,
    PRIMARY KEY (code, ancestor)
);

CREATE TABLE territory_aliases (
    code         TEXT COLLATE "C" PRIMARY KEY,
    current_code TEXT COLLATE "C" NOT NULL
);

-- The reference data that was loaded, by a hash of its rows.
CREATE TABLE loads (
    name        TEXT COLLATE "C" PRIMARY KEY,
    fingerprint TEXT COLLATE "C" NOT NULL
);

CREATE TABLE structures (
    id           TEXT COLLATE "C" PRIMARY KEY,
    name         TEXT COLLATE "C" NOT NULL,
    name_folded  TEXT COLLATE "C" NOT NULL,
    sphere       BIGINT NOT NULL,
    commune_code TEXT COLLATE "C" NOT NULL,
    external_ids TEXT COLLATE "C" NOT NULL, -- a JSON list, only read whole
    version      BIGINT NOT NULL,
    created_at   BIGINT NOT NULL
);
CREATE INDEX structures_order ON structures (name_folded, id);

-- cell is the S2 leaf cell of the position: what is near has near cells.
CREATE TABLE places (
    id            TEXT COLLATE "C" PRIMARY KEY,
    name          TEXT COLLATE "C" NOT NULL,
    name_folded   TEXT COLLATE "C" NOT NULL,
    commune_code  TEXT COLLATE "C" NOT NULL,
    latitude      DOUBLE PRECISION NOT NULL,
    longitude     DOUBLE PRECISION NOT NULL,
    cell          BIGINT NOT NULL,
    status        BIGINT NOT NULL,
    opening_hours TEXT COLLATE "C" NOT NULL,
    structure_id  TEXT COLLATE "C" NOT NULL,
    source        TEXT COLLATE "C" NOT NULL,
    source_id     TEXT COLLATE "C" NOT NULL,
    seats         BIGINT NOT NULL,
    address       TEXT COLLATE "C" NOT NULL,
    version       BIGINT NOT NULL,
    created_at    BIGINT NOT NULL
);
CREATE INDEX places_order ON places (name_folded, id);
CREATE INDEX places_cell ON places (cell);
CREATE UNIQUE INDEX places_source_source_id_key ON places (source, source_id) WHERE source <> '';

-- What other services hold, as their events tell it.
CREATE TABLE place_meetings (
    meeting_id TEXT COLLATE "C" PRIMARY KEY,
    version    BIGINT NOT NULL,
    place_id   TEXT COLLATE "C" NOT NULL,
    held_at    BIGINT NOT NULL,
    held       BIGINT NOT NULL
);
CREATE INDEX place_meetings_place ON place_meetings (place_id, held_at);

CREATE TABLE people (
    id         TEXT COLLATE "C" PRIMARY KEY,
    personas   TEXT COLLATE "C" NOT NULL, -- a JSON list: those of development whose roles were given
    version    BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE identities (
    issuer    TEXT COLLATE "C" NOT NULL,
    subject   TEXT COLLATE "C" NOT NULL,
    person_id TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_person ON identities (person_id);

CREATE TABLE role_grants (
    person_id      TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    role           BIGINT NOT NULL,
    territory_code TEXT COLLATE "C" NOT NULL,
    structure_id   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (person_id, role, territory_code, structure_id)
);
CREATE INDEX role_grants_structure ON role_grants (structure_id, role) WHERE structure_id <> '';

CREATE TABLE campaigns (
    id             TEXT COLLATE "C" PRIMARY KEY,
    title          TEXT COLLATE "C" NOT NULL,
    territory_code TEXT COLLATE "C" NOT NULL,
    version        BIGINT NOT NULL,
    created_at     BIGINT NOT NULL
);
CREATE INDEX campaigns_order ON campaigns (created_at, id);

-- State 3 is withdrawn: of the others a person has one per module and campaign.
CREATE TABLE interests (
    id           TEXT COLLATE "C" PRIMARY KEY,
    person_id    TEXT COLLATE "C" NOT NULL,
    commune_code TEXT COLLATE "C" NOT NULL,
    module_id    TEXT COLLATE "C" NOT NULL,
    campaign_id  TEXT COLLATE "C" NOT NULL,
    state        BIGINT NOT NULL,
    group_id     TEXT COLLATE "C" NOT NULL,
    version      BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    CONSTRAINT interests_group CHECK ((state = 2) = (group_id <> ''))
);
CREATE UNIQUE INDEX interests_person_id_module_id_campaign_id_key ON interests (person_id, module_id, campaign_id) WHERE state <> 3;
CREATE INDEX interests_order ON interests (created_at, id);
CREATE INDEX interests_waiting ON interests (campaign_id, module_id) WHERE state = 1;

CREATE TABLE groups (
    id               TEXT COLLATE "C" PRIMARY KEY,
    campaign_id      TEXT COLLATE "C" NOT NULL,
    module_id        TEXT COLLATE "C" NOT NULL,
    place_id         TEXT COLLATE "C" NOT NULL REFERENCES places (id),
    commune_code     TEXT COLLATE "C" NOT NULL,
    structure_id     TEXT COLLATE "C" NOT NULL,
    organiser_id     TEXT COLLATE "C" NOT NULL,
    member_count     BIGINT NOT NULL,
    longest_distance BIGINT NOT NULL,
    version          BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    CONSTRAINT groups_size CHECK (member_count BETWEEN 0 AND 25)
);
CREATE INDEX groups_order ON groups (created_at, id);
CREATE INDEX groups_campaign ON groups (campaign_id);

CREATE TABLE group_members (
    group_id     TEXT COLLATE "C" NOT NULL REFERENCES groups (id),
    person_id    TEXT COLLATE "C" NOT NULL,
    interest_id  TEXT COLLATE "C" NOT NULL REFERENCES interests (id),
    commune_code TEXT COLLATE "C" NOT NULL,
    distance     BIGINT NOT NULL,
    PRIMARY KEY (group_id, person_id),
    UNIQUE (interest_id)
);
CREATE INDEX group_members_person ON group_members (person_id);

-- State 2 is accepted: a group has one such organiser.
CREATE TABLE organisers (
    id              TEXT COLLATE "C" PRIMARY KEY,
    group_id        TEXT COLLATE "C" NOT NULL REFERENCES groups (id),
    person_id       TEXT COLLATE "C" NOT NULL,
    origin          BIGINT NOT NULL,
    passed_by       TEXT COLLATE "C" NOT NULL,
    override_reason TEXT COLLATE "C" NOT NULL,
    state           BIGINT NOT NULL,
    version         BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    accepted_at     BIGINT NOT NULL, -- 0 until accepted
    UNIQUE (group_id, person_id, origin, passed_by)
);
CREATE UNIQUE INDEX organisers_group_id_key ON organisers (group_id) WHERE state = 2;
CREATE INDEX organisers_order ON organisers (created_at, id);
CREATE INDEX organisers_person ON organisers (person_id, state);

CREATE TABLE lineage_edges (
    organiser_id TEXT COLLATE "C" PRIMARY KEY REFERENCES organisers (id),
    from_person  TEXT COLLATE "C" NOT NULL,
    to_person    TEXT COLLATE "C" NOT NULL,
    group_id     TEXT COLLATE "C" NOT NULL REFERENCES groups (id),
    origin       BIGINT NOT NULL,
    created_at   BIGINT NOT NULL
);
CREATE INDEX lineage_edges_order ON lineage_edges (created_at, organiser_id);
CREATE INDEX lineage_edges_from ON lineage_edges (from_person);

-- One row, which whoever adds an edge changes first: two edges that close a cycle together cannot pass each other.
CREATE TABLE lineage (
    id    BIGINT PRIMARY KEY,
    edges BIGINT NOT NULL,
    CONSTRAINT lineage_one CHECK (id = 1)
);
INSERT INTO lineage (id, edges) VALUES (1, 0);
