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
	mu      sync.Mutex
	known   map[string]membership
	forgets int // a read that began before one of them may be old, and is not remembered
}

// get returns a team's members if they were read within the last minute, and
// what put wants to know of a read that begins now.
func (t *teams) get(team string, now time.Time) (ids []int64, forgets int, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	m, ok := t.known[team]
	return m.ids, t.forgets, ok && now.Sub(m.at) < fresh
}

func (t *teams) put(team string, m membership, forgets int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if forgets == t.forgets {
		t.known[team] = m
	}
}

func (t *teams) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.known)
	t.forgets++
}

// members returns a team's user ids, from memory or from GitHub. Adoption of
// an old answer is bounded by fresh.
func (b *Bot) members(ctx context.Context, installation int64, t policy.Team) ([]int64, error) {
	now := b.Clock()
	ids, forgets, ok := b.teams.get(t.String(), now)
	if ok {
		return ids, nil
	}
	ids, err := b.GitHub.Members(ctx, installation, t)
	if err != nil {
		return nil, err
	}
	b.teams.put(t.String(), membership{ids: ids, at: now}, forgets)
	return ids, nil
}
