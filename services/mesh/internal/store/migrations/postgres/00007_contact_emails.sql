-- +goose Up

-- Somebody types the address at which they are written to: who that is, is found without reading all contacts.
CREATE INDEX contacts_email ON contacts (lower(email));
