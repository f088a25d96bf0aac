-- +goose Up

-- One writer: the order of ids is that of commits, so the outbox is read by its own rows and needs no order besides.
DROP INDEX outbox_order;
