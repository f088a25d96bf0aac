-- +goose Up

-- SQLite loses an index here, which PostgreSQL reads by. Both engines count the same versions, so that data can move from one to the other.
SELECT 1;
