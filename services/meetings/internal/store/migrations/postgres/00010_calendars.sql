-- +goose Up

-- When a meeting last changed, for calendars; 0 while it is as it was made. What was called off before there were calendars, none of them
-- ever showed.
ALTER TABLE meetings ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0;

-- Feeds of meetings, each read by whoever holds its secret. Of the secret only a digest is kept: who reads this table reads no feed.
CREATE TABLE calendars (
    id         TEXT COLLATE "C" PRIMARY KEY,
    person_id  TEXT COLLATE "C" NOT NULL, -- personal: who made it
    kind       BIGINT NOT NULL CONSTRAINT calendars_kind CHECK (kind BETWEEN 1 AND 4),
    subject_id TEXT COLLATE "C" NOT NULL, -- the person, the group, the place, or the territory's code
    digest     TEXT COLLATE "C" NOT NULL UNIQUE, -- SHA-256, in hexadecimal
    created_at BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL -- 0 while its link serves
);
CREATE INDEX calendars_person ON calendars (person_id, created_at, id) WHERE revoked_at = 0;

-- By what a feed finds its meetings.
CREATE INDEX meetings_place ON meetings (place_id);
CREATE INDEX meetings_organiser ON meetings (organiser_id);
CREATE INDEX meetings_commune ON meetings (commune_code);
CREATE INDEX registrations_person ON registrations (person_id);
CREATE INDEX referents_person ON referents (person_id);
CREATE INDEX commune_territories_territory ON commune_territories (territory_code);
