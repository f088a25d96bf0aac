-- +goose Up

-- How people are called and reached, and in which language they read: to write to them, for as long as they are known. Nowhere else.
CREATE TABLE contacts (
    person_id     TEXT    PRIMARY KEY REFERENCES people (id),
    name          TEXT    NOT NULL, -- empty when unknown
    email         TEXT    NOT NULL, -- empty when unknown
    language_code TEXT    NOT NULL,
    edited        INTEGER NOT NULL, -- 1 once the person has changed it: the sign-in does so no more
    version       INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
) STRICT;
