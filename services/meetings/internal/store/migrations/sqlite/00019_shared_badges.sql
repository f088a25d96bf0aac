-- +goose Up

-- The badges in a share; as with attestations, without a reference to them.
CREATE TABLE shared_badges (
    share_id TEXT NOT NULL REFERENCES attestation_shares (id) ON DELETE CASCADE,
    badge_id TEXT NOT NULL,
    PRIMARY KEY (share_id, badge_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX shared_badges_badge ON shared_badges (badge_id);
