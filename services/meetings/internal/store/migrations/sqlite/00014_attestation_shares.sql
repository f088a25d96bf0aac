-- +goose Up

-- What holders show of their attestations, each seen by whoever holds its secret. Of the secret only a digest is kept: who reads this table
-- sees no share.
CREATE TABLE attestation_shares (
    id           TEXT PRIMARY KEY,
    person_id    TEXT NOT NULL, -- personal: the holder
    shown        INTEGER NOT NULL, -- a bit for each field
    label        TEXT NOT NULL, -- personal: the holder's own words
    structure_id TEXT NOT NULL, -- whose relays find it; empty when it is shown by its link only
    digest       TEXT NOT NULL UNIQUE, -- SHA-256, in hexadecimal
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    hidden_at    INTEGER NOT NULL -- 0 unless it is
) STRICT;
CREATE INDEX attestation_shares_person ON attestation_shares (person_id, created_at, id) WHERE hidden_at = 0;
CREATE INDEX attestation_shares_structure ON attestation_shares (structure_id, id) WHERE hidden_at = 0 AND structure_id <> '';

-- Without a reference to attestations: one that is forgotten leaves the share by itself.
CREATE TABLE shared_attestations (
    share_id       TEXT NOT NULL REFERENCES attestation_shares (id) ON DELETE CASCADE,
    attestation_id TEXT NOT NULL,
    PRIMARY KEY (share_id, attestation_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX shared_attestations_attestation ON shared_attestations (attestation_id);
