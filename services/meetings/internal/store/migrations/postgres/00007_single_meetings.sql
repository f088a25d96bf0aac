-- +goose Up

-- A single meeting belongs to no series.
ALTER TABLE meetings ALTER COLUMN series_id DROP NOT NULL;

-- cancel_cause keeps what it was, people's own words; cancel_kind says which of the causes it was, and the words are its note.
ALTER TABLE meetings
    ADD COLUMN title          TEXT COLLATE "C" NOT NULL DEFAULT '', -- empty when it is called after its module
    ADD COLUMN mode           BIGINT           NOT NULL DEFAULT 1 CONSTRAINT meetings_mode CHECK (mode BETWEEN 1 AND 3),
    ADD COLUMN remote_url     TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN cancel_kind    BIGINT           NOT NULL DEFAULT 0 CONSTRAINT meetings_cancel_kind CHECK (cancel_kind BETWEEN 0 AND 7),
    ADD COLUMN postpone_kind  BIGINT           NOT NULL DEFAULT 0 CONSTRAINT meetings_postpone_kind CHECK (postpone_kind BETWEEN 0 AND 7),
    ADD COLUMN postpone_cause TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE meetings SET cancel_kind = 7 WHERE state = 7;
