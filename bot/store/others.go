package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// otherAuthors and ownOthers are how many other requests are looked at: the
// oldest open one of each other author for the account, and the newest of the
// same author. The work stays small in a flood of them.
const (
	otherAuthors = 50
	ownOthers    = 30
)

// claimLocks is how many versions all accounts share. Two accounts with one
// version decide again now and then for nothing; no name is kept for it.
const claimLocks = 4096

// othersMigration adds what tells requests with something in common: account is
// in lower case, whatever the registry's rules. claim has the versions of
// accounts, objection who has an open objection where.
func othersMigration() migrate.Migration {
	return migrate.Migration{
		Name: "20261125000003", Comment: "others",
		Up: func(ctx context.Context, m *migrate.Migrator, _ *migrate.Migration) error {
			return m.DB().RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
				for _, c := range []column{
					{"cases", "registry", "text NOT NULL DEFAULT ''"},
					{"cases", "account", "text NOT NULL DEFAULT ''"},
				} {
					if err := c.add(ctx, tx); err != nil {
						return err
					}
				}
				for _, statement := range []string{
					`CREATE INDEX IF NOT EXISTS cases_account ON cases (account, registry) WHERE account <> ''`,
					`CREATE INDEX IF NOT EXISTS cases_author ON cases (author_id)`,
					`CREATE TABLE IF NOT EXISTS claim (id bigint PRIMARY KEY, version bigint NOT NULL)`,
					`CREATE TABLE IF NOT EXISTS objection (author bigint NOT NULL, case_id bigint NOT NULL REFERENCES cases (id), PRIMARY KEY (author, case_id))`,
					`CREATE INDEX IF NOT EXISTS objection_case ON objection (case_id)`,
				} {
					if _, err := tx.NewRaw(statement).Exec(ctx); err != nil {
						return err
					}
				}
				return fillOthers(ctx, tx)
			})
		},
	}
}

// fillOthers copies from the memory of each case what is new.
func fillOthers(ctx context.Context, tx bun.Tx) error {
	var rows []caseRow
	if err := tx.NewSelect().Model(&rows).Column("id", "memory").Where("state <> ''").Scan(ctx); err != nil {
		return fmt.Errorf("reading the cases: %w", err)
	}
	for i := range rows {
		m, err := rows[i].recall()
		if err != nil {
			return err
		}
		if m.Account != "" {
			_, err = tx.NewUpdate().Table("cases").Set("registry = ?, account = ?", m.Registry, strings.ToLower(m.Account)).
				Where("id = ?", rows[i].ID).Exec(ctx)
			if err != nil {
				return fmt.Errorf("storing the account of a case: %w", err)
			}
		}
		if err := addObjections(ctx, tx, rows[i].ID, m.Objectors()); err != nil {
			return err
		}
	}
	return nil
}

