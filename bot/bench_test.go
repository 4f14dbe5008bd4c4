package bot_test

import (
	"context"
	"testing"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// remembered answers reads from memory, so that the benchmark is of the bot
// and its database.
type remembered struct {
	bot.GitHub

	issue policy.Issue
}

func (r *remembered) Issue(ctx context.Context, ref bot.Ref) (policy.Issue, error) {
	if r.issue.ID == 0 {
		var err error
		if r.issue, err = r.GitHub.Issue(ctx, ref); err != nil {
			return policy.Issue{}, err
		}
	}
	return r.issue, nil
}

// BenchmarkDelivery is one delivery from the webhook to the committed
// decision, on an SQLite file: a bump, which leaves one effect.
func BenchmarkDelivery(b *testing.B) {
	w := newWorld(b, setup{})
	n := w.triage()
	w.bot = bot.New(bot.Options{Rules: w.rules, Store: w.store, GitHub: &remembered{GitHub: w.bot.GitHub}, Clock: w.clock.Now, Log: w.bot.Log})
	w.start()
	c, err := w.store.FindCase(b.Context(), "octo-registry", "support", n)
	w.must(err)
	for range b.N {
		b.StopTimer()
		if _, err := w.bot.Drain(b.Context(), c.Ref.Installation); err != nil {
			b.Fatal(err)
		}
		_, err := w.repo.Comment(n, "ann", "Hello?")
		w.must(err)
		b.StartTimer()
		if _, err := w.fake.Deliver(b.Context()); err != nil {
			b.Fatal(err)
		}
		if _, err := w.bot.StepCase(b.Context(), c.Ref.CaseKey); err != nil {
			b.Fatal(err)
		}
	}
}
