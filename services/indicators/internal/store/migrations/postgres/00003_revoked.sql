-- +goose Up

-- A revoked attestation counts for nobody.
ALTER TABLE attestations ADD COLUMN revoked BIGINT NOT NULL DEFAULT 0;
