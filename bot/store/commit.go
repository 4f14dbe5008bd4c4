package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// Commit stores a decision. A command that another Commit has stored, or a
// delivery that is not open any more, is ErrConflict too.
func (s *Store) Commit(ctx context.Context, r bot.Result) error {
	return s.change(ctx, "storing a decision", func(tx *txn) error {
		mode, err := s.heed(ctx, tx)
		if err != nil {
			return err
		}
		c, err := lockCase(ctx, tx, r.Case.Ref.CaseKey)
		if err != nil {
			return err
		}
		if c.Version != r.Case.Version {
			return bot.ErrConflict
		}
		before := *c
		c.renew(r.Case.Ref)
		switch {
		case mode == bot.ModeShadow:
			return s.pretend(ctx, tx, c, r)
		case c.Shadow || !mode.Works():
			return bot.ErrConflict // it was decided in another mode
		}
		if err := takeClaim(ctx, tx, &before, r); err != nil {
			return err
		}
		if err := lockWrites(ctx, tx, c, r.Decision.Effects); err != nil {
			return err
		}
		if err := s.saveCase(ctx, tx, c, r); err != nil {
			return err
		}
		if err := endDelivery(ctx, tx, c.ID, r); err != nil {
			return err
		}
		if err := saveObjections(ctx, tx, &before, r.Case.Memory); err != nil {
			return err
		}
		if err := rouse(ctx, tx, r); err != nil {
			return err
		}
		done := step{before: &before, after: c, result: r}
		if err := addWait(ctx, tx, done); err != nil {
			return err
		}
		if len(r.Decision.Effects) > 0 {
			if err := addEffects(ctx, tx, c, r); err != nil {
				return err
			}
			if err := s.wakeDrains(ctx, tx, c.ID); err != nil {
				return err
			}
		}
		return addAudit(ctx, tx, done)
	})
}

// lockCase reads a case and holds its lock, for which it changes the row into
// itself; ErrNotFound if there is none.
func lockCase(ctx context.Context, tx *txn, key bot.CaseKey) (*caseRow, error) {
	c := &caseRow{}
	err := tx.NewUpdate().Model(c).Set("version = version").
		Where("repository = ? AND issue = ?", key.Repository, key.Issue).Returning("*").Scan(ctx)
	if err != nil {
		return nil, missing(err)
	}
	return c, nil
}

// lockCaseID holds the lock of a case that is there.
func lockCaseID(ctx context.Context, tx *txn, id int64) error {
	_, err := tx.NewUpdate().Table("cases").Set("version = version").Where("id = ?", id).Exec(ctx)
	if err != nil {
		return fmt.Errorf("locking the case: %w", err)
	}
	return nil
}

func (s *Store) saveCase(ctx context.Context, tx *txn, c *caseRow, r bot.Result) error {
	if err := c.remember(r.Case.Memory); err != nil {
		return err
	}
	c.Private = r.Case.Private
	if r.Case.AuthorID != 0 {
		c.AuthorID = r.Case.AuthorID
	}
	c.NewestSeen = max(c.NewestSeen, stamp(r.Case.NewestSeen))
	if c.WakeAt == 0 || c.WakeAt > stamp(r.Now) {
		c.Overdue = 0
	}
	c.Version++
	if err := s.saveRef(ctx, tx, c); err != nil {
		return err
	}
	_, err := tx.NewUpdate().Model(c).WherePK().Column("memory", "version", "overdue",
		"state", "turn", "kind", "since", "queued", "wake_at", "replied", "ended", "registry", "account").Exec(ctx)
	if err != nil {
		return fmt.Errorf("updating the case: %w", err)
	}
	return nil
}

