-- +goose Up

-- Attestations as badges: the form with the proof inside, a place in the lists that tell of revocations, and the facilitator's part.
ALTER TABLE attestations
    DROP CONSTRAINT attestations_role,
    ADD CONSTRAINT attestations_role CHECK (role BETWEEN 1 AND 3),
    ADD COLUMN credential_json TEXT COLLATE "C" NOT NULL DEFAULT '', -- empty for those from before
    ADD COLUMN status_list     BIGINT           NOT NULL DEFAULT 0,  -- 0 for those from before
    ADD COLUMN status_index    BIGINT           NOT NULL DEFAULT 0,
    ADD COLUMN revoked_at      BIGINT           NOT NULL DEFAULT 0,  -- 0 unless it is
    ADD COLUMN revoked_by      TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN revoke_reason   TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD CONSTRAINT attestations_revoked CHECK ((revoked_at > 0) = (revoke_reason <> '') AND (revoked_at > 0) = (revoked_by <> ''));
CREATE UNIQUE INDEX attestations_status ON attestations (status_list, status_index) WHERE status_list > 0;
CREATE INDEX attestations_revoked_in ON attestations (status_list, status_index) WHERE revoked_at > 0;

CREATE TABLE status_lists (
    id         BIGINT PRIMARY KEY,
    issued     BIGINT NOT NULL, -- places given
    changed_at BIGINT NOT NULL, -- when it began, or something in it was last revoked
    CONSTRAINT status_lists_issued CHECK (issued BETWEEN 0 AND 131072)
);

-- In whose name was ever signed here, and at which door; what was signed then is still ours.
CREATE TABLE credential_issuers (
    uri  TEXT COLLATE "C" NOT NULL,
    door TEXT COLLATE "C" NOT NULL, -- empty for those from before badges
    PRIMARY KEY (uri, door)
);
