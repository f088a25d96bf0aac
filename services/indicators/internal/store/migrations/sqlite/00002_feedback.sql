-- +goose Up

-- How many were satisfied with each meeting, each row at the highest version heard. Counts only: nobody's answer comes here.
CREATE TABLE feedback (
    meeting_id  TEXT NOT NULL,
    part        TEXT NOT NULL, -- of the indicator
    version     INTEGER NOT NULL,
    campaign_id TEXT NOT NULL,
    commune     TEXT NOT NULL,
    wave        TEXT NOT NULL,
    asked       INTEGER NOT NULL,
    answered    INTEGER NOT NULL,
    satisfied   INTEGER NOT NULL,
    PRIMARY KEY (meeting_id, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX feedback_commune ON feedback (commune);