func endDelivery(ctx context.Context, tx *txn, caseID int64, r bot.Result) error {
	if r.Delivery != 0 {
		res, err := tx.NewUpdate().Table("delivery").Set("done_at = ?", closing(r.Now)).
			Where("id = ? AND case_id = ? AND done_at = 0", r.Delivery, caseID).Exec(ctx)
		if err := touched(res, err, bot.ErrConflict); err != nil {
			return fmt.Errorf("ending the delivery: %w", err)
		}
	}
	if r.Command == 0 {
		return nil
	}
	res, err := tx.NewRaw(`INSERT INTO seen_command (comment_id, case_id, outcome, at) VALUES (?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, r.Command, caseID, outcomeOf(r.Decision), stamp(r.Now)).Exec(ctx)
	if err := touched(res, err, bot.ErrConflict); err != nil {
		return fmt.Errorf("marking the command as seen: %w", err)
	}
	return nil
}

// outcomeOf is the code of the last reason, which is the conclusion.
func outcomeOf(d policy.Decision) string {
	if len(d.Reasons) == 0 {
		return ""
	}
	return d.Reasons[len(d.Reasons)-1].Code
}

// addEffects appends the effects of a decision to those of the case, and ends
// older ones that they make needless.
func addEffects(ctx context.Context, tx *txn, c *caseRow, r bot.Result) error {
	var seq int64
	err := tx.NewSelect().Table("outbox").ColumnExpr("coalesce(max(seq), 0)").
		Where("case_id = ?", c.ID).Scan(ctx, &seq)
	if err != nil {
		return fmt.Errorf("reading the last effect: %w", err)
	}
	desk, _, err := newDesks(tx).of(ctx, c)
	if err != nil {
		return err
	}
	rows := make([]outboxRow, 0, len(r.Decision.Effects))
	for _, e := range r.Decision.Effects {
		kind, args, err := policy.EncodeEffect(e)
		if err != nil {
			return err
		}
		seq++
		rows = append(rows, outboxRow{
			Installation: c.Installation, CaseID: c.ID, Seq: seq, Key: e.Key(), Kind: kind,
			Args: string(args), Priority: int(policy.PriorityOf(e, r.Event.Kind)), DecidedAt: stamp(r.Now), Desk: policy.AtDesk(e),
		})
		if row := &rows[len(rows)-1]; row.Desk && desk.Installation != 0 {
			row.Installation = desk.Installation
		}
		if err := supersede(ctx, tx, &rows[len(rows)-1]); err != nil {
			return err
		}
	}
	if _, err := tx.NewInsert().Model(&rows).Returning("NULL").Exec(ctx); err != nil {
		return fmt.Errorf("inserting the effects: %w", err)
	}
	return hasten(ctx, tx, rows)
}

// hasten makes what a case has still to write as urgent as what comes behind
// it: the order within the case stays, and a reminder must not hold up the
// answer to a command.
func hasten(ctx context.Context, tx *txn, added []outboxRow) error {
	for i, r := range added {
		if slices.ContainsFunc(added[i+1:], func(l outboxRow) bool { return l.Desk == r.Desk && l.Priority <= r.Priority }) {
			continue // the later one hastens as much
		}
		_, err := tx.NewUpdate().Table("outbox").Set("priority = ?", r.Priority).
			Where("case_id = ? AND done_at = 0 AND desk = ? AND seq < ? AND priority > ?", r.CaseID, r.Desk, r.Seq, r.Priority).Exec(ctx)
		if err != nil {
			return fmt.Errorf("hastening the effects of the case: %w", err)
		}
	}
	return nil
}

// supersede ends the open effects of which no call was begun, and that newer,
// which is not stored yet, makes needless.
func supersede(ctx context.Context, tx *txn, newer *outboxRow) error {
	if !policy.Supersedes(newer.Key) {
		return nil
	}
	_, err := tx.NewUpdate().Table("outbox").Set("done_at = ?", max(1, newer.DecidedAt)).Set("superseded = TRUE").
		Where("case_id = ? AND effect_key = ?", newer.CaseID, newer.Key).
		Where("done_at = 0 AND step = 0 AND begun_at = 0").Exec(ctx)
	if err != nil {
		return fmt.Errorf("superseding effects: %w", err)
	}
	return nil
}
