-- +goose Up

-- What coordinators ask for beside the default list. A row is never edited: the next version takes its place.
CREATE TABLE requirements (
    id             TEXT COLLATE "C" PRIMARY KEY,
    meeting_type   BIGINT           NOT NULL CONSTRAINT requirements_meeting_type CHECK (meeting_type BETWEEN 1 AND 3),
    territory_code TEXT COLLATE "C" NOT NULL,
    code           TEXT COLLATE "C" NOT NULL,
    domain         BIGINT           NOT NULL CONSTRAINT requirements_domain CHECK (domain BETWEEN 1 AND 4),
    text_fr        TEXT COLLATE "C" NOT NULL,
    text_en        TEXT COLLATE "C" NOT NULL,
    required       BIGINT           NOT NULL,
    due_before     BIGINT           NOT NULL, -- microseconds before the start
    checked_by     BIGINT           NOT NULL CONSTRAINT requirements_checked_by CHECK (checked_by BETWEEN 1 AND 4),
    version        BIGINT           NOT NULL,
    created_at     BIGINT           NOT NULL,
    retired_at     BIGINT           NOT NULL, -- 0 while in force
    UNIQUE (territory_code, meeting_type, code, version)
);

-- A meeting's readiness, and of what it is made: copies, which change no more with the list.
CREATE TABLE checklists (
    meeting_id      TEXT COLLATE "C" PRIMARY KEY REFERENCES meetings (id),
    meeting_type    BIGINT           NOT NULL,
    list_version    BIGINT           NOT NULL,
    version         BIGINT           NOT NULL, -- 0 until something is told
    recommended     BIGINT           NOT NULL, -- the highest that was told for the date recommended_for
    recommended_for BIGINT           NOT NULL, -- 0 before
    created_at      BIGINT           NOT NULL
);

CREATE TABLE checklist_items (
    id                  TEXT COLLATE "C" PRIMARY KEY,
    meeting_id          TEXT COLLATE "C" NOT NULL REFERENCES checklists (meeting_id),
    code                TEXT COLLATE "C" NOT NULL,
    domain              BIGINT           NOT NULL,
    text_fr             TEXT COLLATE "C" NOT NULL,
    text_en             TEXT COLLATE "C" NOT NULL,
    required            BIGINT           NOT NULL,
    due_before          BIGINT           NOT NULL, -- microseconds before the start
    checked_by          BIGINT           NOT NULL,
    requirement_version BIGINT           NOT NULL,
    state               BIGINT           NOT NULL CONSTRAINT checklist_items_state CHECK (state BETWEEN 1 AND 4),
    person_id           TEXT COLLATE "C" NOT NULL, -- empty before
    checked_at          BIGINT           NOT NULL, -- 0 before
    note                TEXT COLLATE "C" NOT NULL,
    version             BIGINT           NOT NULL,
    UNIQUE (meeting_id, code)
);

-- Who was named beside the organiser.
CREATE TABLE referents (
    meeting_id  TEXT COLLATE "C" PRIMARY KEY REFERENCES meetings (id),
    person_id   TEXT COLLATE "C" NOT NULL,
    state       BIGINT           NOT NULL CONSTRAINT referents_state CHECK (state BETWEEN 1 AND 3),
    version     BIGINT           NOT NULL,
    named_at    BIGINT           NOT NULL, -- 0 for an organiser who declined
    answered_at BIGINT           NOT NULL  -- 0 before
);

CREATE TABLE problem_routes (
    id             TEXT COLLATE "C" PRIMARY KEY,
    kind           BIGINT           NOT NULL CONSTRAINT problem_routes_kind CHECK (kind BETWEEN 0 AND 6), -- 0 for any
    territory_code TEXT COLLATE "C" NOT NULL,
    structure_id   TEXT COLLATE "C" NOT NULL, -- empty for any
    place_id       TEXT COLLATE "C" NOT NULL, -- empty for any
    charge         BIGINT           NOT NULL CONSTRAINT problem_routes_charge CHECK (charge BETWEEN 1 AND 5),
    person_id      TEXT COLLATE "C" NOT NULL CONSTRAINT problem_routes_person CHECK ((charge = 5) = (person_id <> '')),
    promised       BIGINT           NOT NULL, -- microseconds
    version        BIGINT           NOT NULL,
    created_at     BIGINT           NOT NULL,
    retired_at     BIGINT           NOT NULL, -- 0 while in force
    UNIQUE (territory_code, place_id, structure_id, kind, version)
);

