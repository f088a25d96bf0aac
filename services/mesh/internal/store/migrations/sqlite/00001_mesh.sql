-- +goose Up

-- anchor is the node whose ancestors are the row's too: a commune's department, or the node itself. Only nodes above communes
-- stand in territory_ancestors, itself at rank 0: 600 rows instead of 200 000.
CREATE TABLE territories (
    code        TEXT    PRIMARY KEY,
    kind        INTEGER NOT NULL,
    grid        INTEGER NOT NULL,
    parent_code TEXT    NOT NULL,
    anchor      TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    name_folded TEXT    NOT NULL,
    latitude    REAL,
    longitude   REAL,
    precision   INTEGER NOT NULL,
    population  INTEGER NOT NULL,
    valid_from  TEXT    NOT NULL,
    valid_to    TEXT    NOT NULL,
    vintage     TEXT    NOT NULL,
    CONSTRAINT territories_position CHECK ((precision = 0) = (latitude IS NULL) AND (precision = 0) = (longitude IS NULL))
) STRICT;
CREATE INDEX territories_order ON territories (name_folded, code);
CREATE INDEX territories_parent ON territories (parent_code);

CREATE TABLE territory_ancestors (
    code     TEXT    NOT NULL,
    ancestor TEXT    NOT NULL,
    rank     INTEGER NOT NULL,
    PRIMARY KEY (code, ancestor)
) STRICT;

CREATE TABLE territory_aliases (
    code         TEXT PRIMARY KEY,
    current_code TEXT NOT NULL
) STRICT;

-- The reference data that was loaded, by a hash of its rows.
CREATE TABLE loads (
    name        TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL
) STRICT;

