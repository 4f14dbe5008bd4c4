package store

import (
	"context"
	"errors"
	"fmt"
	"math"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Head names the last row of the audit log, and with it every row before: each
// is hashed with the one before it.
type Head struct {
	Seq  int64
	Hash string
}

// Damage says in what the audit log is not as a Store writes it.
type Damage string

// The kinds of damage.
const (
	RowChanged    Damage = "it is not what was written"
	RowMissing    Damage = "it is missing"
	RowStrange    Damage = "it holds what no version of the bot writes"
	RowUnreadable Damage = "it can't be read: the file is damaged"
	RowAdded      Damage = "it came after the end, and not from the bot"
	LogCut        Damage = "it is missing: the log ends before it"
	LogRewritten  Damage = "the log was written anew: the noted hash is another one"
	IndexDamaged  Damage = "the rows are good, but an index of the log is damaged"
)

// Chain is what Verify found.
type Chain struct {
	Rows   int64  // that are as they were written, from the first one on
	Last   Head   // of these rows
	Broken int64  // number of the first row that is not; 0: all are
	What   Damage // "" where Broken is 0, but for IndexDamaged
}

// Good reports whether nothing is wrong with the log.
func (c Chain) Good() bool { return c.What == "" }

// pageRows is how many rows of the log are in memory at once.
const pageRows = 500

// Verify walks the audit log from its first row and stops at the first one
// that is not as it was written. Who can write the file can write a whole log
// anew, or cut it: noted, a Head that was written down outside before, finds
// that. nil: none was.
func (s *Store) Verify(ctx context.Context, noted *Head) (Chain, error) {
	w := newWalk(s, noted)
	err := s.view(ctx, "verifying the audit log", func(tx *txn) error { return w.all(ctx, tx) })
	return w.chain, err
}

// walk is a way along the log.
type walk struct {
	engine database
	chain  Chain
	noted  *Head
	next   int64 // the first place in the file where no row was seen yet
}

// newWalk begins before the first row: SQLite has rows even there, if told so.
func newWalk(s *Store, noted *Head) *walk {
	return &walk{engine: s.engine, noted: noted, next: math.MinInt64}
}

// all goes to the end, or to the first row that is not good.
func (w *walk) all(ctx context.Context, tx *txn) error {
	done, err := w.rows(ctx, tx)
	if err != nil || done {
		return err
	}
	return w.end(ctx, tx)
}

// placed is a row as it stands in the database.
type placed struct {
	auditRow

	Place int64 `bun:"place"`
	Sound bool  `bun:"sound"`
}

// rows walks the rows in the order of the database's own. It reports true
// where there is no use in going on.
func (w *walk) rows(ctx context.Context, tx *txn) (bool, error) {
	for {
		var page []placed
		err := tx.NewRaw(w.engine.logRows(), w.next, pageRows).Scan(ctx, &page)
		if e, ok := errors.AsType[*sqlite.Error](err); ok && e.Code()&0xff == sqlite3.SQLITE_CORRUPT {
			w.broken(RowUnreadable)
			return true, nil
		}
		if err != nil {
			return true, fmt.Errorf("reading the rows after row %d: %w", w.chain.Last.Seq, err)
		}
		for i := range page {
			what, err := w.step(&page[i])
			if err != nil {
				return true, err
			}
			if what != "" {
				w.broken(what)
				return true, nil
			}
		}
		if len(page) < pageRows {
			return false, nil
		}
	}
}

// broken ends the walk at the row after the last good one.
func (w *walk) broken(what Damage) { w.chain.Broken, w.chain.What = w.chain.Last.Seq+1, what }

// step goes on by one row, or says what is wrong with it.
func (w *walk) step(r *placed) (Damage, error) {
	if !r.Sound {
		return RowStrange, nil
	}
	hash, err := r.seal()
	if err != nil {
		return "", err
	}
	switch last := w.chain.Last; {
	case r.Hash != hash, r.Seq <= last.Seq:
		return RowChanged, nil
	case r.Seq > last.Seq+1:
		return RowMissing, nil
	case r.Prev != last.Hash:
		return RowChanged, nil
	case w.noted != nil && w.noted.Seq == r.Seq && w.noted.Hash != r.Hash:
		return LogRewritten, nil
	}
	w.chain.Rows++
	w.chain.Last, w.next = Head{Seq: r.Seq, Hash: r.Hash}, r.Place+1
	return "", nil
}

// end compares the last row with what is known of it: the database's own head,
// and the noted one.
func (w *walk) end(ctx context.Context, tx *txn) error {
	var heads []Head
	if err := tx.NewRaw(`SELECT seq, hash FROM audit_head WHERE id = 1`).Scan(ctx, &heads); err != nil {
		return fmt.Errorf("reading the head: %w", err)
	}
	last := w.chain.Last
	switch {
	case len(heads) == 0, heads[0].Seq > last.Seq, w.noted != nil && w.noted.Seq > last.Seq:
		w.broken(LogCut)
		return nil
	case heads[0] != last:
		w.chain.Broken, w.chain.What = last.Seq, RowAdded
		return nil
	}
	good, err := w.engine.logIndexes(ctx, tx)
	if err != nil {
		return fmt.Errorf("checking the indexes of the log: %w", err)
	}
	if !good {
		w.chain.What = IndexDamaged
	}
	return nil
}
