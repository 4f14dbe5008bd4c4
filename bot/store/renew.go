package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// Renew moves what is open for the repository to its installation, and wakes
// it when there is something to be done there again.
func (s *Store) Renew(ctx context.Context, r bot.Repository, now time.Time) (bot.Repository, error) {
	var was bot.Repository
	err := s.change(ctx, "renewing a repository", func(tx *txn) error {
		q := tx.NewUpdate().Table("repository").Set("looked_at = ?", closing(now)).Where("id = ?", r.ID)
		res, err := q.Exec(ctx) // takes the lock
		if err := touched(res, err, bot.ErrNotFound); err != nil {
			return err
		}
		if was, err = loadRepository(ctx, tx, r.ID); err != nil {
			return err
		}
		is := r.State // not r itself: this may run again, and find another state
		if is == bot.StateRemoved && was.State == bot.StateGone {
			is = bot.StateGone // both look the same from outside
		}
		if r.Owner != "" {
			if err := s.rename(ctx, tx, r); err != nil {
				return err
			}
		}
		return s.turn(ctx, tx, turning{was: was, is: is, now: now})
	})
	if err != nil {
		return was, err
	}
	return was, s.wakeRepository(ctx, r.ID)
}

// rename stores names, installation and visibility, of the requests, too.
func (s *Store) rename(ctx context.Context, tx *txn, r bot.Repository) error {
	_, err := tx.NewUpdate().Table("repository").
		Set("owner = ?, name = ?", r.Owner, r.Name).
		Set("installation = ?, private = ?", r.Installation, r.Private).
		Where("id = ?", r.ID).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = tx.NewUpdate().Table("cases").
		Set("owner = ?, name = ?", r.Owner, r.Name).
		Set("installation = ?, private = ?, version = version + 1", r.Installation, r.Private).
		Where("repository = ? AND (installation <> ? OR owner <> ? OR name <> ? OR private <> ?)",
			r.ID, r.Installation, r.Owner, r.Name, r.Private).
		Where("issue <> ?", digestIssue).Exec(ctx)
	if err != nil {
		return fmt.Errorf("renewing the cases of a repository: %w", err)
	}
	if err := s.moveWrites(ctx, tx, r); err != nil {
		return fmt.Errorf("moving effects to another installation: %w", err)
	}
	return s.moveDesk(ctx, tx, r)
}

// moveWrites moves what is open on the requests of a repository to its
// installation.
func (s *Store) moveWrites(ctx context.Context, tx *txn, r bot.Repository) error {
	astray := func(q bun.QueryBuilder) bun.QueryBuilder {
		return q.Where("done_at = 0 AND NOT desk AND installation <> ?", r.Installation).
			Where("case_id IN (SELECT c.id FROM cases AS c WHERE c.repository = ?)", r.ID)
	}
	var ids []int64
	err := tx.NewSelect().Table("outbox").Distinct().Column("installation").ApplyQueryBuilder(astray).Scan(ctx, &ids)
	if err != nil || len(ids) == 0 {
		return err
	}
	if err := lockInstallations(ctx, tx, append(ids, r.Installation)); err != nil {
		return err
	}
	_, err = tx.NewUpdate().Table("outbox").Set("installation = ?", r.Installation).ApplyQueryBuilder(astray).Exec(ctx)
	return err
}

// turning is what becomes of a repository's state.
type turning struct {
	was bot.Repository
	is  string
	now time.Time
}

// turn begins or ends an outage.
func (s *Store) turn(ctx context.Context, tx *txn, t turning) error {
	if t.was.State == t.is {
		return nil
	}
	_, err := tx.NewUpdate().Table("repository").Set("state = ?", t.is).Where("id = ?", t.was.ID).Exec(ctx)
	if err != nil {
		return err
	}
	if t.is != bot.StateActive {
		if !t.was.Active() {
			return nil
		}
		return t.begin(ctx, tx)
	}
	_, err = tx.NewRaw(`UPDATE outage SET ended = ? WHERE repository = ? AND ended = 0`, stamp(t.now), t.was.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("storing the end of an outage: %w", err)
	}
	_, err = tx.NewUpdate().Table("repository").Set("behind = TRUE, pass_at = "+atOnce+", pass_every = 0").Where("id = ?", t.was.ID).Exec(ctx)
	if err != nil {
		return err
	}
	return s.wake(ctx, tx, passArgs{})
}

// lookAgain is when a repository is looked at again in which nothing can be
// done since a moment ago: GitHub may have answered wrongly, once.
const lookAgain = 5 * time.Minute

// begin stores the beginning of an outage.
func (t turning) begin(ctx context.Context, tx *txn) error {
	soon := stamp(t.now.Add(lookAgain))
	_, err := tx.NewUpdate().Table("repository").Set("pass_every = 0, pass_at = CASE WHEN pass_at > ? THEN ? ELSE pass_at END", soon, soon).
		Where("id = ?", t.was.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("letting a repository be looked at again: %w", err)
	}
	_, err = tx.NewRaw(`INSERT INTO outage (repository, began) VALUES (?, ?) ON CONFLICT DO NOTHING`,
		t.was.ID, stamp(t.now)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("storing the beginning of an outage: %w", err)
	}
	return nil
}

// outages returns those of a repository that are over, oldest first.
func outages(ctx context.Context, db bun.IDB, repository int64) ([]policy.Span, error) {
	var began, ended []int64
	err := db.NewSelect().Table("outage").Column("began", "ended").
		Where("repository = ? AND ended > began", repository).Order("began").Scan(ctx, &began, &ended)
	if err != nil {
		return nil, fmt.Errorf("reading when nothing could be done: %w", err)
	}
	var all []policy.Span
	for i := range began {
		all = append(all, policy.Span{From: moment(began[i]), Until: moment(ended[i])})
	}
	return all, nil
}

// Closed returns the repositories, desks among them, in which nothing can be
// done now, by name, with the time since when.
func (s *Store) Closed(ctx context.Context) ([]bot.Closed, error) {
	var closed []bot.Closed
	err := s.view(ctx, "reading where nothing can be done", func(tx *txn) error {
		var ids, since []int64
		err := tx.NewRaw(`SELECT r.id, coalesce(max(o.began), 0) FROM repository AS r
			LEFT JOIN outage AS o ON o.repository = r.id AND o.ended = 0
			WHERE r.state NOT IN ('', 'active') GROUP BY r.id, r.owner, r.name ORDER BY r.owner, r.name`).Scan(ctx, &ids, &since)
		if err != nil {
			return err
		}
		for i, id := range ids {
			r, err := loadRepository(ctx, tx, id)
			if err != nil {
				return err
			}
			closed = append(closed, bot.Closed{Repository: r, Since: moment(since[i])})
		}
		return nil
	})
	return closed, err
}
