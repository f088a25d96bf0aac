-- +goose Up

-- Attestations as badges: the form with the proof inside, a place in the lists that tell of revocations, and the facilitator's part.
CREATE TABLE attestations_after (
    id              TEXT    PRIMARY KEY,
    meeting_id      TEXT    NOT NULL REFERENCES meetings (id),
    person_id       TEXT    NOT NULL,
    campaign_id     TEXT    NOT NULL,
    commune_code    TEXT    NOT NULL,
    role            INTEGER NOT NULL CONSTRAINT attestations_role CHECK (role BETWEEN 1 AND 3),
    credential      TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    credential_json TEXT    NOT NULL DEFAULT '', -- empty for those from before
    status_list     INTEGER NOT NULL DEFAULT 0,  -- 0 for those from before
    status_index    INTEGER NOT NULL DEFAULT 0,
    revoked_at      INTEGER NOT NULL DEFAULT 0,  -- 0 unless it is
    revoked_by      TEXT    NOT NULL DEFAULT '',
    revoke_reason   TEXT    NOT NULL DEFAULT '',
    UNIQUE (meeting_id, person_id),
    CONSTRAINT attestations_revoked CHECK ((revoked_at > 0) = (revoke_reason <> '') AND (revoked_at > 0) = (revoked_by <> ''))
) STRICT;
INSERT INTO attestations_after (id, meeting_id, person_id, campaign_id, commune_code, role, credential, created_at)
SELECT id, meeting_id, person_id, campaign_id, commune_code, role, credential, created_at FROM attestations;
DROP TABLE attestations;
ALTER TABLE attestations_after RENAME TO attestations;
CREATE INDEX attestations_order ON attestations (created_at, id);
CREATE INDEX attestations_person ON attestations (person_id, created_at, id);
CREATE UNIQUE INDEX attestations_status ON attestations (status_list, status_index) WHERE status_list > 0;
CREATE INDEX attestations_revoked_in ON attestations (status_list, status_index) WHERE revoked_at > 0;

CREATE TABLE status_lists (
    id         INTEGER PRIMARY KEY,
    issued     INTEGER NOT NULL, -- places given
    changed_at INTEGER NOT NULL, -- when it began, or something in it was last revoked
    CONSTRAINT status_lists_issued CHECK (issued BETWEEN 0 AND 131072)
) STRICT;

-- In whose name was ever signed here, and at which door; what was signed then is still ours.
CREATE TABLE credential_issuers (
    uri  TEXT NOT NULL,
    door TEXT NOT NULL, -- empty for those from before badges
    PRIMARY KEY (uri, door)
) STRICT;
