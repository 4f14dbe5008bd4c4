package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/recoverybot/recoverybot/bot"
)

const (
	uidSize    = 16 // bytes of a case's random id
	secretSize = 32 // bytes of a case's key
)

// AddDelivery keeps d, in one transaction with others that come at the same
// time. The case's names are renewed unless a newer delivery
// has told them already; what is said at the desk tells nothing of the issue.
func (s *Store) AddDelivery(ctx context.Context, d bot.Delivery) (bot.Outcome, error) {
	return s.intake.add(ctx, d)
}

// caseOf returns the case of d and holds its lock. ErrNotFound for an issue at
// a desk that no case has.
func (s *Store) caseOf(ctx context.Context, tx *txn, d bot.Delivery) (*caseRow, error) {
	if !d.Desk {
		return s.meetCase(ctx, tx, d)
	}
	c := &caseRow{}
	err := tx.NewUpdate().Model(c).Set("version = version").
		Where("desk_repository = ? AND desk_issue > 0", d.Ref.Repository).
		Where("(desk_issue = ? OR ? = 0 AND desk_number = ?)", d.Ref.Issue, d.Ref.Issue, d.Ref.Number). // a list of comments tells numbers alone
		Where("issue <> ?", digestIssue).                                                               // the digest hears no commands
		Returning("*").Scan(ctx)
	if err != nil {
		return nil, missing(err)
	}
	return c, nil
}

// meetCase inserts the case of d or renews it, and holds its lock.
func (s *Store) meetCase(ctx context.Context, tx *txn, d bot.Delivery) (*caseRow, error) {
	c, err := s.newCase(d)
	if err != nil {
		return nil, err
	}
	had := &caseRow{}
	err = tx.NewInsert().Model(c).On("CONFLICT (repository, issue) DO UPDATE").Set("version = c.version").
		Returning("*").Scan(ctx, had)
	if err != nil {
		return nil, fmt.Errorf("inserting the case: %w", err)
	}
	if had.UID == c.UID {
		return had, nil
	}
	if had.AuthorID == 0 {
		had.AuthorID = d.AuthorID
	}
	if c.NewestSeen >= had.NewestSeen {
		had.NewestSeen, had.Private = c.NewestSeen, d.Private
		had.renew(d.Ref)
	}
	return had, s.saveRef(ctx, tx, had)
}

// saveRef stores what is renewed of a case, and moves its open effects to its
// installation, where somebody drains them.
func (s *Store) saveRef(ctx context.Context, tx *txn, c *caseRow) error {
	_, err := tx.NewUpdate().Model(c).WherePK().
		Column("installation", "owner", "name", "number", "private", "author_id", "newest_seen").Exec(ctx)
	if err != nil {
		return fmt.Errorf("renewing the case: %w", err)
	}
	return s.moveEffects(ctx, tx, c)
}

// moveEffects moves the open effects of a case to its installation, where
// somebody drains them.
func (s *Store) moveEffects(ctx context.Context, tx *txn, c *caseRow) error {
	if err := lockWrites(ctx, tx, c, nil); err != nil {
		return err
	}
	res, err := tx.NewUpdate().Table("outbox").Set("installation = ?", c.Installation).
		Where("case_id = ? AND done_at = 0 AND NOT desk AND installation <> ?", c.ID, c.Installation).Exec(ctx)
	if err != nil {
		return fmt.Errorf("moving effects to another installation: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return s.wake(ctx, tx, drainArgs{Installation: c.Installation})
}

// insertDelivery inserts r unless one of the unique indexes knows it; then it
// re-arms the known one if it is dead.
func insertDelivery(ctx context.Context, tx *txn, r *deliveryRow) (bot.Outcome, error) {
	res, err := tx.NewInsert().Model(r).On("CONFLICT DO NOTHING").Returning("NULL").Exec(ctx)
	if err != nil {
		return bot.Seen, fmt.Errorf("inserting the delivery: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n > 0 {
		return bot.Added, err
	}
	return rearm(ctx, tx, r)
}

// rearm lets a delivery that is known be tried anew if it is dead.
func rearm(ctx context.Context, tx *txn, r *deliveryRow) (bot.Outcome, error) {
	res, err := twinsOf(tx, r).Set("done_at = 0, dead_class = '', tries = 0, waits = 0, not_before = 0").
		Where("dead_class <> ''").Exec(ctx)
	if err != nil {
		return bot.Seen, fmt.Errorf("re-arming the delivery: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return bot.Seen, err
	}
	return bot.Rearmed, nil
}

// twinsOf are the deliveries that are the same as r, each found by an index: SQLite
// looks through the whole inbox where one of several conditions has none.
func twinsOf(db bun.IDB, r *deliveryRow) *bun.UpdateQuery {
	return db.NewUpdate().Table("delivery").WhereGroup(" AND ", func(q *bun.UpdateQuery) *bun.UpdateQuery {
		q = q.Where("guid = ?", r.GUID).WhereOr("digest = ?", r.Digest)
		if r.creates() {
			q = q.WhereOr("object_id = ? AND event = ? AND action = ?", r.ObjectID, r.Event, r.Action)
		}
		return q
	})
}

// creates reports whether r is the creation of its object, which happens once
// whatever delivers it: the indexes delivery_comment and delivery_opening.
func (r *deliveryRow) creates() bool {
	return r.Event == "issue_comment" && r.Action == "created" || r.Event == "issues" && r.Action == "opened"
}

// PutOff lets an open delivery wait; ErrNotFound if there is none of that id.
func (s *Store) PutOff(ctx context.Context, delivery int64, p bot.Pause) error {
	return s.change(ctx, "putting a delivery off", func(tx *txn) error {
		if err := lockCaseOf(ctx, tx, delivery); err != nil {
			return err
		}
		return pause(ctx, tx.NewUpdate().Table("delivery").Where("id = ? AND done_at = 0", delivery), p)
	})
}

// lockCaseOf holds the lock of a delivery's case; nothing if it has none.
func lockCaseOf(ctx context.Context, tx *txn, delivery int64) error {
	_, err := tx.NewUpdate().Table("cases").Set("version = version").
		Where("id = (SELECT case_id FROM delivery WHERE id = ?)", delivery).Exec(ctx)
	if err != nil {
		return fmt.Errorf("locking the case: %w", err)
	}
	return nil
}

// pause makes the row of q wait.
func pause(ctx context.Context, q *bun.UpdateQuery, p bot.Pause) error {
	q = q.Set("not_before = ?", stamp(p.Until)).Set("class = ?", p.Class)
	switch {
	case p.Idle:
	case p.Counted:
		q = q.Set("tries = tries + 1")
	default:
		q = q.Set("waits = waits + 1")
	}
	res, err := q.Exec(ctx)
	return touched(res, err, bot.ErrNotFound)
}

// Bury ends an open delivery; ErrNotFound if there is none of that id.
func (s *Store) Bury(ctx context.Context, delivery int64, class string, now time.Time) error {
	return s.change(ctx, "burying a delivery", func(tx *txn) error {
		if err := lockCaseOf(ctx, tx, delivery); err != nil {
			return err
		}
		res, err := tx.NewUpdate().Table("delivery").
			Set("done_at = ?", closing(now)).Set("dead_class = ?", deadClass(class)).Set("tries = tries + 1").
			Where("id = ? AND done_at = 0", delivery).Exec(ctx)
		return touched(res, err, bot.ErrNotFound)
	})
}

// deadClass is never empty: that is what tells the dead from the done.
func deadClass(class string) string {
	if class == "" {
		return "dead"
	}
	return class
}
