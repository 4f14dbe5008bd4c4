-- Cases that a group of deliveries gave something to do, and whose jobs are
-- not inserted yet: a list of [repository, issue] in JSON.
CREATE TABLE IF NOT EXISTS wake (
    id {{.Serial}},
    cases text NOT NULL
);
