-- +goose Up

ALTER TABLE interests ADD COLUMN sphere BIGINT NOT NULL DEFAULT 0; -- of the person's work; 0 when not said
CREATE INDEX interests_person ON interests (person_id, module_id) WHERE state <> 3;

-- Whoever comes back to a group has another membership. Those from before are called as the interest that brought them.
ALTER TABLE group_members ADD COLUMN id TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE group_members ADD COLUMN joined_at BIGINT NOT NULL DEFAULT 0;
UPDATE group_members SET id = interest_id, joined_at = (SELECT g.created_at FROM groups g WHERE g.id = group_members.group_id);
CREATE UNIQUE INDEX group_members_id_key ON group_members (id);

-- State 1 is sent, until expires_at at most. A group asks the same interest once, and again only after it lapsed.
CREATE TABLE invitations (
    id          TEXT COLLATE "C" PRIMARY KEY,
    group_id    TEXT COLLATE "C" NOT NULL REFERENCES groups (id),
    interest_id TEXT COLLATE "C" NOT NULL REFERENCES interests (id),
    person_id   TEXT COLLATE "C" NOT NULL,
    state       BIGINT NOT NULL,
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    ended_at    BIGINT NOT NULL, -- 0 until answered, withdrawn or lapsed
    UNIQUE (group_id, interest_id),
    CONSTRAINT invitations_state CHECK (state BETWEEN 1 AND 5 AND (state = 1) = (ended_at = 0))
);
CREATE INDEX invitations_order ON invitations (created_at, id);
CREATE INDEX invitations_person ON invitations (person_id);
CREATE INDEX invitations_interest ON invitations (interest_id);
CREATE INDEX invitations_due ON invitations (expires_at) WHERE state = 1;

-- How many a group sent on a day (UTC). Whoever invites for the group changes this row first, and so takes turns.
CREATE TABLE invitation_days (
    group_id TEXT COLLATE "C" NOT NULL REFERENCES groups (id),
    day      TEXT COLLATE "C" NOT NULL,
    sent     BIGINT NOT NULL,
    PRIMARY KEY (group_id, day),
    CONSTRAINT invitation_days_sent CHECK (sent BETWEEN 0 AND 400)
);
