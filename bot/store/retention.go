package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

const (
	forgetCases = 20 // requests that one transaction forgets, so that others can write between
	forgetRows  = 50 // requests whose old rows one transaction deletes
)

// retentionMigration adds what forgetting needs. forgotten is when a request
// was: of the row that stays in its place it says that what happened before
// does nothing. pseudonym is the author by a key outside of the database, "" for
// nobody.
func retentionMigration() migrate.Migration {
	return migrate.Migration{
		Name: "20261125000001", Comment: "retention",
		Up: func(ctx context.Context, m *migrate.Migrator, _ *migrate.Migration) error {
			return m.DB().RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
				for _, c := range []column{
					{"cases", "forgotten", "bigint NOT NULL DEFAULT 0"},
					{"cases", "pseudonym", "text NOT NULL DEFAULT ''"},
				} {
					if err := c.add(ctx, tx); err != nil {
						return err
					}
				}
				for _, statement := range []string{
					`CREATE INDEX IF NOT EXISTS cases_over ON cases (ended) WHERE ended > 0 AND issue > 0`,
					`CREATE INDEX IF NOT EXISTS cases_strange ON cases (newest_seen) WHERE ended = 0 AND issue > 0 AND author_id <> 0`,
					`CREATE INDEX IF NOT EXISTS cases_author ON cases (author_id) WHERE author_id <> 0`,
					`CREATE INDEX IF NOT EXISTS delivery_done ON delivery (done_at) WHERE done_at > 0`,
					`CREATE INDEX IF NOT EXISTS outbox_done ON outbox (done_at) WHERE done_at > 0`,
				} {
					if _, err := tx.NewRaw(statement).Exec(ctx); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}

// Forget takes requests, then the issues that are none, then rows, each in
// transactions of a few.
func (s *Store) Forget(ctx context.Context, r bot.Retention, now time.Time) (bot.Forgot, error) {
	var done bot.Forgot
	var err error
	if done.Cases, err = s.forgetAll(ctx, over(now.Add(-r.Cases), now), now); err != nil {
		return done, err
	}
	if done.Strangers, err = s.forgetAll(ctx, strange(now.Add(-r.Cases), now), now); err != nil {
		return done, err
	}
	cut := now.Add(-r.Deliveries)
	if done.Deliveries, err = s.deleteOld(ctx, "delivery", oldRows{cut: cut, now: now}); err != nil {
		return done, err
	}
	done.Effects, err = s.deleteOld(ctx, "outbox", oldRows{cut: cut, now: now})
	return done, err
}

// idle are the cases c with nothing to do. Where nothing can be done in a
// repository, what waits there is old as well.
const idle = `(EXISTS (SELECT 1 FROM repository AS r WHERE r.id = c.repository AND r.state NOT IN ('', 'active'))
	OR NOT EXISTS (SELECT 1 FROM delivery AS d WHERE d.case_id = c.id AND d.done_at = 0)
	AND NOT EXISTS (SELECT 1 FROM outbox AS o WHERE o.case_id = c.id AND o.done_at = 0))`

// over leaves the requests that ended at cut or before. One that is in shadow
// may not have ended at all.
func over(cut, now time.Time) filter {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("c.ended > 0 AND c.issue > 0 AND c.ended <= ? AND NOT c.shadow", stamp(cut)).
			Where(idle).Where(caughtUp(now)).Limit(forgetCases)
	}
}

// strange leaves the issues that are no requests, with an author, at which
// nothing was seen since cut.
func strange(cut, now time.Time) filter {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("c.ended = 0 AND c.issue > 0 AND c.author_id <> 0 AND c.newest_seen <= ?", stamp(cut)).
			Where("c.state NOT IN (?)", bun.List(openStates())).Where(nothingKept).
			Where(idle).Where(caughtUp(now)).Limit(forgetCases)
	}
}

// forgetAll forgets the cases that pick leaves, page by page.
func (s *Store) forgetAll(ctx context.Context, pick filter, now time.Time) (int, error) {
	for all := 0; ; {
		n := 0
		err := s.change(ctx, "forgetting requests", func(tx *txn) error {
			ids, err := s.lockCases(ctx, tx, pick)
			if err != nil {
				return err
			}
			n = len(ids)
			return s.forgetThese(ctx, tx, ids, oblivion{now: now, key: s.pseudonyms, what: "forgotten", because: "kept-long-enough"})
		})
		if err != nil {
			return all, err
		}
		if all += n; n < forgetCases {
			return all, nil
		}
	}
}

// oblivion says how a case is forgotten.
type oblivion struct {
	now     time.Time
	key     []byte // of the pseudonym that stays; nil: none does
	what    string // the word for the act in the audit log
	because string // and for its reason
}

// forgetThese forgets cases whose locks are held. The audit rows come last: so
// does the lock of the log.
func (s *Store) forgetThese(ctx context.Context, tx *txn, ids []int64, o oblivion) error {
	if len(ids) == 0 {
		return nil
	}
	var rows []caseRow
	if err := tx.NewSelect().Model(&rows).Where("c.id IN (?)", bun.List(ids)).Order("c.repository", "c.issue").Scan(ctx); err != nil {
		return fmt.Errorf("reading what is to be forgotten: %w", err)
	}
	var told []auditRow
	for i := range rows {
		row, err := s.forgetCase(ctx, tx, &rows[i], o)
		if err != nil {
			return err
		}
		if row != nil {
			told = append(told, *row)
		}
	}
	for _, row := range told {
		if err := addAuditRow(ctx, tx, row); err != nil {
			return err
		}
	}
	return nil
}

// forgetCase leaves of a request a row for the audit log, which names nothing
// but what is in closed, and in its place an issue of which nothing is known. It
// returns the audit row to add; nil where the log does not tell of it.
func (s *Store) forgetCase(ctx context.Context, tx *txn, c *caseRow, o oblivion) (*auditRow, error) {
	m, err := c.unpretend()
	if err != nil {
		return nil, err
	}
	for _, table := range ofRequests() {
		if _, err := tx.NewRaw(`DELETE FROM ? WHERE case_id = ?`, bun.Ident(table), c.ID).Exec(ctx); err != nil {
			return nil, fmt.Errorf("deleting from %s: %w", table, err)
		}
	}
	logged, err := tx.NewSelect().Table("audit").Where("case_uid = ?", c.UID).Exists(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking for a case in the audit log: %w", err)
	}
	if !logged {
		return nil, clearPlace(ctx, tx, c, o.now)
	}
	if err := s.archive(ctx, tx, c, o); err != nil {
		return nil, err
	}
	return forgotten(c, m, o)
}

// ofRequests are the tables of which a request that is forgotten leaves nothing.
func ofRequests() []string {
	return []string{"delivery", "outbox", "comment", "seen_command", "objection", "shadow"}
}

// nothingToTell are the columns by which a person can be found, and those that
// mean nothing without them, as they are in a row of which nothing is known.
const nothingToTell = `author_id = 0, number = 0, last_write = 0, overdue = 0, wake_at = 0, replied = FALSE,
	desk_repository = 0, desk_issue = 0, desk_number = 0, desk_reposts = 0,
	registry = '', account = '', shadow = FALSE, kept = '', version = version + 1`

// clearPlace makes of a row one of which nothing is known.
func clearPlace(ctx context.Context, tx *txn, c *caseRow, now time.Time) error {
	left := caseRow{}
	if err := left.remember(placeOf(policy.State(c.State))); err != nil {
		return err
	}
	_, err := tx.NewUpdate().Table("cases").
		Set(nothingToTell).Set("turn = '', kind = '', since = 0, queued = 0, ended = 0").
		Set("memory = ?, state = ?, forgotten = ?, pseudonym = ''", left.Memory, left.State, closing(now)).
		Where("id = ?", c.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("forgetting an issue: %w", err)
	}
	return nil
}

// placeOf is what is remembered in the place of a request that was forgotten:
// that staff took the issue out of the queue. All else begins anew.
func placeOf(s policy.State) policy.Memory {
	if s == policy.Ignored {
		return policy.Memory{State: policy.Ignored}
	}
	return policy.Memory{}
}

// archive moves a case out of its place, without its key, and puts a new row
// there.
func (s *Store) archive(ctx context.Context, tx *txn, c *caseRow, o oblivion) error {
	m, err := c.recall()
	if err != nil {
		return err
	}
	kept := caseRow{}
	if err := kept.remember(closed(m)); err != nil {
		return err
	}
	_, err = tx.NewUpdate().Table("cases").
		Set("issue = -id, secret = ?, newest_seen = 0", []byte{}).Set(nothingToTell).
		Set("memory = ?, state = ?, turn = ?, kind = ?", kept.Memory, kept.State, kept.Turn, kept.Kind).
		Set("since = ?, queued = ?, ended = ?", kept.Since, kept.Queued, kept.Ended).
		Set("forgotten = ?, pseudonym = ?", closing(o.now), pseudonym(o.key, c.AuthorID)).
		Where("id = ?", c.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("forgetting a request: %w", err)
	}
	return s.keepPlace(ctx, tx, c, o.now)
}

// keepPlace inserts the row in the place of a request. That the issue is known,
// and how new, spares a pass to look at it.
func (s *Store) keepPlace(ctx context.Context, tx *txn, c *caseRow, now time.Time) error {
	ref := c.ref()
	ref.Number = 0
	place, err := s.newCase(bot.Delivery{Ref: ref, Private: c.Private})
	if err != nil {
		return err
	}
	if err := place.remember(placeOf(policy.State(c.State))); err != nil {
		return err
	}
	place.NewestSeen = max(c.NewestSeen, c.LastWrite)
	if _, err := tx.NewInsert().Model(place).Returning("id").Exec(ctx); err != nil {
		return fmt.Errorf("keeping the place of a request: %w", err)
	}
	_, err = tx.NewRaw(`UPDATE cases SET forgotten = ? WHERE repository = ? AND issue = ?`,
		closing(now), c.Repository, c.Issue).Exec(ctx)
	if err != nil {
		return fmt.Errorf("marking the place of a request: %w", err)
	}
	return nil
}

// pseudonym is a person by a key that is not in the database: "" without one.
func pseudonym(key []byte, author int64) string {
	if len(key) == 0 || author == 0 {
		return ""
	}
	return keyed(key, "author", strconv.FormatInt(author, 10))
}

// closed is what is kept of a request that was forgotten: words of closed sets,
// numbers of acts, and times.
func closed(m policy.Memory) policy.Memory {
	return policy.Memory{
		State: m.State, Kind: m.Kind, Since: m.Since, Queued: m.Queued, Ended: m.Ended,
		Reopened: m.Reopened, Denials: m.Denials, Policy: m.Policy,
	}
}

// forgotten is the audit row which tells that a request was forgotten. It has
// no keyed hashes: there is no key any more.
func forgotten(c *caseRow, m policy.Memory, o oblivion) (*auditRow, error) {
	reasons, err := json.Marshal([]policy.Reason{{Code: o.because}})
	if err != nil {
		return nil, fmt.Errorf("encoding the reasons: %w", err)
	}
	state := word(m.State)
	return &auditRow{
		At: stamp(o.now), CaseUID: c.UID, Action: fmt.Sprintf("%s: %s -> %s", o.what, state, state),
		Reasons: string(reasons), Policy: m.Policy,
	}, nil
}

// beforeForgetting reports whether a delivery tells of a time that the place
// of its case has forgotten. What was said then was heard then: it does nothing.
func beforeForgetting(ctx context.Context, db bun.IDB, c bot.Case, r *deliveryRow) (bool, error) {
	begun := c.Memory.State != policy.None && c.Memory.State != policy.Ignored
	if begun && !r.creates() || r.ObjectUpdatedAt == 0 {
		return false, nil // the comment may be one of since then, and what has no time is of now
	}
	old, err := db.NewSelect().Table("cases").Where("id = ? AND forgotten >= ?", r.CaseID, r.ObjectUpdatedAt).
		Where("forgotten > 0").Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("reading what was forgotten: %w", err)
	}
	return old, nil
}

