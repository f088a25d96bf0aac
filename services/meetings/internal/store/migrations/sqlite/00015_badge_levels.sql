-- +goose Up

-- Badges by category and level. A claim is somebody's own positioning; peers recognise it; the badge is issued with the recognition that
-- makes them enough. One open claim, and one badge that holds, by person, category and level.
CREATE TABLE badge_claims (
    id           TEXT PRIMARY KEY,
    person_id    TEXT NOT NULL,
    category     INTEGER NOT NULL CONSTRAINT badge_claims_category CHECK (category BETWEEN 1 AND 4),
    level        INTEGER NOT NULL CONSTRAINT badge_claims_level CHECK (level BETWEEN 1 AND 4),
    words        TEXT NOT NULL,
    name_shared  INTEGER NOT NULL,
    commune_code TEXT NOT NULL, -- of the first meeting that shows it
    state        INTEGER NOT NULL CONSTRAINT badge_claims_state CHECK (state BETWEEN 1 AND 3),
    badge_id     TEXT NOT NULL DEFAULT '', -- empty until it is issued
    version      INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    ended_at     INTEGER NOT NULL DEFAULT 0, -- 0 while it is open
    CONSTRAINT badge_claims_ended CHECK ((state = 1) = (ended_at = 0) AND (state = 2) = (badge_id <> ''))
) STRICT;
CREATE UNIQUE INDEX badge_claims_person_id_category_level_key ON badge_claims (person_id, category, level) WHERE state = 1;
CREATE INDEX badge_claims_person ON badge_claims (person_id, created_at, id);

CREATE TABLE badge_evidence (
    claim_id       TEXT NOT NULL REFERENCES badge_claims (id),
    attestation_id TEXT NOT NULL REFERENCES attestations (id),
    PRIMARY KEY (claim_id, attestation_id)
) STRICT;

-- Who has recognised which claim. Two people recognise each other's level in one direction only: their pair is there once.
CREATE TABLE badge_recognitions (
    claim_id   TEXT NOT NULL REFERENCES badge_claims (id),
    peer_id    TEXT NOT NULL,
    person_id  TEXT NOT NULL, -- the claimant
    category   INTEGER NOT NULL,
    level      INTEGER NOT NULL,
    one        TEXT NOT NULL, -- the two of them, in the order of their ids
    other      TEXT NOT NULL,
    meeting_id TEXT NOT NULL, -- at which both were
    sentence   TEXT NOT NULL,
    live       INTEGER NOT NULL, -- 0 once the badge was revoked
    created_at INTEGER NOT NULL,
    PRIMARY KEY (claim_id, peer_id),
    CONSTRAINT badge_recognitions_pair CHECK (one < other AND (one = peer_id OR other = peer_id) AND (one = person_id OR other = person_id) AND peer_id <> person_id)
) STRICT;
CREATE UNIQUE INDEX badge_recognitions_category_level_one_other_key ON badge_recognitions (category, level, one, other) WHERE live = 1;

CREATE TABLE badges (
    id              TEXT PRIMARY KEY,
    claim_id        TEXT NOT NULL UNIQUE REFERENCES badge_claims (id),
    person_id       TEXT NOT NULL,
    category        INTEGER NOT NULL,
    level           INTEGER NOT NULL,
    peers           INTEGER NOT NULL,
    commune_code    TEXT NOT NULL,
    credential      TEXT NOT NULL,
    credential_json TEXT NOT NULL,
    status_list     INTEGER NOT NULL,
    status_index    INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    revoked_at      INTEGER NOT NULL DEFAULT 0, -- 0 unless it is
    revoked_by      TEXT NOT NULL DEFAULT '',
    revoke_reason   TEXT NOT NULL DEFAULT '',
    UNIQUE (status_list, status_index),
    CONSTRAINT badges_revoked CHECK ((revoked_at > 0) = (revoke_reason <> '') AND (revoked_at > 0) = (revoked_by <> ''))
) STRICT;
CREATE UNIQUE INDEX badges_person_id_category_level_key ON badges (person_id, category, level) WHERE revoked_at = 0;
CREATE INDEX badges_person ON badges (person_id, created_at, id);
