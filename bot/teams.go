package bot

import (
	"context"
	"sync"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// fresh is how long a team's members are believed.
const fresh = time.Minute

type membership struct {
	ids []int64
	at  time.Time
}

// teams remembers members for a minute.
type teams struct {
	mu    sync.Mutex
	known map[string]membership
}

func (t *teams) get(team string, now time.Time) ([]int64, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	m, ok := t.known[team]
	return m.ids, ok && now.Sub(m.at) < fresh
}

func (t *teams) put(team string, m membership) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known[team] = m
}

func (t *teams) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.known)
}

// members returns a team's user ids, from memory or from GitHub. Adoption of
// an old answer is bounded by fresh.
func (b *Bot) members(ctx context.Context, installation int64, t policy.Team) ([]int64, error) {
	if ids, ok := b.teams.get(t.String(), b.Clock()); ok {
		return ids, nil
	}
	ids, err := b.GitHub.Members(ctx, installation, t)
	if err != nil {
		return nil, err
	}
	b.teams.put(t.String(), membership{ids: ids, at: b.Clock()})
	return ids, nil
}
