-- +goose Up

-- What coordinators ask for beside the default list. A row is never edited: the next version takes its place.
CREATE TABLE requirements (
    id             TEXT    PRIMARY KEY,
    meeting_type   INTEGER NOT NULL CONSTRAINT requirements_meeting_type CHECK (meeting_type BETWEEN 1 AND 3),
    territory_code TEXT    NOT NULL,
    code           TEXT    NOT NULL,
    domain         INTEGER NOT NULL CONSTRAINT requirements_domain CHECK (domain BETWEEN 1 AND 4),
    text_fr        TEXT    NOT NULL,
    text_en        TEXT    NOT NULL,
    required       INTEGER NOT NULL,
    due_before     INTEGER NOT NULL, -- microseconds before the start
    checked_by     INTEGER NOT NULL CONSTRAINT requirements_checked_by CHECK (checked_by BETWEEN 1 AND 4),
    version        INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    retired_at     INTEGER NOT NULL, -- 0 while in force
    UNIQUE (territory_code, meeting_type, code, version)
) STRICT;

-- A meeting's readiness, and of what it is made: copies, which change no more with the list.
CREATE TABLE checklists (
    meeting_id      TEXT    PRIMARY KEY REFERENCES meetings (id),
    meeting_type    INTEGER NOT NULL,
    list_version    INTEGER NOT NULL,
    version         INTEGER NOT NULL, -- 0 until something is told
    recommended     INTEGER NOT NULL, -- the highest that was told for the date recommended_for
    recommended_for INTEGER NOT NULL, -- 0 before
    created_at      INTEGER NOT NULL
) STRICT;

CREATE TABLE checklist_items (
    id                  TEXT    PRIMARY KEY,
    meeting_id          TEXT    NOT NULL REFERENCES checklists (meeting_id),
    code                TEXT    NOT NULL,
    domain              INTEGER NOT NULL,
    text_fr             TEXT    NOT NULL,
    text_en             TEXT    NOT NULL,
    required            INTEGER NOT NULL,
    due_before          INTEGER NOT NULL, -- microseconds before the start
    checked_by          INTEGER NOT NULL,
    requirement_version INTEGER NOT NULL,
    state               INTEGER NOT NULL CONSTRAINT checklist_items_state CHECK (state BETWEEN 1 AND 4),
    person_id           TEXT    NOT NULL, -- empty before
    checked_at          INTEGER NOT NULL, -- 0 before
    note                TEXT    NOT NULL,
    version             INTEGER NOT NULL,
    UNIQUE (meeting_id, code)
) STRICT;

-- Who was named beside the organiser.
CREATE TABLE referents (
    meeting_id  TEXT    PRIMARY KEY REFERENCES meetings (id),
    person_id   TEXT    NOT NULL,
    state       INTEGER NOT NULL CONSTRAINT referents_state CHECK (state BETWEEN 1 AND 3),
    version     INTEGER NOT NULL,
    named_at    INTEGER NOT NULL, -- 0 for an organiser who declined
    answered_at INTEGER NOT NULL  -- 0 before
) STRICT;

CREATE TABLE problem_routes (
    id             TEXT    PRIMARY KEY,
    kind           INTEGER NOT NULL CONSTRAINT problem_routes_kind CHECK (kind BETWEEN 0 AND 6), -- 0 for any
    territory_code TEXT    NOT NULL,
    structure_id   TEXT    NOT NULL, -- empty for any
    place_id       TEXT    NOT NULL, -- empty for any
    charge         INTEGER NOT NULL CONSTRAINT problem_routes_charge CHECK (charge BETWEEN 1 AND 5),
    person_id      TEXT    NOT NULL CONSTRAINT problem_routes_person CHECK ((charge = 5) = (person_id <> '')),
    promised       INTEGER NOT NULL, -- microseconds
    version        INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    retired_at     INTEGER NOT NULL, -- 0 while in force
    UNIQUE (territory_code, place_id, structure_id, kind, version)
) STRICT;

CREATE TABLE problems (
    id             TEXT    PRIMARY KEY,
    meeting_id     TEXT    NOT NULL, -- empty for a problem of a place
    place_id       TEXT    NOT NULL, -- empty when the meeting has none
    commune_code   TEXT    NOT NULL,
    structure_id   TEXT    NOT NULL, -- empty when unknown
    kind           INTEGER NOT NULL CONSTRAINT problems_kind CHECK (kind BETWEEN 1 AND 6),
    severity       INTEGER NOT NULL CONSTRAINT problems_severity CHECK (severity BETWEEN 1 AND 3),
    text           TEXT    NOT NULL,
    state          INTEGER NOT NULL CONSTRAINT problems_state CHECK (state BETWEEN 1 AND 5),
    reporter_id    TEXT    NOT NULL,
    charge         INTEGER NOT NULL,
    responsible_id TEXT    NOT NULL, -- empty until someone has taken it
    route_id       TEXT    NOT NULL, -- empty for the default
    promised       INTEGER NOT NULL, -- microseconds
    promised_at    INTEGER NOT NULL,
    alerted_at     INTEGER NOT NULL, -- 0 until it was told that this promise has passed
    reopened_count INTEGER NOT NULL,
    version        INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    mended_at      INTEGER NOT NULL  -- 0 before
) STRICT;
CREATE INDEX problems_created ON problems (created_at, id);
CREATE INDEX problems_meeting ON problems (meeting_id);
CREATE INDEX problems_promised ON problems (promised_at) WHERE alerted_at = 0 AND state IN (1, 2, 5);

CREATE TABLE incidents (
    id               TEXT    PRIMARY KEY,
    meeting_id       TEXT    NOT NULL REFERENCES meetings (id),
    kind             INTEGER NOT NULL CONSTRAINT incidents_kind CHECK (kind BETWEEN 1 AND 6),
    text             TEXT    NOT NULL,
    occurred_at      INTEGER NOT NULL,
    reporter_id      TEXT    NOT NULL,
    attachment_count INTEGER NOT NULL CONSTRAINT incidents_attachments CHECK (attachment_count BETWEEN 0 AND 5),
    version          INTEGER NOT NULL,
    created_at       INTEGER NOT NULL
) STRICT;
CREATE INDEX incidents_meeting ON incidents (meeting_id, created_at, id);

CREATE TABLE attachments (
    id           TEXT    PRIMARY KEY,
    incident_id  TEXT    NOT NULL REFERENCES incidents (id),
    name         TEXT    NOT NULL,
    content_type TEXT    NOT NULL,
    size         INTEGER NOT NULL,
    sha256       TEXT    NOT NULL,
    content      BLOB    NOT NULL,
    created_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX attachments_incident ON attachments (incident_id);

CREATE TABLE thresholds (
    id             TEXT    PRIMARY KEY,
    meeting_type   INTEGER NOT NULL CONSTRAINT thresholds_meeting_type CHECK (meeting_type BETWEEN 1 AND 3),
    territory_code TEXT    NOT NULL,
    measure        INTEGER NOT NULL CONSTRAINT thresholds_measure CHECK (measure BETWEEN 1 AND 4),
    crossed_at     INTEGER NOT NULL, -- a count
    counts_before  INTEGER NOT NULL, -- microseconds before the start
    recommendation INTEGER NOT NULL CONSTRAINT thresholds_recommendation CHECK (recommendation BETWEEN 1 AND 2),
    version        INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    retired_at     INTEGER NOT NULL, -- 0 while in force
    UNIQUE (territory_code, meeting_type, measure, recommendation, version)
) STRICT;
