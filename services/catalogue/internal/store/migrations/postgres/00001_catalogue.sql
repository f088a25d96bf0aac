-- +goose Up

-- Lists that are only read whole (steps, completed) are JSON texts; levels has a bit per level.
CREATE TABLE modules (
    id            TEXT COLLATE "C" PRIMARY KEY,
    position      BIGINT NOT NULL,
    title         TEXT COLLATE "C" NOT NULL,
    summary       TEXT COLLATE "C" NOT NULL,
    language_code TEXT COLLATE "C" NOT NULL,
    levels        BIGINT NOT NULL,
    steps         TEXT COLLATE "C" NOT NULL,
    meeting_count BIGINT NOT NULL,
    licence       TEXT COLLATE "C" NOT NULL CHECK (licence <> ''),
    uri           TEXT COLLATE "C" NOT NULL,
    version       BIGINT NOT NULL,
    created_at    BIGINT NOT NULL
);
CREATE INDEX modules_order ON modules (position, id);

CREATE TABLE resources (
    id            TEXT COLLATE "C" PRIMARY KEY,
    title         TEXT COLLATE "C" NOT NULL,
    title_folded  TEXT COLLATE "C" NOT NULL,
    summary       TEXT COLLATE "C" NOT NULL,
    uri           TEXT COLLATE "C" NOT NULL,
    kind          BIGINT NOT NULL,
    language_code TEXT COLLATE "C" NOT NULL,
    licence       TEXT COLLATE "C" NOT NULL CHECK (licence <> ''),
    version       BIGINT NOT NULL,
    created_at    BIGINT NOT NULL
);
CREATE INDEX resources_order ON resources (title_folded, id);

CREATE TABLE resource_modules (
    resource_id TEXT COLLATE "C" NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    module_id   TEXT COLLATE "C" NOT NULL REFERENCES modules (id),
    PRIMARY KEY (resource_id, module_id)
);
CREATE INDEX resource_modules_module ON resource_modules (module_id);

CREATE TABLE enrolments (
    id             TEXT COLLATE "C" PRIMARY KEY,
    module_id      TEXT COLLATE "C" NOT NULL REFERENCES modules (id),
    module_version BIGINT NOT NULL,
    person_id      TEXT COLLATE "C" NOT NULL,
    level          BIGINT NOT NULL,
    completed      TEXT COLLATE "C" NOT NULL,
    version        BIGINT NOT NULL,
    created_at     BIGINT NOT NULL,
    completed_at   BIGINT NOT NULL, -- 0 until every step is completed
    UNIQUE (person_id, module_id)
);
CREATE INDEX enrolments_order ON enrolments (person_id, created_at, id);
