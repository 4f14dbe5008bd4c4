package bot_test

import (
	"context"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// Others finds none.
func (s *oddStore) Others(context.Context, policy.Same, bot.CaseKey) (bot.Others, error) {
	return bot.Others{}, nil
}

// Objections counts none.
func (s *oddStore) Objections(context.Context, int64, bot.CaseKey) (int, error) { return 0, nil }
