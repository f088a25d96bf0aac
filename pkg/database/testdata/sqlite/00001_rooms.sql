-- +goose Up
CREATE TABLE rooms (
    id    TEXT    PRIMARY KEY,
    place TEXT    NOT NULL,
    name  TEXT    NOT NULL,
    taken INTEGER NOT NULL DEFAULT 0,
    seats INTEGER NOT NULL DEFAULT 10,
    UNIQUE (place, name),
    CONSTRAINT rooms_seats CHECK (taken <= seats)
) STRICT;
CREATE TABLE chairs (
    id   INTEGER PRIMARY KEY,
    room TEXT NOT NULL REFERENCES rooms (id)
) STRICT;
