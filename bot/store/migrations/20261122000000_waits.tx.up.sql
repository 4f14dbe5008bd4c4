-- How long requesters waited for staff, by kind, and nothing of whom. wait is
-- in microseconds, as times are.
CREATE TABLE IF NOT EXISTS waits (
    id {{.Serial}},
    kind text NOT NULL,
    wait bigint NOT NULL,
    at bigint NOT NULL
);
--bun:split
CREATE INDEX IF NOT EXISTS waits_at ON waits (at);
--bun:split

-- How far the pass over the open cases came that a new version of the policy
-- asks for: up to which case, and how many it changed. One row.
CREATE TABLE IF NOT EXISTS rewake (
    id bigint PRIMARY KEY,
    policy text NOT NULL,
    upto bigint NOT NULL,
    done boolean NOT NULL
);
--bun:split
INSERT INTO rewake (id, policy, upto, done) VALUES (1, '', 0, FALSE) ON CONFLICT DO NOTHING;