CREATE TABLE problems (
    id             TEXT COLLATE "C" PRIMARY KEY,
    meeting_id     TEXT COLLATE "C" NOT NULL, -- empty for a problem of a place
    place_id       TEXT COLLATE "C" NOT NULL, -- empty when the meeting has none
    commune_code   TEXT COLLATE "C" NOT NULL,
    structure_id   TEXT COLLATE "C" NOT NULL, -- empty when unknown
    kind           BIGINT           NOT NULL CONSTRAINT problems_kind CHECK (kind BETWEEN 1 AND 6),
    severity       BIGINT           NOT NULL CONSTRAINT problems_severity CHECK (severity BETWEEN 1 AND 3),
    text           TEXT COLLATE "C" NOT NULL,
    state          BIGINT           NOT NULL CONSTRAINT problems_state CHECK (state BETWEEN 1 AND 5),
    reporter_id    TEXT COLLATE "C" NOT NULL,
    charge         BIGINT           NOT NULL,
    responsible_id TEXT COLLATE "C" NOT NULL, -- empty until someone has taken it
    route_id       TEXT COLLATE "C" NOT NULL, -- empty for the default
    promised       BIGINT           NOT NULL, -- microseconds
    promised_at    BIGINT           NOT NULL,
    alerted_at     BIGINT           NOT NULL, -- 0 until it was told that this promise has passed
    reopened_count BIGINT           NOT NULL,
    version        BIGINT           NOT NULL,
    created_at     BIGINT           NOT NULL,
    mended_at      BIGINT           NOT NULL  -- 0 before
);
CREATE INDEX problems_created ON problems (created_at, id);
CREATE INDEX problems_meeting ON problems (meeting_id);
CREATE INDEX problems_promised ON problems (promised_at) WHERE alerted_at = 0 AND state IN (1, 2, 5);

CREATE TABLE incidents (
    id               TEXT COLLATE "C" PRIMARY KEY,
    meeting_id       TEXT COLLATE "C" NOT NULL REFERENCES meetings (id),
    kind             BIGINT           NOT NULL CONSTRAINT incidents_kind CHECK (kind BETWEEN 1 AND 6),
    text             TEXT COLLATE "C" NOT NULL,
    occurred_at      BIGINT           NOT NULL,
    reporter_id      TEXT COLLATE "C" NOT NULL,
    attachment_count BIGINT           NOT NULL CONSTRAINT incidents_attachments CHECK (attachment_count BETWEEN 0 AND 5),
    version          BIGINT           NOT NULL,
    created_at       BIGINT           NOT NULL
);
CREATE INDEX incidents_meeting ON incidents (meeting_id, created_at, id);

CREATE TABLE attachments (
    id           TEXT COLLATE "C" PRIMARY KEY,
    incident_id  TEXT COLLATE "C" NOT NULL REFERENCES incidents (id),
    name         TEXT COLLATE "C" NOT NULL,
    content_type TEXT COLLATE "C" NOT NULL,
    size         BIGINT           NOT NULL,
    sha256       TEXT COLLATE "C" NOT NULL,
    content      BYTEA            NOT NULL,
    created_at   BIGINT           NOT NULL
);
CREATE INDEX attachments_incident ON attachments (incident_id);

CREATE TABLE thresholds (
    id             TEXT COLLATE "C" PRIMARY KEY,
    meeting_type   BIGINT           NOT NULL CONSTRAINT thresholds_meeting_type CHECK (meeting_type BETWEEN 1 AND 3),
    territory_code TEXT COLLATE "C" NOT NULL,
    measure        BIGINT           NOT NULL CONSTRAINT thresholds_measure CHECK (measure BETWEEN 1 AND 4),
    crossed_at     BIGINT           NOT NULL, -- a count
    counts_before  BIGINT           NOT NULL, -- microseconds before the start
    recommendation BIGINT           NOT NULL CONSTRAINT thresholds_recommendation CHECK (recommendation BETWEEN 1 AND 2),
    version        BIGINT           NOT NULL,
    created_at     BIGINT           NOT NULL,
    retired_at     BIGINT           NOT NULL, -- 0 while in force
    UNIQUE (territory_code, meeting_type, measure, recommendation, version)
);
