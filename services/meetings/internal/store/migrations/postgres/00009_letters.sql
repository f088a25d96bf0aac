-- +goose Up

-- Notices are also about asks, searches, swaps, polls and invitations; some belong to no meeting.
ALTER TABLE notices RENAME COLUMN registration_id TO subject_id; -- what it is about, by its kind
ALTER TABLE notices ADD COLUMN person_id TEXT COLLATE "C" NOT NULL DEFAULT ''; -- to whom; empty where the subject says it
ALTER TABLE notices DROP CONSTRAINT notices_meeting_id_fkey; -- empty when it belongs to none
ALTER TABLE notices DROP CONSTRAINT notices_kind;
ALTER TABLE notices ADD CONSTRAINT notices_kind CHECK (kind BETWEEN 1 AND 29);

-- What was last told in the matter of a registration, or of an ask. Whoever was told before knew the mode that the meeting has.
ALTER TABLE notice_terms RENAME COLUMN registration_id TO subject_id;
ALTER TABLE notice_terms ADD COLUMN mode       BIGINT NOT NULL DEFAULT 1;
ALTER TABLE notice_terms ADD COLUMN remote_url TEXT COLLATE "C" NOT NULL DEFAULT ''; -- for whoever takes part from afar, who was told no place
UPDATE notice_terms SET mode = coalesce(
    (SELECT m.mode FROM registrations r JOIN meetings m ON m.id = r.meeting_id WHERE r.id = notice_terms.subject_id), 1);
UPDATE notice_terms SET place_id = '', remote_url = coalesce(
    (SELECT m.remote_url FROM registrations r JOIN meetings m ON m.id = r.meeting_id WHERE r.id = notice_terms.subject_id AND r.state = 1), '')
WHERE subject_id IN (SELECT r.id FROM registrations r JOIN meetings m ON m.id = r.meeting_id WHERE r.mode = 2 OR m.mode = 2);

-- Which versions of registrations a swap has made: they are told as one swap, not as seats that are given back and got.
CREATE TABLE swapped_seats (
    registration_id TEXT   COLLATE "C" NOT NULL,
    version         BIGINT NOT NULL,
    swap_id         TEXT   COLLATE "C" NOT NULL REFERENCES swaps (id),
    PRIMARY KEY (registration_id, version)
);
