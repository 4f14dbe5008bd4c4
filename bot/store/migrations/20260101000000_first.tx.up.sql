-- Times are microseconds since 1970 UTC, 0 is none. Every statement may be
-- repeated.

-- A request. memory is the truth; state, turn, kind, since, queued, wake_at
-- and replied are copies for queries, written with it and never read back.
CREATE TABLE IF NOT EXISTS cases (
    id {{.Serial}},
    repository bigint NOT NULL,
    issue bigint NOT NULL,
    installation bigint NOT NULL,
    owner text NOT NULL,
    name text NOT NULL,
    number bigint NOT NULL,
    private boolean NOT NULL,
    author_id bigint NOT NULL,
    uid text NOT NULL UNIQUE,
    secret {{.Bytes}} NOT NULL,
    memory text NOT NULL DEFAULT '{}',
    version bigint NOT NULL DEFAULT 0,
    newest_seen bigint NOT NULL DEFAULT 0,
    last_write bigint NOT NULL DEFAULT 0,
    overdue bigint NOT NULL DEFAULT 0,
    state text NOT NULL DEFAULT '',
    turn text NOT NULL DEFAULT '',
    kind text NOT NULL DEFAULT '',
    since bigint NOT NULL DEFAULT 0,
    queued bigint NOT NULL DEFAULT 0,
    wake_at bigint NOT NULL DEFAULT 0,
    replied boolean NOT NULL DEFAULT FALSE,
    UNIQUE (repository, issue)
);
--bun:split
CREATE INDEX IF NOT EXISTS cases_wake ON cases (wake_at) WHERE wake_at > 0;
--bun:split
CREATE INDEX IF NOT EXISTS cases_state ON cases (state);
--bun:split
CREATE INDEX IF NOT EXISTS cases_replied ON cases (id) WHERE replied;
--bun:split
CREATE INDEX IF NOT EXISTS cases_number ON cases (number);
--bun:split

-- The inbox.
CREATE TABLE IF NOT EXISTS delivery (
    id {{.Serial}},
    guid text UNIQUE,
    digest text UNIQUE,
    case_id bigint NOT NULL REFERENCES cases (id),
    event text NOT NULL,
    action text NOT NULL,
    author_id bigint NOT NULL,
    object_id bigint NOT NULL,
    object_updated_at bigint NOT NULL,
    private boolean NOT NULL,
    sender_id bigint NOT NULL,
    sender_bot boolean NOT NULL,
    comment_sha256 text NOT NULL,
    command boolean NOT NULL,
    received_at bigint NOT NULL,
    tries bigint NOT NULL DEFAULT 0,
    waits bigint NOT NULL DEFAULT 0,
    not_before bigint NOT NULL DEFAULT 0,
    class text NOT NULL DEFAULT '',
    done_at bigint NOT NULL DEFAULT 0,
    dead_class text NOT NULL DEFAULT ''
);
--bun:split
CREATE INDEX IF NOT EXISTS delivery_open ON delivery (case_id, object_updated_at, id) WHERE done_at = 0;
--bun:split
CREATE INDEX IF NOT EXISTS delivery_case ON delivery (case_id);
--bun:split
CREATE UNIQUE INDEX IF NOT EXISTS delivery_comment ON delivery (object_id)
    WHERE event = 'issue_comment' AND action = 'created';
--bun:split
CREATE UNIQUE INDEX IF NOT EXISTS delivery_opening ON delivery (object_id)
    WHERE event = 'issues' AND action = 'opened';
--bun:split

-- What is to be changed on GitHub. begun_at is that of the present step.
CREATE TABLE IF NOT EXISTS outbox (
    id {{.Serial}},
    installation bigint NOT NULL,
    case_id bigint NOT NULL REFERENCES cases (id),
    seq bigint NOT NULL,
    effect_key text NOT NULL,
    kind text NOT NULL,
    args text NOT NULL,
    priority bigint NOT NULL,
    decided_at bigint NOT NULL,
    step bigint NOT NULL DEFAULT 0,
    begun_at bigint NOT NULL DEFAULT 0,
    tries bigint NOT NULL DEFAULT 0,
    waits bigint NOT NULL DEFAULT 0,
    not_before bigint NOT NULL DEFAULT 0,
    class text NOT NULL DEFAULT '',
    done_at bigint NOT NULL DEFAULT 0,
    superseded boolean NOT NULL DEFAULT FALSE,
    dead_class text NOT NULL DEFAULT '',
    UNIQUE (case_id, seq)
);
--bun:split
CREATE INDEX IF NOT EXISTS outbox_open ON outbox (case_id, seq) WHERE done_at = 0;
--bun:split
CREATE INDEX IF NOT EXISTS outbox_next ON outbox (installation, priority, decided_at, id) WHERE done_at = 0;
--bun:split

-- Our comments' ids.
CREATE TABLE IF NOT EXISTS comment (
    case_id bigint NOT NULL REFERENCES cases (id),
    name text NOT NULL,
    comment_id bigint NOT NULL,
    reposts bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (case_id, name)
);
--bun:split

-- Append-only, each row hashed with the one before. subject and account are
-- keyed hashes; the keys are in cases.
CREATE TABLE IF NOT EXISTS audit (
    seq bigint PRIMARY KEY,
    at bigint NOT NULL,
    case_uid text NOT NULL,
    actor bigint NOT NULL,
    action text NOT NULL,
    reasons text NOT NULL,
    policy text NOT NULL,
    subject text NOT NULL,
    account text NOT NULL,
    prev text NOT NULL,
    hash text NOT NULL
);
--bun:split
CREATE INDEX IF NOT EXISTS audit_case ON audit (case_uid, seq);
--bun:split

-- The last row of audit, so that rows missing at its end are noticed.
CREATE TABLE IF NOT EXISTS audit_head (
    id bigint PRIMARY KEY,
    seq bigint NOT NULL,
    hash text NOT NULL
);
--bun:split
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '') ON CONFLICT DO NOTHING;
--bun:split

-- A command runs once per comment for the life of the case.
CREATE TABLE IF NOT EXISTS seen_command (
    comment_id bigint PRIMARY KEY,
    case_id bigint NOT NULL REFERENCES cases (id),
    outcome text NOT NULL,
    at bigint NOT NULL
);
--bun:split
CREATE TABLE IF NOT EXISTS repository (
    id bigint PRIMARY KEY,
    owner text NOT NULL,
    name text NOT NULL,
    installation bigint NOT NULL,
    private boolean NOT NULL,
    state text NOT NULL,
    mark bigint NOT NULL,
    started bigint NOT NULL,
    adoption text NOT NULL DEFAULT '',
    per_day bigint NOT NULL DEFAULT 0,
    adopted_at bigint NOT NULL DEFAULT 0,
    batch bigint NOT NULL DEFAULT 0,
    held boolean NOT NULL DEFAULT FALSE
);
--bun:split
CREATE TABLE IF NOT EXISTS repository_label (
    repository bigint NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (repository, name)
);
--bun:split

-- An installation whose writes wait.
CREATE TABLE IF NOT EXISTS installation (
    id bigint PRIMARY KEY,
    hold_until bigint NOT NULL
);
