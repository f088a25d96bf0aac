-- +goose Up

-- What happened, kept in the transaction of the change and published by the relay behind its cursor.
-- Rows are never marked; they stay longer than the stream's age. Times are microseconds UTC.
CREATE TABLE outbox (
    id                BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id          TEXT   COLLATE "C" NOT NULL UNIQUE,           -- UUIDv7, the Nats-Msg-Id
    epoch             BIGINT NOT NULL DEFAULT 0,                    -- rises when the database moved or was restored elsewhere
    txid              BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint), -- ids alone commit out of order
    subject           TEXT   COLLATE "C" NOT NULL,
    aggregate         TEXT   COLLATE "C" NOT NULL,
    aggregate_version BIGINT NOT NULL,
    cause             TEXT   COLLATE "C" NOT NULL DEFAULT '',
    schema            TEXT   COLLATE "C" NOT NULL,                  -- the payload's full protobuf name
    payload           BYTEA  NOT NULL,                              -- the aggregate's public state, never personal data
    traceparent       TEXT   COLLATE "C" NOT NULL DEFAULT '',
    created_at        BIGINT NOT NULL
);
CREATE INDEX outbox_order ON outbox (epoch, txid, id);

-- The relay's cursor: everything up to (epoch, txid, id) is in the stream that had stream_seq messages.
CREATE TABLE relay (
    name           TEXT   COLLATE "C" PRIMARY KEY,
    epoch          BIGINT NOT NULL DEFAULT 0,
    txid           BIGINT NOT NULL DEFAULT 0,
    id             BIGINT NOT NULL DEFAULT 0,
    system_id      TEXT   COLLATE "C" NOT NULL DEFAULT '',          -- the database cluster the cursor belongs to
    stream_created BIGINT NOT NULL DEFAULT 0,
    stream_seq     BIGINT NOT NULL DEFAULT 0
);

-- Commands that carried a request_id, and what was answered. Both are NULL only inside the transaction that runs the command.
CREATE TABLE requests (
    key         TEXT   COLLATE "C" PRIMARY KEY,                     -- hash of person, method and request_id
    fingerprint BYTEA,
    reply       BYTEA,
    created_at  BIGINT NOT NULL
);
CREATE INDEX requests_created_at ON requests (created_at);
