-- +goose Up

-- Who ordered the erasure of somebody else, and why: it must be possible to answer for it. Of those who erased themselves nothing is kept.
CREATE TABLE erasure_orders (
    digest     TEXT PRIMARY KEY REFERENCES erasures (digest),
    ordered_by TEXT NOT NULL, -- empty once that person was erased too
    reason     TEXT NOT NULL
) STRICT;
