package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// filter narrows a query down to some cases, which it knows by the alias c.
type filter func(*bun.SelectQuery) *bun.SelectQuery

func byKey(key bot.CaseKey) filter {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("c.repository = ? AND c.issue = ?", key.Repository, key.Issue)
	}
}

func byID(id int64) filter {
	return func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("c.id = ?", id) }
}

// Cases returns all open cases, and the ended ones with a reply after the
// end, in the order in which they became known.
func (s *Store) Cases(ctx context.Context) ([]bot.Case, error) {
	open := openStates()
	var cases []bot.Case
	err := s.view(ctx, "reading the cases", func(tx *txn) (err error) {
		cases, err = loadCases(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("(c.state IN (?) OR c.replied)", bun.List(open))
		})
		return err
	})
	return cases, err
}

// openStates are the states of open cases, as they are stored.
func openStates() []string {
	var open []string
	for _, state := range policy.States() {
		if state.Open() {
			open = append(open, string(state))
		}
	}
	return open
}

// FindCase finds by the names that the case or its repository has now,
// without regard to upper and lower case, as GitHub does.
func (s *Store) FindCase(ctx context.Context, owner, name string, number int) (bot.Case, error) {
	var found bot.Case
	err := s.view(ctx, "finding a case", func(tx *txn) error {
		var ids, repositories []int64
		q := tx.NewSelect().Model((*caseRow)(nil)).Column("c.id", "c.repository").
			Where("c.number = ?", number).Order("c.id DESC")
		if owner != "" || name != "" {
			q.Join("LEFT JOIN repository AS r ON r.id = c.repository").
				Where(`(lower(c.owner) = lower(?) AND lower(c.name) = lower(?)
				OR lower(r.owner) = lower(?) AND lower(r.name) = lower(?))`, owner, name, owner, name).Limit(1)
		}
		err := q.Scan(ctx, &ids, &repositories)
		switch {
		case err != nil:
			return err
		case len(ids) == 0:
			return bot.ErrNotFound
		case slices.Min(repositories) != slices.Max(repositories):
			return bot.ErrSeveral
		}
		found, err = loadCase(ctx, tx, byID(ids[0]))
		return err
	})
	return found, err
}

// NewestSeen returns the zero time for a case that is not known.
func (s *Store) NewestSeen(ctx context.Context, key bot.CaseKey) (time.Time, error) {
	var newest, written int64
	err := s.view(ctx, "reading when an issue was changed", func(tx *txn) error {
		err := byKey(key)(tx.NewSelect().Model((*caseRow)(nil)).Column("c.newest_seen", "c.last_write")).Scan(ctx, &newest, &written)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return moment(max(newest, written)), err
}

func missing(err error) error { return absent(err, bot.ErrNotFound) }

// absent returns instead where a query found nothing.
func absent(err, instead error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return instead
	}
	return err
}

// loadCase returns the one case that pick leaves, or ErrNotFound.
func loadCase(ctx context.Context, db bun.IDB, pick filter) (bot.Case, error) {
	cases, err := loadCases(ctx, db, pick)
	if err != nil {
		return bot.Case{}, err
	}
	if len(cases) == 0 {
		return bot.Case{}, bot.ErrNotFound
	}
	return cases[0], nil
}

func loadCases(ctx context.Context, db bun.IDB, pick filter) ([]bot.Case, error) {
	var rows []caseRow
	if err := pick(db.NewSelect().Model(&rows)).Order("c.id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading cases: %w", err)
	}
	cases := make([]bot.Case, len(rows))
	at := make(map[int64]*bot.Case, len(rows))
	d := newDesks(db)
	for i := range rows {
		r := &rows[i]
		m, err := r.recall()
		if err != nil {
			return nil, err
		}
		cases[i] = bot.Case{
			Ref: r.ref(), AuthorID: r.AuthorID, Private: r.Private, Memory: m, Version: r.Version,
			NewestSeen: moment(r.NewestSeen), LastWrite: moment(r.LastWrite), Secret: r.Secret,
		}
		if cases[i].Desk, _, err = d.of(ctx, r); err != nil {
			return nil, err
		}
		at[r.ID] = &cases[i]
	}
	if err := loadComments(ctx, db, pick, at); err != nil {
		return nil, err
	}
	return cases, loadPending(ctx, db, pick, at)
}

func loadComments(ctx context.Context, db bun.IDB, pick filter, at map[int64]*bot.Case) error {
	var rows []commentRow
	err := pick(db.NewSelect().Model(&rows).Join("JOIN cases AS c ON c.id = m.case_id")).Scan(ctx)
	if err != nil {
		return fmt.Errorf("reading the ids of comments: %w", err)
	}
	for _, r := range rows {
		c := at[r.CaseID]
		if c.Comments == nil {
			c.Comments = make(map[string]int64)
		}
		c.Comments[r.Name] = r.CommentID
	}
	return nil
}

func loadPending(ctx context.Context, db bun.IDB, pick filter, at map[int64]*bot.Case) error {
	var rows []outboxRow
	err := pick(db.NewSelect().Model(&rows).Join("JOIN cases AS c ON c.id = o.case_id")).
		Where("o.done_at = 0").Order("o.case_id", "o.seq").Scan(ctx)
	if err != nil {
		return fmt.Errorf("reading pending effects: %w", err)
	}
	for _, r := range rows {
		e, err := policy.DecodeEffect(r.Kind, []byte(r.Args))
		if err != nil {
			return err
		}
		at[r.CaseID].Pending = append(at[r.CaseID].Pending, e)
	}
	return nil
}
