-- +goose Up

-- Lists that are only read whole (steps, completed) are JSON texts; levels has a bit per level.
CREATE TABLE modules (
    id            TEXT    PRIMARY KEY,
    position      INTEGER NOT NULL,
    title         TEXT    NOT NULL,
    summary       TEXT    NOT NULL,
    language_code TEXT    NOT NULL,
    levels        INTEGER NOT NULL,
    steps         TEXT    NOT NULL,
    meeting_count INTEGER NOT NULL,
    licence       TEXT    NOT NULL CHECK (licence <> ''),
    uri           TEXT    NOT NULL,
    version       INTEGER NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX modules_order ON modules (position, id);

CREATE TABLE resources (
    id            TEXT    PRIMARY KEY,
    title         TEXT    NOT NULL,
    title_folded  TEXT    NOT NULL,
    summary       TEXT    NOT NULL,
    uri           TEXT    NOT NULL,
    kind          INTEGER NOT NULL,
    language_code TEXT    NOT NULL,
    licence       TEXT    NOT NULL CHECK (licence <> ''),
    version       INTEGER NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX resources_order ON resources (title_folded, id);

CREATE TABLE resource_modules (
    resource_id TEXT NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    module_id   TEXT NOT NULL REFERENCES modules (id),
    PRIMARY KEY (resource_id, module_id)
) STRICT;
CREATE INDEX resource_modules_module ON resource_modules (module_id);

CREATE TABLE enrolments (
    id             TEXT    PRIMARY KEY,
    module_id      TEXT    NOT NULL REFERENCES modules (id),
    module_version INTEGER NOT NULL,
    person_id      TEXT    NOT NULL,
    level          INTEGER NOT NULL,
    completed      TEXT    NOT NULL,
    version        INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    completed_at   INTEGER NOT NULL, -- 0 until every step is completed
    UNIQUE (person_id, module_id)
) STRICT;
CREATE INDEX enrolments_order ON enrolments (person_id, created_at, id);