func addObjections(ctx context.Context, db bun.IDB, id int64, authors []int64) error {
	for _, a := range authors {
		_, err := db.NewRaw(`INSERT INTO objection (author, case_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, a, id).Exec(ctx)
		if err != nil {
			return fmt.Errorf("storing who objects: %w", err)
		}
	}
	return nil
}

// saveObjections keeps who has an open objection in the case: only where that
// changed.
func saveObjections(ctx context.Context, tx *txn, before *caseRow, after policy.Memory) error {
	var had []int64
	if strings.Contains(before.Memory, `"objections"`) {
		m, err := before.recall()
		if err != nil {
			return err
		}
		had = m.Objectors()
	}
	is := after.Objectors()
	if slices.Equal(had, is) {
		return nil
	}
	if _, err := tx.NewRaw(`DELETE FROM objection WHERE case_id = ?`, before.ID).Exec(ctx); err != nil {
		return fmt.Errorf("forgetting who objected: %w", err)
	}
	return addObjections(ctx, tx, before.ID, is)
}

// Objections counts the other open cases in which somebody has an open
// objection.
func (s *Store) Objections(ctx context.Context, author int64, but bot.CaseKey) (n int, err error) {
	err = s.view(ctx, "counting objections", func(tx *txn) error {
		return tx.NewRaw(`SELECT count(*) FROM objection AS j JOIN cases AS c ON c.id = j.case_id
			WHERE j.author = ? AND NOT (c.repository = ? AND c.issue = ?)`, author, but.Repository, but.Issue).Scan(ctx, &n)
	})
	return n, err
}

// Others reads the version first: what changes after it is a conflict, not a
// surprise.
func (s *Store) Others(ctx context.Context, of policy.Same, but bot.CaseKey) (found bot.Others, err error) {
	err = s.view(ctx, "reading other requests", func(tx *txn) error {
		if found.Version, err = claimVersion(ctx, tx, of); err != nil {
			return err
		}
		var ids []int64
		for _, q := range []*bun.SelectQuery{rivalsOf(tx, of), ownOf(tx, of, but)} {
			var some []int64
			if err := q.Scan(ctx, &some); err != nil {
				return fmt.Errorf("looking for other requests: %w", err)
			}
			ids = append(ids, some...)
		}
		if len(ids) == 0 {
			return nil
		}
		var rows []caseRow
		err := tx.NewSelect().Model(&rows).Where("c.id IN (?)", bun.List(ids)).
			Where("NOT (c.repository = ? AND c.issue = ?)", but.Repository, but.Issue).Order("c.id").Scan(ctx)
		if err != nil {
			return fmt.Errorf("reading other requests: %w", err)
		}
		for i := range rows {
			o, err := rows[i].other()
			if err != nil {
				return err
			}
			found.List = append(found.List, o)
		}
		return nil
	})
	return found, err
}

// rivalsOf are the oldest open cases of each other author about an account.
func rivalsOf(tx *txn, of policy.Same) *bun.SelectQuery {
	return tx.NewSelect().Table("cases").ColumnExpr("min(id)").
		Where("account <> '' AND account = ? AND registry = ? AND author_id <> ?", of.Account, of.Registry, of.Author).
		Where("state IN (?)", bun.List(openStates())).
		Group("author_id").OrderExpr("min(id)").Limit(otherAuthors)
}

// ownOf are the cases of the author: those about the account first.
func ownOf(tx *txn, of policy.Same, but bot.CaseKey) *bun.SelectQuery {
	return tx.NewSelect().Table("cases").Column("id").
		Where("author_id = ? AND author_id <> 0 AND state <> '' AND NOT (repository = ? AND issue = ?)", of.Author, but.Repository, but.Issue).
		OrderExpr("CASE WHEN memory LIKE ? THEN 0 ELSE 1 END", `%"objections":%`). // no flood of requests may hide one that somebody objects to
		OrderExpr("CASE WHEN account <> '' AND account = ? AND registry = ? THEN 0 ELSE 1 END, CASE WHEN state IN (?) THEN 0 ELSE 1 END, id DESC",
			of.Account, of.Registry, bun.List(openStates())).
		Limit(ownOthers)
}

func (r *caseRow) other() (policy.Other, error) {
	m, err := r.recall()
	if err != nil {
		return policy.Other{}, err
	}
	i := policy.Issue{Repository: r.Repository, ID: r.Issue, Number: r.Number, Author: policy.Actor{ID: r.AuthorID}}
	return policy.OtherOf(i, m), nil
}

// claimOf is the place of an account's version.
func claimOf(of policy.Same) int64 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(of.Registry + "\n" + of.Account)) // never fails
	return int64(h.Sum32() % claimLocks)
}

func claimVersion(ctx context.Context, tx *txn, of policy.Same) (version int64, err error) {
	if of.Account == "" {
		return 0, nil
	}
	err = tx.NewRaw(`SELECT coalesce(max(version), 0) FROM claim WHERE id = ?`, claimOf(of)).Scan(ctx, &version)
	if err != nil {
		return 0, fmt.Errorf("reading the version of an account: %w", err)
	}
	return version, nil
}

// takeClaim lets a case name an account that it did not name before, or one
// again: ErrConflict if another one did since the others were read. Of two that
// begin at the same moment the second one decides again, and sees the first.
func takeClaim(ctx context.Context, tx *txn, before *caseRow, r bot.Result) error {
	is := policy.SameOf(policy.Issue{}, r.Case.Memory)
	open := slices.Contains(openStates(), before.State)
	if is.Account == "" || !r.Case.Memory.State.Open() || open && before.Account == is.Account && before.Registry == is.Registry {
		return nil
	}
	var version int64
	err := tx.NewRaw(`INSERT INTO claim (id, version) VALUES (?, 1)
		ON CONFLICT (id) DO UPDATE SET version = claim.version + 1 RETURNING version`, claimOf(is)).Scan(ctx, &version)
	if err != nil {
		return fmt.Errorf("taking the version of an account: %w", err)
	}
	if r.Others.Of.About(is) && version != r.Others.Version+1 {
		return bot.ErrConflict
	}
	return nil
}

// rouse gives other cases something to look at. Their locks are not taken, and
// their jobs are inserted by Dispatch: two that rouse each other never wait for
// each other.
func rouse(ctx context.Context, tx *txn, r bot.Result) error {
	var keys [][2]int64
	for _, at := range r.Decision.Rouse {
		var c caseRow
		err := tx.NewSelect().Model(&c).Where("c.repository = ? AND c.issue = ?", at.Repository, at.Issue).
			Where("NOT EXISTS (SELECT 1 FROM delivery AS d WHERE d.case_id = c.id AND d.done_at = 0 AND d.event = ?)", bot.OthersEvent).Scan(ctx)
		if err := absent(err, bot.ErrNotFound); err != nil {
			if errors.Is(err, bot.ErrNotFound) {
				continue
			}
			return fmt.Errorf("reading a case to look at again: %w", err)
		}
		d := newDelivery(bot.Delivery{
			Event: bot.OthersEvent, Action: "changed", AuthorID: c.AuthorID, ObjectUpdatedAt: r.Now, Private: c.Private, ReceivedAt: r.Now,
		}, c.ID)
		if _, err := tx.NewInsert().Model(d).Returning("NULL").Exec(ctx); err != nil {
			return fmt.Errorf("letting a case be looked at again: %w", err)
		}
		keys = append(keys, [2]int64{at.Repository, at.Issue})
	}
	if len(keys) == 0 {
		return nil
	}
	text, err := json.Marshal(keys)
	if err != nil {
		return fmt.Errorf("encoding whom to wake: %w", err)
	}
	if _, err := tx.NewRaw(`INSERT INTO wake (cases) VALUES (?)`, string(text)).Exec(ctx); err != nil {
		return fmt.Errorf("storing whom to wake: %w", err)
	}
	return nil
}
