-- +goose Up

-- A single meeting belongs to no series. SQLite takes no NOT NULL away: another column takes this one's place, so that the tables
-- that refer to meetings, and what else was added to it, stay as they are.
ALTER TABLE meetings ADD COLUMN series TEXT REFERENCES series (id);
UPDATE meetings SET series = series_id;
DROP INDEX meetings_series;
ALTER TABLE meetings DROP COLUMN series_id;
ALTER TABLE meetings RENAME COLUMN series TO series_id;
CREATE INDEX meetings_series ON meetings (series_id);

-- cancel_cause keeps what it was, people's own words; cancel_kind says which of the causes it was, and the words are its note.
ALTER TABLE meetings ADD COLUMN title          TEXT    NOT NULL DEFAULT ''; -- empty when it is called after its module
ALTER TABLE meetings ADD COLUMN mode           INTEGER NOT NULL DEFAULT 1 CONSTRAINT meetings_mode CHECK (mode BETWEEN 1 AND 3);
ALTER TABLE meetings ADD COLUMN remote_url     TEXT    NOT NULL DEFAULT '';
ALTER TABLE meetings ADD COLUMN cancel_kind    INTEGER NOT NULL DEFAULT 0 CONSTRAINT meetings_cancel_kind CHECK (cancel_kind BETWEEN 0 AND 7);
ALTER TABLE meetings ADD COLUMN postpone_kind  INTEGER NOT NULL DEFAULT 0 CONSTRAINT meetings_postpone_kind CHECK (postpone_kind BETWEEN 0 AND 7);
ALTER TABLE meetings ADD COLUMN postpone_cause TEXT    NOT NULL DEFAULT '';
UPDATE meetings SET cancel_kind = 7 WHERE state = 7;
