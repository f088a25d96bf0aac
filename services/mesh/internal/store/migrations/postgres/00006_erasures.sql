-- +goose Up

-- Who ordered the erasure of somebody else, and why: it must be possible to answer for it. Of those who erased themselves nothing is kept.
CREATE TABLE erasure_orders (
    digest     TEXT COLLATE "C" PRIMARY KEY REFERENCES erasures (digest),
    ordered_by TEXT COLLATE "C" NOT NULL, -- empty once that person was erased too
    reason     TEXT COLLATE "C" NOT NULL
);
