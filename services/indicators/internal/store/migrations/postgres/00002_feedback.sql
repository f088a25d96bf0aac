-- +goose Up

-- How many were satisfied with each meeting, each row at the highest version heard. Counts only: nobody's answer comes here.
CREATE TABLE feedback (
    meeting_id  TEXT COLLATE "C" NOT NULL,
    part        TEXT COLLATE "C" NOT NULL, -- of the indicator
    version     BIGINT NOT NULL,
    campaign_id TEXT COLLATE "C" NOT NULL,
    commune     TEXT COLLATE "C" NOT NULL,
    wave        TEXT COLLATE "C" NOT NULL,
    asked       BIGINT NOT NULL,
    answered    BIGINT NOT NULL,
    satisfied   BIGINT NOT NULL,
    PRIMARY KEY (meeting_id, part)
);
CREATE INDEX feedback_commune ON feedback (commune);
