package store

import (
	"context"
	"fmt"
)

// forget lets the case of an effect that died know that its comment is not
// what was decided: the next decision writes it anew, and nothing is tried
// before. A later effect of that key has its own end. The version moves on, so
// that a decision under way does not bring the memory back.
func forget(ctx context.Context, tx *txn, row *outboxRow) error {
	if row.Kind != "comment" && row.Kind != "desk" {
		return nil
	}
	if newer, err := row.newer(ctx, tx); err != nil || newer != 0 {
		return err
	}
	var c caseRow
	if err := byID(row.CaseID)(tx.NewSelect().Model(&c)).Scan(ctx); err != nil {
		return fmt.Errorf("reading the case of a dead effect: %w", err)
	}
	m, err := c.recall()
	if err != nil {
		return err
	}
	if m.Digests[row.Key] == "" {
		return nil
	}
	there, err := tx.NewSelect().Model((*commentRow)(nil)).Where("case_id = ? AND name = ?", c.ID, row.Key).Exists(ctx)
	if err != nil {
		return fmt.Errorf("reading the id of a comment: %w", err)
	}
	if there || row.Kind == "desk" && c.DeskIssue != 0 {
		m.Digests[row.Key] = "lost" // there is a comment, with an older text: no digest is this
	} else {
		delete(m.Digests, row.Key)
	}
	if err := c.remember(m); err != nil {
		return err
	}
	_, err = tx.NewUpdate().Model(&c).WherePK().Set("memory = ?", c.Memory).Set("version = version + 1").Exec(ctx)
	if err != nil {
		return fmt.Errorf("forgetting a comment that was not written: %w", err)
	}
	return nil
}