CREATE TABLE structures (
    id           TEXT    PRIMARY KEY,
    name         TEXT    NOT NULL,
    name_folded  TEXT    NOT NULL,
    sphere       INTEGER NOT NULL,
    commune_code TEXT    NOT NULL,
    external_ids TEXT    NOT NULL, -- a JSON list, only read whole
    version      INTEGER NOT NULL,
    created_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX structures_order ON structures (name_folded, id);

-- cell is the S2 leaf cell of the position: what is near has near cells.
CREATE TABLE places (
    id            TEXT    PRIMARY KEY,
    name          TEXT    NOT NULL,
    name_folded   TEXT    NOT NULL,
    commune_code  TEXT    NOT NULL,
    latitude      REAL    NOT NULL,
    longitude     REAL    NOT NULL,
    cell          INTEGER NOT NULL,
    status        INTEGER NOT NULL,
    opening_hours TEXT    NOT NULL,
    structure_id  TEXT    NOT NULL,
    source        TEXT    NOT NULL,
    source_id     TEXT    NOT NULL,
    seats         INTEGER NOT NULL,
    address       TEXT    NOT NULL,
    version       INTEGER NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX places_order ON places (name_folded, id);
CREATE INDEX places_cell ON places (cell);
CREATE UNIQUE INDEX places_source_source_id_key ON places (source, source_id) WHERE source <> '';

-- What other services hold, as their events tell it.
CREATE TABLE place_meetings (
    meeting_id TEXT    PRIMARY KEY,
    version    INTEGER NOT NULL,
    place_id   TEXT    NOT NULL,
    held_at    INTEGER NOT NULL,
    held       INTEGER NOT NULL
) STRICT;
CREATE INDEX place_meetings_place ON place_meetings (place_id, held_at);

CREATE TABLE people (
    id         TEXT    PRIMARY KEY,
    personas   TEXT    NOT NULL, -- a JSON list: those of development whose roles were given
    version    INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE identities (
    issuer    TEXT NOT NULL,
    subject   TEXT NOT NULL,
    person_id TEXT NOT NULL REFERENCES people (id),
    PRIMARY KEY (issuer, subject)
) STRICT;
CREATE INDEX identities_person ON identities (person_id);

CREATE TABLE role_grants (
    person_id      TEXT    NOT NULL REFERENCES people (id),
    role           INTEGER NOT NULL,
    territory_code TEXT    NOT NULL,
    structure_id   TEXT    NOT NULL,
    PRIMARY KEY (person_id, role, territory_code, structure_id)
) STRICT;
CREATE INDEX role_grants_structure ON role_grants (structure_id, role) WHERE structure_id <> '';

CREATE TABLE campaigns (
    id             TEXT    PRIMARY KEY,
    title          TEXT    NOT NULL,
    territory_code TEXT    NOT NULL,
    version        INTEGER NOT NULL,
    created_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX campaigns_order ON campaigns (created_at, id);

-- State 3 is withdrawn: of the others a person has one per module and campaign.
CREATE TABLE interests (
    id           TEXT    PRIMARY KEY,
    person_id    TEXT    NOT NULL,
    commune_code TEXT    NOT NULL,
    module_id    TEXT    NOT NULL,
    campaign_id  TEXT    NOT NULL,
    state        INTEGER NOT NULL,
    group_id     TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    CONSTRAINT interests_group CHECK ((state = 2) = (group_id <> ''))
) STRICT;
CREATE UNIQUE INDEX interests_person_id_module_id_campaign_id_key ON interests (person_id, module_id, campaign_id) WHERE state <> 3;
CREATE INDEX interests_order ON interests (created_at, id);
CREATE INDEX interests_waiting ON interests (campaign_id, module_id) WHERE state = 1;

CREATE TABLE groups (
    id               TEXT    PRIMARY KEY,
    campaign_id      TEXT    NOT NULL,
    module_id        TEXT    NOT NULL,
    place_id         TEXT    NOT NULL REFERENCES places (id),
    commune_code     TEXT    NOT NULL,
    structure_id     TEXT    NOT NULL,
    organiser_id     TEXT    NOT NULL,
    member_count     INTEGER NOT NULL,
    longest_distance INTEGER NOT NULL,
    version          INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    CONSTRAINT groups_size CHECK (member_count BETWEEN 0 AND 25)
) STRICT;
CREATE INDEX groups_order ON groups (created_at, id);
CREATE INDEX groups_campaign ON groups (campaign_id);

CREATE TABLE group_members (
    group_id     TEXT    NOT NULL REFERENCES groups (id),
    person_id    TEXT    NOT NULL,
    interest_id  TEXT    NOT NULL REFERENCES interests (id),
    commune_code TEXT    NOT NULL,
    distance     INTEGER NOT NULL,
    PRIMARY KEY (group_id, person_id),
    UNIQUE (interest_id)
) STRICT;
CREATE INDEX group_members_person ON group_members (person_id);

-- State 2 is accepted: a group has one such organiser.
CREATE TABLE organisers (
    id              TEXT    PRIMARY KEY,
    group_id        TEXT    NOT NULL REFERENCES groups (id),
    person_id       TEXT    NOT NULL,
    origin          INTEGER NOT NULL,
    passed_by       TEXT    NOT NULL,
    override_reason TEXT    NOT NULL,
    state           INTEGER NOT NULL,
    version         INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    accepted_at     INTEGER NOT NULL, -- 0 until accepted
    UNIQUE (group_id, person_id, origin, passed_by)
) STRICT;
CREATE UNIQUE INDEX organisers_group_id_key ON organisers (group_id) WHERE state = 2;
CREATE INDEX organisers_order ON organisers (created_at, id);
CREATE INDEX organisers_person ON organisers (person_id, state);

CREATE TABLE lineage_edges (
    organiser_id TEXT    PRIMARY KEY REFERENCES organisers (id),
    from_person  TEXT    NOT NULL,
    to_person    TEXT    NOT NULL,
    group_id     TEXT    NOT NULL REFERENCES groups (id),
    origin       INTEGER NOT NULL,
    created_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX lineage_edges_order ON lineage_edges (created_at, organiser_id);
CREATE INDEX lineage_edges_from ON lineage_edges (from_person);

-- One row, which whoever adds an edge changes first: two edges that close a cycle together cannot pass each other.
CREATE TABLE lineage (
    id    INTEGER PRIMARY KEY,
    edges INTEGER NOT NULL,
    CONSTRAINT lineage_one CHECK (id = 1)
) STRICT;
INSERT INTO lineage (id, edges) VALUES (1, 0);
