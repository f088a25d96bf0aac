-- +goose Up

CREATE TABLE definitions (
    id                 TEXT COLLATE "C" PRIMARY KEY,
    position           BIGINT NOT NULL, -- of the id in natural order: I2a before I10
    title              TEXT COLLATE "C" NOT NULL,
    definition         TEXT COLLATE "C" NOT NULL,
    definition_version BIGINT NOT NULL,
    unit               BIGINT NOT NULL,
    version            BIGINT NOT NULL
);
CREATE INDEX definitions_order ON definitions (position, id);

-- What somebody declared. What is computed is never written down, so the two cannot meet in one series.
CREATE TABLE measures (
    indicator_id       TEXT COLLATE "C" NOT NULL REFERENCES definitions (id),
    part               TEXT COLLATE "C" NOT NULL,
    milestone          TEXT COLLATE "C" NOT NULL,
    territory          TEXT COLLATE "C" NOT NULL,
    campaign_id        TEXT COLLATE "C" NOT NULL,
    value              BIGINT,
    unit               BIGINT NOT NULL,
    qualifier          BIGINT NOT NULL,
    measured_on        TEXT COLLATE "C" NOT NULL,
    source             TEXT COLLATE "C" NOT NULL CHECK (source <> ''),
    text               TEXT COLLATE "C" NOT NULL,
    definition_version BIGINT NOT NULL,
    PRIMARY KEY (indicator_id, part, milestone, territory, campaign_id),
    CHECK ((qualifier IN (5, 6)) = (value IS NULL)) -- what is to come, or is no number, is not 0
);
CREATE INDEX measures_area ON measures (territory, campaign_id);

-- What other services have told, each row at the highest version heard.
CREATE TABLE interests (
    id            TEXT COLLATE "C" PRIMARY KEY,
    version       BIGINT NOT NULL,
    person_id     TEXT COLLATE "C" NOT NULL,
    campaign_id   TEXT COLLATE "C" NOT NULL,
    commune       TEXT COLLATE "C" NOT NULL,
    withdrawn     BIGINT NOT NULL,
    registered_at BIGINT NOT NULL
);
CREATE INDEX interests_person ON interests (person_id);

CREATE TABLE attestations (
    id          TEXT COLLATE "C" PRIMARY KEY,
    version     BIGINT NOT NULL,
    person_id   TEXT COLLATE "C" NOT NULL,
    meeting_id  TEXT COLLATE "C" NOT NULL,
    campaign_id TEXT COLLATE "C" NOT NULL,
    commune     TEXT COLLATE "C" NOT NULL, -- empty when the meeting had none
    issued_at   BIGINT NOT NULL
);
CREATE INDEX attestations_person ON attestations (person_id);

CREATE TABLE enrolments (
    id        TEXT COLLATE "C" PRIMARY KEY,
    version   BIGINT NOT NULL,
    person_id TEXT COLLATE "C" NOT NULL,
    completed BIGINT NOT NULL
);
CREATE INDEX enrolments_person ON enrolments (person_id);

CREATE TABLE meetings (
    id          TEXT COLLATE "C" PRIMARY KEY,
    version     BIGINT NOT NULL,
    campaign_id TEXT COLLATE "C" NOT NULL,
    place_id    TEXT COLLATE "C" NOT NULL,
    commune     TEXT COLLATE "C" NOT NULL,
    state       BIGINT NOT NULL -- as in the contract
);
CREATE INDEX meetings_campaign ON meetings (campaign_id, state, place_id);

CREATE TABLE places (
    id      TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    commune TEXT COLLATE "C" NOT NULL,
    status  BIGINT NOT NULL -- as in the contract: each includes those before
);
CREATE INDEX places_commune ON places (commune, status);

-- Every territory in which a commune lies, itself included, as mesh said when the commune was first heard of.
CREATE TABLE commune_territories (
    commune   TEXT COLLATE "C" NOT NULL,
    territory TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (territory, commune)
);
CREATE INDEX commune_territories_commune ON commune_territories (commune);

-- How each person counts at present, as follows from the tables above.
CREATE TABLE standings (
    person_id  TEXT COLLATE "C" PRIMARY KEY,
    commune    TEXT COLLATE "C" NOT NULL, -- empty: counted for the whole country only
    sensitised BIGINT NOT NULL,
    trained    BIGINT NOT NULL,
    campaigns  TEXT COLLATE "C" NOT NULL -- a JSON list
);

-- The standings added up, in the transactions that change them: counting persons is a sum over communes. One row with an
-- empty campaign for all persons of a commune, and one for each campaign in which some of them have an interest.
CREATE TABLE tallies (
    campaign_id TEXT COLLATE "C" NOT NULL,
    commune     TEXT COLLATE "C" NOT NULL,
    sensitised  BIGINT NOT NULL,
    trained     BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, commune)
);
