-- +goose Up
CREATE TABLE rooms (
    id    TEXT   COLLATE "C" PRIMARY KEY,
    place TEXT   COLLATE "C" NOT NULL,
    name  TEXT   COLLATE "C" NOT NULL,
    taken BIGINT NOT NULL DEFAULT 0,
    seats BIGINT NOT NULL DEFAULT 10,
    UNIQUE (place, name),
    CONSTRAINT rooms_seats CHECK (taken <= seats)
);
CREATE TABLE chairs (
    id   BIGINT PRIMARY KEY,
    room TEXT COLLATE "C" NOT NULL REFERENCES rooms (id)
);
