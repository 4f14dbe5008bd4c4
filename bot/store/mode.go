package store

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"

	"github.com/recoverybot/recoverybot/bot"
)

// modeLock is the key of the advisory lock of the mode.
const modeLock = 0x7265636f6d6f6465

// awayOfOthers is how long a process that runs as usual lets time wait for
// another one that does not, by a flag or a file of its own: it may have died
// in it.
const awayOfOthers = time.Hour

// modeColumns say what was decided in shadow, and is to be forgotten.
func modeColumns() []column {
	return []column{
		{"cases", "shadow", "boolean NOT NULL DEFAULT FALSE"},
		{"cases", "kept", "text NOT NULL DEFAULT ''"},
		{"delivery", "shadow", "boolean NOT NULL DEFAULT FALSE"},
	}
}

// modeMigration adds the mode, which is one row, and what would be done in
// shadow. away is since when the mode is not run, 0 where it is.
func modeMigration() migrate.Migration {
	return migrate.Migration{
		Name: "20261125000000", Comment: "mode",
		Up: func(ctx context.Context, m *migrate.Migrator, _ *migrate.Migration) error {
			return m.DB().RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
				for _, c := range modeColumns() {
					if err := c.add(ctx, tx); err != nil {
						return err
					}
				}
				for _, statement := range []string{
					`CREATE TABLE IF NOT EXISTS mode (id bigint PRIMARY KEY, mode text NOT NULL, set_by text NOT NULL,
						since bigint NOT NULL, away bigint NOT NULL)`,
					`INSERT INTO mode (id, mode, set_by, since, away) VALUES (1, 'run', '', 0, 0) ON CONFLICT DO NOTHING`,
					`CREATE TABLE IF NOT EXISTS shadow (case_id bigint NOT NULL, at bigint NOT NULL,
						kind text NOT NULL, name text NOT NULL)`,
					`CREATE INDEX IF NOT EXISTS shadow_at ON shadow (at)`,
					`CREATE INDEX IF NOT EXISTS shadow_case ON shadow (case_id)`,
					`CREATE INDEX IF NOT EXISTS cases_shadow ON cases (id) WHERE shadow`,
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

func (e *lite) heeding(context.Context, *txn) error { return nil }

func (e *lite) choosing(context.Context, *txn) error { return nil }

func (e *postgres) heeding(ctx context.Context, tx *txn) error {
	_, err := tx.NewRaw(`SELECT pg_advisory_xact_lock_shared(?)`, int64(modeLock)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("keeping the mode: %w", err)
	}
	return nil
}

func (e *postgres) choosing(ctx context.Context, tx *txn) error {
	_, err := tx.NewRaw(`SELECT pg_advisory_xact_lock(?)`, int64(modeLock)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("waiting for what the mode rules: %w", err)
	}
	return nil
}

// heeded is the mode that this process has seen last; "" before the first.
type heeded struct {
	mu   sync.Mutex
	mode bot.Mode
}

// modeRow is the one row of the table.
type modeRow struct {
	Mode  string `bun:"mode"`
	By    string `bun:"set_by"`
	Since int64  `bun:"since"`
	Away  int64  `bun:"away"`

	holds bot.Standing // what the row says, or something that is stricter
}

// ticks reports whether time alone may decide: not before the time is given
// back in which nobody was heard.
func (m *modeRow) ticks() bool {
	return m.holds.Mode.Ticks() && (m.Away == 0 || m.holds.Mode != bot.ModeRun)
}

// mode returns the mode that holds.
func (s *Store) mode(ctx context.Context, db bun.IDB) (*modeRow, error) {
	m := &modeRow{}
	if err := db.NewRaw(`SELECT mode, set_by, since, away FROM mode WHERE id = 1`).Scan(ctx, m); err != nil {
		return m, fmt.Errorf("reading the mode: %w", err)
	}
	stored, known := bot.ParseMode(m.Mode)
	m.holds = bot.Standing{
		Opinion: bot.Opinion{Mode: stored, Setter: bot.Setter(m.By)}, Since: moment(m.Since), Stored: stored,
	}
	if !known {
		m.holds.Problem = "the database has a mode that this version does not know"
	}
	if s.outside == nil {
		return m, nil
	}
	if o := s.outside(); stored.Stricter(o.Mode) != stored {
		m.holds.Opinion, m.holds.Since = o, moment(m.Away)
	}
	return m, nil
}

// heed returns the mode that holds until the transaction ends. It comes before
// any lock: who waits for the mode to be changed must hold up nobody on whom
// the change waits.
func (s *Store) heed(ctx context.Context, tx *txn) (bot.Mode, error) {
	if err := s.engine.heeding(ctx, tx); err != nil {
		return bot.ModeStop, err
	}
	m, err := s.mode(ctx, tx)
	return m.holds.Mode, err
}

// Standing reads.
func (s *Store) Standing(ctx context.Context) (bot.Standing, error) {
	var holds bot.Standing
	err := s.view(ctx, "reading the mode", func(tx *txn) error {
		m, err := s.mode(ctx, tx)
		holds = m.holds
		return err
	})
	return holds, err
}

// SetMode gives the time back before the mode is run again: a process that is
// killed between the two has given back too early, and the next one the rest.
func (s *Store) SetMode(ctx context.Context, c bot.ModeChange) error {
	if c.Mode == bot.ModeRun {
		if err := s.giveBack(ctx, c.Now); err != nil {
			return err
		}
	}
	err := s.change(ctx, "setting the mode", func(tx *txn) error {
		if err := s.engine.choosing(ctx, tx); err != nil {
			return err
		}
		q := tx.NewUpdate().Table("mode").Where("id = 1").
			Set("mode = ?, set_by = ?, since = ?", string(c.Mode), string(c.Setter), closing(c.Now)).
			Set("away = CASE WHEN ? THEN 0 WHEN away > 0 THEN away ELSE ? END", c.Mode == bot.ModeRun, closing(c.Now)).
			Where("mode <> ?", string(c.Mode))
		if c.AtLeast {
			q = q.Where("mode IN (?)", bun.List(laxer(c.Mode)))
		}
		_, err := q.Exec(ctx)
		return err
	})
	if err != nil {
		return err
	}
	_, err = s.leaveAll(ctx, c.Now)
	return err
}

// laxer returns the modes that are.
func laxer(m bot.Mode) []string {
	var all []string
	for _, o := range bot.Modes() {
		if o != m && o.Stricter(m) == m {
			all = append(all, string(o))
		}
	}
	return all
}

// giveBack stores as an outage of each repository the time since the mode is not run.
// The passes read first what came meanwhile.
func (s *Store) giveBack(ctx context.Context, now time.Time) error {
	return s.change(ctx, "giving back the time in which nobody was heard", func(tx *txn) error {
		var away int64
		err := tx.NewRaw(`UPDATE mode SET away = away WHERE id = 1 RETURNING away`).Scan(ctx, &away)
		if err != nil || away == 0 || away >= stamp(now) {
			return err
		}
		_, err = tx.NewRaw(`INSERT INTO outage (repository, began, ended) SELECT r.id, ?, ? FROM repository AS r
			WHERE r.state IN ('', 'active') ON CONFLICT (repository, began) DO UPDATE SET ended = EXCLUDED.ended`,
			away, stamp(now)).Exec(ctx)
		if err != nil {
			return err
		}
		_, err = tx.NewRaw(`UPDATE repository SET behind = (behind OR mark > 0), pass_at = ` + atOnce + `, pass_every = 0`).Exec(ctx)
		if err != nil {
			return err
		}
		if _, err = tx.NewRaw(`UPDATE mode SET away = ? WHERE id = 1`, stamp(now)).Exec(ctx); err != nil {
			return err
		}
		return s.wake(ctx, tx, passArgs{})
	})
}

// Heed notices by what it saw itself that the mode is another one: a file that
// another process has is none of its business.
func (s *Store) Heed(ctx context.Context, now time.Time) (bot.Standing, error) {
	m := &modeRow{}
	err := s.view(ctx, "heeding the mode", func(tx *txn) (err error) {
		m, err = s.mode(ctx, tx)
		return err
	})
	if err != nil {
		return m.holds, err
	}
	s.heeded.mu.Lock()
	defer s.heeded.mu.Unlock()
	changed := s.heeded.mode != m.holds.Mode
	if m.holds.Mode != bot.ModeRun && m.Away == 0 {
		err = s.setAway(ctx, closing(now))
	}
	left := m.Away > 0 && now.Sub(moment(m.Away)) >= awayOfOthers
	if m.holds.Mode == bot.ModeRun && m.Away > 0 && (changed || left) {
		if err = s.giveBack(ctx, now); err == nil {
			err = s.setAway(ctx, 0)
		}
	}
	if err == nil && changed && m.holds.Mode.Works() {
		_, _, err = s.Sweep(ctx, now)
	}
	if err == nil {
		s.heeded.mode = m.holds.Mode
	}
	return m.holds, err
}

func (s *Store) setAway(ctx context.Context, away int64) error {
	return s.change(ctx, "storing since when nobody is heard", func(tx *txn) error {
		_, err := tx.NewRaw(`UPDATE mode SET away = ? WHERE id = 1`, away).Exec(ctx)
		return err
	})
}
