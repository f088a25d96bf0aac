-- +goose Up

-- What happened, kept in the transaction of the change and published by the relay behind its cursor.
-- Rows are never marked; they stay longer than the stream's age. Times are microseconds UTC.
CREATE TABLE outbox (
    id                INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice, even after the last rows were purged: it is part of the cursor
    event_id          TEXT    NOT NULL UNIQUE,           -- UUIDv7, the Nats-Msg-Id
    epoch             INTEGER NOT NULL DEFAULT 0,        -- rises when the database moved or was restored elsewhere
    txid              INTEGER NOT NULL DEFAULT 0,        -- one writer: the order of ids is the order of commits
    subject           TEXT    NOT NULL,
    aggregate         TEXT    NOT NULL,
    aggregate_version INTEGER NOT NULL,
    cause             TEXT    NOT NULL DEFAULT '',
    schema            TEXT    NOT NULL,                  -- the payload's full protobuf name
    payload           BLOB    NOT NULL,                  -- the aggregate's public state, never personal data
    traceparent       TEXT    NOT NULL DEFAULT '',
    created_at        INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_order ON outbox (epoch, txid, id);

-- The relay's cursor: everything up to (epoch, txid, id) is in the stream that had stream_seq messages.
CREATE TABLE relay (
    name           TEXT    PRIMARY KEY,
    epoch          INTEGER NOT NULL DEFAULT 0,
    txid           INTEGER NOT NULL DEFAULT 0,
    id             INTEGER NOT NULL DEFAULT 0,
    system_id      TEXT    NOT NULL DEFAULT '',          -- the database cluster the cursor belongs to
    stream_created INTEGER NOT NULL DEFAULT 0,
    stream_seq     INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Commands that carried a request_id, and what was answered. Both are NULL only inside the transaction that runs the command.
CREATE TABLE requests (
    key         TEXT    PRIMARY KEY,                     -- hash of person, method and request_id
    fingerprint BLOB,
    reply       BLOB,
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX requests_created_at ON requests (created_at);
