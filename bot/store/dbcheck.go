package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/uptrace/bun"
)

// Finding is something that is wrong with a database.
type Finding struct {
	What string // with counts, ids and names of tables, and no content
	Do   string // what to do about it
}

// Check looks for what is wrong with the database: the files, the version of
// the tables, rows that refer to none, what the program's own rules forbid, and
// the audit log. It writes nothing; Inspect opens a database for it.
func (s *Store) Check(ctx context.Context) ([]Finding, error) {
	var all []Finding
	err := s.view(ctx, "checking the files", func(tx *txn) error {
		found, err := s.engine.damage(ctx, tx)
		for _, what := range found {
			all = append(all, Finding{What: "the file is damaged: " + what, Do: doRestore})
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	switch err := s.upToDate(ctx); {
	case errors.Is(err, ErrOlder):
		return append(all, Finding{What: err.Error(), Do: "Run `recoverybot db migrate`, or start `recoverybot serve` of this version; then check again"}), nil
	case errors.Is(err, ErrNewer):
		return append(all, Finding{What: err.Error(), Do: "Check it with that version"}), nil
	case err != nil:
		return nil, err
	}
	err = s.view(ctx, "checking the database", func(tx *txn) error {
		rows, err := s.wrongRows(ctx, tx)
		if err != nil {
			return err
		}
		cases, err := wrongCases(ctx, tx)
		if err != nil {
			return err
		}
		log, err := end{s, tx}.log(ctx)
		all = append(append(all, rows...), cases...)
		if !log.Good() {
			all = append(all, Finding{What: log.told(), Do: "Read \"The audit log\" in docs/operate.md, before you change anything"})
		}
		return err
	})
	return all, err
}

const (
	doRestore = "Stop the bot, keep a copy of the file as it is, and restore the newest good backup: `recoverybot db restore`"
	doReport  = "Report it with the version of the program; until then nothing needs to be done"
)

// told says what is wrong with the log.
func (c Chain) told() string {
	if c.Broken == 0 {
		return "the audit log: " + string(c.What)
	}
	return fmt.Sprintf("the audit log: row %d: %s", c.Broken, c.What)
}

// rule is what no row may be.
type rule struct {
	table, where string
	what, do     string
}

// rules are what holds between rows, and within one, and that the database
// does not enforce itself, or not on a file that somebody else wrote to.
func rules() []rule {
	all := []rule{
		{"delivery", "done_at = 0 AND dead_class <> ''", "deliveries are given up and open", doReport},
		{"delivery", "done_at < 0 OR tries < 0 OR waits < 0", "deliveries have impossible numbers", doRestore},
		{"outbox", "done_at = 0 AND (superseded OR dead_class <> '')", "effects are ended and open", doReport},
		{"outbox", "superseded AND begun_at > 0", "effects were begun and are superseded", doReport},
		{"outbox", "done_at < 0 OR tries < 0 OR waits < 0 OR step < 0", "effects have impossible numbers", doRestore},
		{"cases", "repository = 0 OR uid = '' OR length(secret) = 0 AND forgotten = 0", "cases have no repository, no name or no key", doRestore},
		{"repository", "started = 0", "repositories were never started", doReport},
		{"redelivery", "asked > 0 AND asked_at = 0", "failed deliveries were asked for at no time", doReport},
	}
	for _, table := range []string{"delivery", "outbox", "comment", "seen_command"} {
		all = append(all, rule{
			table, "case_id NOT IN (SELECT id FROM cases)",
			"rows belong to no case", doRestore,
		})
	}
	return all
}

// wrongRows counts the rows that break a rule.
func (s *Store) wrongRows(ctx context.Context, tx *txn) ([]Finding, error) {
	var all []Finding
	for _, r := range rules() {
		var n int64
		err := tx.NewRaw(`SELECT count(*) FROM ? WHERE `+r.where, bun.Ident(r.table)).Scan(ctx, &n)
		if err != nil {
			return nil, fmt.Errorf("counting wrong rows of %s: %w", r.table, err)
		}
		if n > 0 {
			all = append(all, Finding{What: fmt.Sprintf("table %s: %d %s", r.table, n, r.what), Do: r.do})
		}
	}
	for _, table := range begun() {
		n, err := end{s, tx}.count(ctx, table)
		if err != nil {
			return nil, err
		}
		if n != 1 {
			all = append(all, Finding{What: fmt.Sprintf("table %s: it has %d rows, and must have one", table, n), Do: doRestore})
		}
	}
	return all, nil
}

// checkPage is how many cases are in memory at once.
const checkPage = 500

// wrongCases reads the memory of each case, and compares it with its copies
// for queries.
func wrongCases(ctx context.Context, tx *txn) ([]Finding, error) {
	var unread, differ []string
	for last := int64(0); ; {
		var rows []caseRow
		err := tx.NewSelect().Model(&rows).Where("c.id > ?", last).Order("c.id").Limit(checkPage).Scan(ctx)
		if err != nil {
			return nil, fmt.Errorf("reading the cases: %w", err)
		}
		for i := range rows {
			name := fmt.Sprint(rows[i].ID)
			m, err := rows[i].recall()
			if err != nil {
				unread = append(unread, name)
				continue
			}
			want := rows[i]
			if err := want.remember(m); err != nil {
				return nil, err
			}
			if !want.copies(&rows[i]) {
				differ = append(differ, name)
			}
		}
		if len(rows) < checkPage {
			break
		}
		last = rows[len(rows)-1].ID
	}
	var all []Finding
	if len(unread) > 0 {
		all = append(all, Finding{What: "the memory cannot be read of cases " + some(unread), Do: doRestore})
	}
	if len(differ) > 0 {
		all = append(all, Finding{What: "the columns for queries differ from the memory of cases " + some(differ), Do: doReport})
	}
	return all, nil
}

// copies reports whether the columns beside the memory are those of other.
func (r *caseRow) copies(other *caseRow) bool {
	return r.State == other.State && r.Turn == other.Turn && r.Kind == other.Kind && r.Since == other.Since &&
		r.Queued == other.Queued && r.WakeAt == other.WakeAt && r.Ended == other.Ended && r.Replied == other.Replied
}

// some names the first ten.
func some(names []string) string {
	const most = 10
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
