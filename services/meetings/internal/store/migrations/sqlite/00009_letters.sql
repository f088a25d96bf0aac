-- +goose Up

-- Notices are also about asks, searches, swaps, polls and invitations; some belong to no meeting. SQLite changes no constraint: the table is
-- made anew. Nothing refers to it.
CREATE TABLE letters (
    id         TEXT    PRIMARY KEY, -- of the mail's Message-ID
    key        TEXT    NOT NULL UNIQUE, -- what it follows from: the same news is one notice
    meeting_id TEXT    NOT NULL, -- empty when it belongs to none
    subject_id TEXT    NOT NULL, -- what it is about, by its kind
    person_id  TEXT    NOT NULL, -- to whom; empty where the subject says it
    kind       INTEGER NOT NULL CONSTRAINT notices_kind CHECK (kind BETWEEN 1 AND 29),
    state      INTEGER NOT NULL CONSTRAINT notices_state CHECK (state BETWEEN 1 AND 4),
    reason     TEXT    NOT NULL, -- why it was dropped or has failed
    starts_at  INTEGER NOT NULL, -- of the meeting that a reminder is about, or when an invitation was sent; 0 for the others
    due_at     INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL  -- 0 while it is pending
) STRICT;
INSERT INTO letters SELECT id, key, meeting_id, registration_id, '', kind, state, reason, starts_at, due_at, created_at, ended_at FROM notices;
DROP TABLE notices;
ALTER TABLE letters RENAME TO notices;
CREATE INDEX notices_order ON notices (meeting_id, created_at, id);
CREATE INDEX notices_pending ON notices (subject_id, kind) WHERE state = 1;

-- What was last told in the matter of a registration, or of an ask. Whoever was told before knew the mode that the meeting has.
ALTER TABLE notice_terms RENAME COLUMN registration_id TO subject_id;
ALTER TABLE notice_terms ADD COLUMN mode       INTEGER NOT NULL DEFAULT 1;
ALTER TABLE notice_terms ADD COLUMN remote_url TEXT    NOT NULL DEFAULT ''; -- for whoever takes part from afar, who was told no place
UPDATE notice_terms SET mode = coalesce(
    (SELECT m.mode FROM registrations r JOIN meetings m ON m.id = r.meeting_id WHERE r.id = notice_terms.subject_id), 1);
UPDATE notice_terms SET place_id = '', remote_url = coalesce(
    (SELECT m.remote_url FROM registrations r JOIN meetings m ON m.id = r.meeting_id WHERE r.id = notice_terms.subject_id AND r.state = 1), '')
WHERE subject_id IN (SELECT r.id FROM registrations r JOIN meetings m ON m.id = r.meeting_id WHERE r.mode = 2 OR m.mode = 2);

-- Which versions of registrations a swap has made: they are told as one swap, not as seats that are given back and got.
CREATE TABLE swapped_seats (
    registration_id TEXT    NOT NULL,
    version         INTEGER NOT NULL,
    swap_id         TEXT    NOT NULL REFERENCES swaps (id),
    PRIMARY KEY (registration_id, version)
) STRICT;
