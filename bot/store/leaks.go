package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"

	"github.com/recoverybot/recoverybot/policy"
)

// leaksMigration adds what was found in the texts of a delivery: classes and
// places in JSON, ” for nothing.
func leaksMigration() migrate.Migration {
	return migrate.Migration{
		Name: "20261125000002", Comment: "leaks",
		Up: func(ctx context.Context, m *migrate.Migrator, _ *migrate.Migration) error {
			return m.DB().RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
				return column{"delivery", "leaks", "text NOT NULL DEFAULT ''"}.add(ctx, tx)
			})
		},
	}
}

// packed is what was found as it is stored.
func packed(found []policy.Leaked) string {
	if len(found) == 0 {
		return ""
	}
	text, err := json.Marshal(found)
	if err != nil { // words and numbers always marshal
		return ""
	}
	return string(text)
}

// unpacked is the inverse of packed.
func unpacked(text string) ([]policy.Leaked, error) {
	if text == "" {
		return nil, nil
	}
	var found []policy.Leaked
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		return nil, fmt.Errorf("decoding what was found in a delivery: %w", err)
	}
	return found, nil
}
