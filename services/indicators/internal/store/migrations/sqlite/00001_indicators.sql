-- +goose Up

CREATE TABLE definitions (
    id                 TEXT    PRIMARY KEY,
    position           INTEGER NOT NULL, -- of the id in natural order: I2a before I10
    title              TEXT    NOT NULL,
    definition         TEXT    NOT NULL,
    definition_version INTEGER NOT NULL,
    unit               INTEGER NOT NULL,
    version            INTEGER NOT NULL
) STRICT;
CREATE INDEX definitions_order ON definitions (position, id);

-- What somebody declared. What is computed is never written down, so the two cannot meet in one series.
CREATE TABLE measures (
    indicator_id       TEXT    NOT NULL REFERENCES definitions (id),
    part               TEXT    NOT NULL,
    milestone          TEXT    NOT NULL,
    territory          TEXT    NOT NULL,
    campaign_id        TEXT    NOT NULL,
    value              INTEGER,
    unit               INTEGER NOT NULL,
    qualifier          INTEGER NOT NULL,
    measured_on        TEXT    NOT NULL,
    source             TEXT    NOT NULL CHECK (source <> ''),
    text               TEXT    NOT NULL,
    definition_version INTEGER NOT NULL,
    PRIMARY KEY (indicator_id, part, milestone, territory, campaign_id),
    CHECK ((qualifier IN (5, 6)) = (value IS NULL)) -- what is to come, or is no number, is not 0
) STRICT;
CREATE INDEX measures_area ON measures (territory, campaign_id);

-- What other services have told, each row at the highest version heard.
CREATE TABLE interests (
    id            TEXT    PRIMARY KEY,
    version       INTEGER NOT NULL,
    person_id     TEXT    NOT NULL,
    campaign_id   TEXT    NOT NULL,
    commune       TEXT    NOT NULL,
    withdrawn     INTEGER NOT NULL,
    registered_at INTEGER NOT NULL
) STRICT;
CREATE INDEX interests_person ON interests (person_id);

CREATE TABLE attestations (
    id          TEXT    PRIMARY KEY,
    version     INTEGER NOT NULL,
    person_id   TEXT    NOT NULL,
    meeting_id  TEXT    NOT NULL,
    campaign_id TEXT    NOT NULL,
    commune     TEXT    NOT NULL, -- empty when the meeting had none
    issued_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX attestations_person ON attestations (person_id);

CREATE TABLE enrolments (
    id        TEXT    PRIMARY KEY,
    version   INTEGER NOT NULL,
    person_id TEXT    NOT NULL,
    completed INTEGER NOT NULL
) STRICT;
CREATE INDEX enrolments_person ON enrolments (person_id);

CREATE TABLE meetings (
    id          TEXT    PRIMARY KEY,
    version     INTEGER NOT NULL,
    campaign_id TEXT    NOT NULL,
    place_id    TEXT    NOT NULL,
    commune     TEXT    NOT NULL,
    state       INTEGER NOT NULL -- as in the contract
) STRICT;
CREATE INDEX meetings_campaign ON meetings (campaign_id, state, place_id);

CREATE TABLE places (
    id      TEXT    PRIMARY KEY,
    version INTEGER NOT NULL,
    commune TEXT    NOT NULL,
    status  INTEGER NOT NULL -- as in the contract: each includes those before
) STRICT;
CREATE INDEX places_commune ON places (commune, status);

-- Every territory in which a commune lies, itself included, as mesh said when the commune was first heard of.
CREATE TABLE commune_territories (
    commune   TEXT NOT NULL,
    territory TEXT NOT NULL,
    PRIMARY KEY (territory, commune)
) STRICT, WITHOUT ROWID;
CREATE INDEX commune_territories_commune ON commune_territories (commune);

-- How each person counts at present, as follows from the tables above.
CREATE TABLE standings (
    person_id  TEXT    PRIMARY KEY,
    commune    TEXT    NOT NULL, -- empty: counted for the whole country only
    sensitised INTEGER NOT NULL,
    trained    INTEGER NOT NULL,
    campaigns  TEXT    NOT NULL  -- a JSON list
) STRICT;

-- The standings added up, in the transactions that change them: counting persons is a sum over communes. One row with an
-- empty campaign for all persons of a commune, and one for each campaign in which some of them have an interest.
CREATE TABLE tallies (
    campaign_id TEXT    NOT NULL,
    commune     TEXT    NOT NULL,
    sensitised  INTEGER NOT NULL,
    trained     INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, commune)
) STRICT, WITHOUT ROWID;
