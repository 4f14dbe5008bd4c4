package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// ErrUnderWay means that something about a person is still being done, so that
// nothing was erased.
var ErrUnderWay = errors.New("something is still to be done")

// Obstacles are the requests that must end before a person can be erased:
// their own that are open, and open ones of others that rest on their word as
// staff. nil: nothing is in the way.
func (h Holdings) Obstacles() []bot.Ref {
	var all []bot.Ref
	for _, r := range h.Requests {
		if r.Memory.State.Open() || r.Kept.State.Open() {
			all = append(all, r.Ref)
		}
	}
	for _, m := range h.Mentions {
		if m.Open && m.What != "objection" {
			all = append(all, m.Request)
		}
	}
	return all
}

// Erase takes away all by which the user of an id can be found, but for rows of
// the audit log, in one transaction: their requests are forgotten, without
// a pseudonym, and in those of others a number below 0 stands for them, which
// tells them from everybody else there. It returns what was there. With
// ErrUnderWay nothing was erased: there are Obstacles, or a delivery or an
// effect waits. What is erased already is not there any more.
//
// The database itself may still have the bytes in places that it does not use:
// see Scrub.
func (s *Store) Erase(ctx context.Context, user int64, now time.Time) (Holdings, error) {
	var h Holdings
	err := s.change(ctx, "erasing a person", func(tx *txn) (err error) {
		if err := s.lockPerson(ctx, tx, user); err != nil {
			return err
		}
		if h, err = s.holdings(ctx, tx, user); err != nil {
			return err
		}
		busy, err := unsettled(ctx, tx, h)
		if err != nil {
			return err
		}
		if busy || h.underWay() {
			return ErrUnderWay
		}
		if err := renameAll(ctx, tx, h.Mentions, user); err != nil {
			return err
		}
		_, err = tx.NewRaw(`UPDATE delivery SET sender_id = CASE WHEN sender_id = ? THEN 0 ELSE sender_id END,
			author_id = CASE WHEN author_id = ? THEN 0 ELSE author_id END, comment_sha256 = '', leaks = '', offer = FALSE
			WHERE sender_id = ? OR author_id = ?`, user, user, user, user).Exec(ctx)
		if err != nil {
			return fmt.Errorf("erasing from deliveries: %w", err)
		}
		if name := pseudonym(s.pseudonyms, user); name != "" {
			if _, err := tx.NewRaw(`UPDATE cases SET pseudonym = '' WHERE pseudonym = ?`, name).Exec(ctx); err != nil {
				return fmt.Errorf("erasing pseudonyms: %w", err)
			}
		}
		ids := make([]int64, 0, len(h.Requests))
		for _, r := range h.Requests {
			ids = append(ids, r.id)
		}
		return s.forgetThese(ctx, tx, ids, oblivion{now: now, what: "erased", because: "erased-by-operator"})
	})
	return h, err
}

// lockPerson holds the locks of all cases in which a user may be named.
func (s *Store) lockPerson(ctx context.Context, tx *txn, user int64) error {
	_, err := s.lockCases(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where(`(c.author_id = ? OR c.memory LIKE ? OR c.kept LIKE ? OR c.id IN (SELECT case_id FROM delivery WHERE sender_id = ? OR author_id = ?))`,
			user, like(user), like(user), user, user)
	})
	return err
}

// unsettled reports whether something is still to be written where others are
// told of a user.
func unsettled(ctx context.Context, tx *txn, h Holdings) (bool, error) {
	for _, m := range h.Mentions {
		open, err := tx.NewSelect().Table("outbox").Where("case_id = ? AND done_at = 0", m.id).Exists(ctx)
		if err != nil || open {
			return open, described("looking for what is to be written", err)
		}
	}
	return false, nil
}

func (h Holdings) underWay() bool {
	return len(h.Obstacles()) > 0 ||
		slices.ContainsFunc(h.Requests, func(r Held) bool { return !r.idle }) ||
		slices.ContainsFunc(h.Elsewhere, func(a Arrived) bool { return !a.Done })
}

// renameAll puts a number that tells nothing in the place of a user, in the
// memories of other people's requests, and deletes what was written there that
// may name them.
func renameAll(ctx context.Context, tx *txn, all []Mention, user int64) error {
	done := map[int64]bool{}
	for _, m := range all {
		if done[m.id] {
			continue
		}
		done[m.id] = true
		var c caseRow
		if err := byID(m.id)(tx.NewSelect().Model(&c)).Scan(ctx); err != nil {
			return fmt.Errorf("reading a request: %w", err)
		}
		if err := rename(ctx, tx, &c, user); err != nil {
			return err
		}
	}
	return nil
}

func rename(ctx context.Context, tx *txn, c *caseRow, user int64) error {
	hidden := hiddenID(c.Secret, user)
	for _, memory := range []*string{&c.Memory, &c.Kept} {
		if err := renameIn(memory, user, hidden); err != nil {
			return err
		}
	}
	_, err := tx.NewRaw(`UPDATE cases SET memory = ?, kept = ?, version = version + 1 WHERE id = ?`, c.Memory, c.Kept, c.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("renaming a person in a request: %w", err)
	}
	_, err = tx.NewRaw(`UPDATE objection SET author = ? WHERE author = ? AND case_id = ?`, hidden, user, c.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("renaming who objects: %w", err)
	}
	if _, err = tx.NewRaw(`DELETE FROM outbox WHERE case_id = ?`, c.ID).Exec(ctx); err != nil {
		return fmt.Errorf("deleting what was written: %w", err)
	}
	return nil
}

// renameIn puts another number in the place of a user in a memory as it is
// stored; "" is none.
func renameIn(memory *string, user, hidden int64) error {
	if *memory == "" {
		return nil
	}
	c := caseRow{Memory: *memory}
	m, err := c.recall()
	if err != nil {
		return err
	}
	for _, id := range m.People() {
		if *id == user {
			*id = hidden
		}
	}
	m.Digests = withoutDesk(m)
	err = c.remember(m)
	*memory = c.Memory
	return err
}

// withoutDesk forgets what was written at the desk, which names people, so that
// the next decision writes it anew. There is an issue, with an older text.
func withoutDesk(m policy.Memory) map[string]string {
	if m.Digests["desk"] != "" {
		m.Digests["desk"] = "lost"
	}
	return m.Digests
}

// Scrub lets the database give up what it has deleted: of an SQLite file no
// byte of it is left, nor in its write-ahead log. It takes as long as a copy,
// and as much room; nobody writes meanwhile. PostgreSQL is told that the room is
// free: what lies there is overwritten in time.
func (s *Store) Scrub(ctx context.Context) error {
	return described("cleaning the database", s.engine.scrub(ctx))
}

func (e *lite) scrub(ctx context.Context) error {
	if _, err := e.db.ExecContext(ctx, `VACUUM`); err != nil {
		return err
	}
	var busy, frames, moved int
	if err := e.db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &frames, &moved); err != nil {
		return err
	}
	if busy != 0 {
		return fmt.Errorf("%w: a reader holds the write-ahead log", ErrUnderWay)
	}
	return nil
}

func (e *postgres) scrub(ctx context.Context) error {
	_, err := e.pool.Exec(ctx, `VACUUM cases, delivery, outbox, comment, seen_command, objection, shadow`)
	return err
}
