-- +goose Up

-- Which competences of the CRCN a module works on: their numbers, with a space between each.
ALTER TABLE modules ADD COLUMN competences TEXT NOT NULL DEFAULT '';
