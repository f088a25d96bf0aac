-- +goose Up

-- What everyone writes at once stands in rows of its own, in no index but their key. Nobody waits while a seat is free: that is
-- checked here, as the capacity is.
CREATE TABLE seats (
    meeting_id  TEXT COLLATE "C" NOT NULL REFERENCES meetings (id),
    mode        BIGINT           NOT NULL CONSTRAINT seats_mode CHECK (mode BETWEEN 1 AND 2),
    role        BIGINT           NOT NULL CONSTRAINT seats_role CHECK (role BETWEEN 1 AND 2),
    campaign_id TEXT COLLATE "C" NOT NULL, -- the meeting's; empty outside of any
    capacity    BIGINT           NOT NULL,
    taken       BIGINT           NOT NULL, -- confirmed or offered
    waiting     BIGINT           NOT NULL,
    tickets     BIGINT           NOT NULL, -- numbers of the waiting list given so far
    closes_at   BIGINT           NOT NULL, -- the meeting's start; 0 once its seats no longer change
    PRIMARY KEY (meeting_id, mode, role),
    CONSTRAINT seats_taken CHECK (taken >= 0 AND taken <= capacity),
    CONSTRAINT seats_waiting CHECK (waiting >= 0 AND (waiting = 0 OR taken = capacity OR closes_at = 0))
) WITH (fillfactor = 50); -- a row's next versions find room beside it, and its index entry stays
INSERT INTO seats (meeting_id, mode, role, campaign_id, capacity, taken, waiting, tickets, closes_at)
SELECT id, 1, 1, campaign_id, capacity, taken, 0, 0, CASE WHEN state IN (2, 3) THEN starts_at ELSE 0 END FROM meetings;
ALTER TABLE meetings DROP COLUMN taken, DROP COLUMN capacity;

ALTER TABLE registrations
    ADD COLUMN mode             BIGINT           NOT NULL DEFAULT 1,
    ADD COLUMN role             BIGINT           NOT NULL DEFAULT 1,
    ADD COLUMN ticket           BIGINT           NOT NULL DEFAULT 0, -- number in the waiting list; 0 for whoever never waited
    ADD COLUMN offer_expires_at BIGINT           NOT NULL DEFAULT 0, -- 0 unless a seat is offered
    ADD COLUMN reason           TEXT COLLATE "C" NOT NULL DEFAULT '', -- why it ended, as far as anybody said
    ADD COLUMN name_shared      BIGINT           NOT NULL DEFAULT 0,
    DROP CONSTRAINT registrations_state,
    ADD CONSTRAINT registrations_state CHECK (state BETWEEN 1 AND 9),
    DROP CONSTRAINT registrations_meeting_id_fkey,
    ADD FOREIGN KEY (meeting_id, mode, role) REFERENCES seats (meeting_id, mode, role);
CREATE INDEX registrations_waiting ON registrations (meeting_id, mode, role, ticket) WHERE state = 6;
CREATE INDEX registrations_offers ON registrations (offer_expires_at, meeting_id) WHERE state = 7;
