-- +goose Up

-- Who was erased: an event about somebody that comes late brings nobody back (pkg/erasure). A digest recognises an id, and gives none away.
CREATE TABLE erasures (
    digest    TEXT    PRIMARY KEY, -- SHA-256 of the person's id, in hexadecimal
    person_id TEXT    NOT NULL,    -- for as long as something may still be written under it; then empty
    erased_at INTEGER NOT NULL
) STRICT;
CREATE INDEX erasures_unsettled ON erasures (erased_at) WHERE person_id <> '';
