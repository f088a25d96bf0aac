-- +goose Up

-- What was heard of meetings. Version 0 is a meeting of which only a seat was heard.
CREATE TABLE meetings (
    id           TEXT COLLATE "C" PRIMARY KEY,
    organiser_id TEXT COLLATE "C" NOT NULL,
    module_id    TEXT COLLATE "C" NOT NULL,
    commune_code TEXT COLLATE "C" NOT NULL,
    meeting_date TEXT COLLATE "C" NOT NULL,
    held         BIGINT NOT NULL,
    cancelled    BIGINT NOT NULL,
    version      BIGINT NOT NULL
);
CREATE INDEX meetings_organiser ON meetings (organiser_id);

-- Who holds a seat. A row stays when it was given back, without its person, so that an older event does not bring the person back.
CREATE TABLE seats (
    registration_id TEXT COLLATE "C" PRIMARY KEY,
    meeting_id      TEXT COLLATE "C" NOT NULL,
    person_id       TEXT COLLATE "C" NOT NULL,
    version         BIGINT NOT NULL
);
CREATE INDEX seats_meeting ON seats (meeting_id, person_id);
CREATE INDEX seats_person ON seats (person_id, meeting_id);

-- content holds what is only read whole, as JSON; search is what words are looked for in.
CREATE TABLE practice_sheets (
    id            TEXT COLLATE "C" PRIMARY KEY,
    meeting_id    TEXT COLLATE "C" NOT NULL REFERENCES meetings (id),
    module_id     TEXT COLLATE "C" NOT NULL,
    state         BIGINT NOT NULL CHECK (state BETWEEN 1 AND 5),
    title         TEXT COLLATE "C" NOT NULL CHECK (title <> ''),
    summary       TEXT COLLATE "C" NOT NULL,
    min_age       BIGINT NOT NULL,
    max_age       BIGINT NOT NULL,
    minutes       BIGINT NOT NULL,
    licence       TEXT COLLATE "C" NOT NULL CHECK (licence <> '' OR state IN (1, 5)),
    content       TEXT COLLATE "C" NOT NULL,
    search        TEXT COLLATE "C" NOT NULL,
    derived_from  TEXT COLLATE "C" NOT NULL CHECK (derived_from <> id),
    commune_code  TEXT COLLATE "C" NOT NULL,
    meeting_date  TEXT COLLATE "C" NOT NULL,
    return_reason TEXT COLLATE "C" NOT NULL,
    remarks       TEXT COLLATE "C" NOT NULL,
    derivations   BIGINT NOT NULL,
    users         BIGINT NOT NULL,
    reuse_rank    BIGINT NOT NULL,
    version       BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    published_at  BIGINT NOT NULL -- 0 until it is published
);
CREATE INDEX practice_sheets_newest ON practice_sheets (state, published_at, id);
CREATE INDEX practice_sheets_reused ON practice_sheets (state, reuse_rank, published_at, id);
CREATE INDEX practice_sheets_meeting ON practice_sheets (meeting_id, id);
CREATE INDEX practice_sheets_origin ON practice_sheets (derived_from);

CREATE TABLE practice_sheet_territories (
    sheet_id TEXT COLLATE "C" NOT NULL REFERENCES practice_sheets (id) ON DELETE CASCADE,
    code     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (sheet_id, code)
);
CREATE INDEX practice_sheet_territories_code ON practice_sheet_territories (code, sheet_id);

CREATE TABLE practice_sheet_changes (
    sheet_id   TEXT COLLATE "C" NOT NULL REFERENCES practice_sheets (id) ON DELETE CASCADE,
    version    BIGINT NOT NULL,
    state      BIGINT NOT NULL,
    person_id  TEXT COLLATE "C" NOT NULL,
    note       TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (sheet_id, version)
);

-- Who says that they used a sheet; once each.
CREATE TABLE practice_sheet_users (
    sheet_id   TEXT COLLATE "C" NOT NULL REFERENCES practice_sheets (id) ON DELETE CASCADE,
    person_id  TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (sheet_id, person_id)
);
