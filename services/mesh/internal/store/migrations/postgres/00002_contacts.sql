-- +goose Up

-- How people are called and reached, and in which language they read: to write to them, for as long as they are known. Nowhere else.
CREATE TABLE contacts (
    person_id     TEXT   COLLATE "C" PRIMARY KEY REFERENCES people (id),
    name          TEXT   COLLATE "C" NOT NULL, -- empty when unknown
    email         TEXT   COLLATE "C" NOT NULL, -- empty when unknown
    language_code TEXT   COLLATE "C" NOT NULL,
    edited        BIGINT NOT NULL, -- 1 once the person has changed it: the sign-in does so no more
    version       BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);