// oldRows says what is deleted.
type oldRows struct{ cut, now time.Time }

// deleteOld deletes the rows of a table, delivery or outbox, that were done at
// cut or before, of a few cases at a time. Of the effects of a case a later one
// stays as long as an earlier: it says that the earlier must not be made again.
// A delivery that is opened again at the end of the shadow is not done.
func (s *Store) deleteOld(ctx context.Context, table string, o oldRows) (int, error) {
	const none = `NOT EXISTS (SELECT 1 FROM outbox AS e WHERE e.case_id = t.case_id AND e.seq < t.seq AND (e.done_at = 0 OR e.done_at > ?))`
	deletable := func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.TableExpr("? AS t", bun.Ident(table)).Where("t.done_at > 0 AND t.done_at <= ?", stamp(o.cut))
		switch table {
		case "outbox":
			q = q.Where(none, stamp(o.cut))
		case "delivery": // who was adopted, is so once
			q = q.Where("t.event <> 'adopt'").
				Where("NOT (t.shadow AND EXISTS (SELECT 1 FROM cases AS c WHERE c.id = t.case_id AND NOT " + nothingKept + "))")
		}
		return q
	}
	all := 0
	for last := int64(0); ; {
		var ids []int64
		err := s.change(ctx, "deleting what was done long ago", func(tx *txn) error {
			ids = nil
			err := deletable(tx.NewSelect()).ColumnExpr("DISTINCT t.case_id").Join("JOIN cases AS c ON c.id = t.case_id").
				Where("t.case_id > ?", last).Where(caughtUp(o.now)).OrderExpr("t.case_id").Limit(forgetRows).Scan(ctx, &ids)
			if err != nil || len(ids) == 0 {
				return err
			}
			_, err = s.lockCases(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("c.id IN (?)", bun.List(ids)) })
			if err != nil {
				return err
			}
			old := deletable(tx.NewSelect()).Column("t.id").Where("t.case_id IN (?)", bun.List(ids))
			res, err := tx.NewDelete().Table(table).Where("id IN (?)", old).Exec(ctx)
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			all += int(n)
			return err
		})
		if err != nil || len(ids) < forgetRows {
			return all, err
		}
		last = ids[len(ids)-1]
	}
}
