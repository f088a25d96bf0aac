-- +goose Up

-- A revoked attestation counts for nobody.
ALTER TABLE attestations ADD COLUMN revoked INTEGER NOT NULL DEFAULT 0;
