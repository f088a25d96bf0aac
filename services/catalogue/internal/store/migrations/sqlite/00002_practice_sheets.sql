-- +goose Up

-- What was heard of meetings. Version 0 is a meeting of which only a seat was heard.
CREATE TABLE meetings (
    id           TEXT PRIMARY KEY,
    organiser_id TEXT NOT NULL,
    module_id    TEXT NOT NULL,
    commune_code TEXT NOT NULL,
    meeting_date TEXT NOT NULL,
    held         INTEGER NOT NULL,
    cancelled    INTEGER NOT NULL,
    version      INTEGER NOT NULL
) STRICT;
CREATE INDEX meetings_organiser ON meetings (organiser_id);

-- Who holds a seat. A row stays when it was given back, without its person, so that an older event does not bring the person back.
CREATE TABLE seats (
    registration_id TEXT PRIMARY KEY,
    meeting_id      TEXT NOT NULL,
    person_id       TEXT NOT NULL,
    version         INTEGER NOT NULL
) STRICT;
CREATE INDEX seats_meeting ON seats (meeting_id, person_id);
CREATE INDEX seats_person ON seats (person_id, meeting_id);

-- content holds what is only read whole, as JSON; search is what words are looked for in.
CREATE TABLE practice_sheets (
    id            TEXT PRIMARY KEY,
    meeting_id    TEXT NOT NULL REFERENCES meetings (id),
    module_id     TEXT NOT NULL,
    state         INTEGER NOT NULL CHECK (state BETWEEN 1 AND 5),
    title         TEXT NOT NULL CHECK (title <> ''),
    summary       TEXT NOT NULL,
    min_age       INTEGER NOT NULL,
    max_age       INTEGER NOT NULL,
    minutes       INTEGER NOT NULL,
    licence       TEXT NOT NULL CHECK (licence <> '' OR state IN (1, 5)),
    content       TEXT NOT NULL,
    search        TEXT NOT NULL,
    derived_from  TEXT NOT NULL CHECK (derived_from <> id),
    commune_code  TEXT NOT NULL,
    meeting_date  TEXT NOT NULL,
    return_reason TEXT NOT NULL,
    remarks       TEXT NOT NULL,
    derivations   INTEGER NOT NULL,
    users         INTEGER NOT NULL,
    reuse_rank    INTEGER NOT NULL,
    version       INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    published_at  INTEGER NOT NULL -- 0 until it is published
) STRICT;
CREATE INDEX practice_sheets_newest ON practice_sheets (state, published_at, id);
CREATE INDEX practice_sheets_reused ON practice_sheets (state, reuse_rank, published_at, id);
CREATE INDEX practice_sheets_meeting ON practice_sheets (meeting_id, id);
CREATE INDEX practice_sheets_origin ON practice_sheets (derived_from);

CREATE TABLE practice_sheet_territories (
    sheet_id TEXT NOT NULL REFERENCES practice_sheets (id) ON DELETE CASCADE,
    code     TEXT NOT NULL,
    PRIMARY KEY (sheet_id, code)
) STRICT;
CREATE INDEX practice_sheet_territories_code ON practice_sheet_territories (code, sheet_id);

CREATE TABLE practice_sheet_changes (
    sheet_id   TEXT NOT NULL REFERENCES practice_sheets (id) ON DELETE CASCADE,
    version    INTEGER NOT NULL,
    state      INTEGER NOT NULL,
    person_id  TEXT NOT NULL,
    note       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (sheet_id, version)
) STRICT;

-- Who says that they used a sheet; once each.
CREATE TABLE practice_sheet_users (
    sheet_id   TEXT NOT NULL REFERENCES practice_sheets (id) ON DELETE CASCADE,
    person_id  TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (sheet_id, person_id)
) STRICT;
