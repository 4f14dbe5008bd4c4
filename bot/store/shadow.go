package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// pretend stores a decision of which nothing will be made: what it would do,
// and the memory, so that the next decision follows from it. Nobody was told
// anything, so that the audit log has no row, the outbox no effect, and no
// command has run: all that is forgotten at the end of the shadow.
func (s *Store) pretend(ctx context.Context, tx *txn, c *caseRow, r bot.Result) error {
	if !c.Shadow {
		c.Shadow, c.Kept = true, c.Memory
	}
	if err := s.saveCase(ctx, tx, c, r); err != nil {
		return err
	}
	_, err := tx.NewUpdate().Model(c).WherePK().Column("shadow", "kept").Exec(ctx)
	if err != nil {
		return fmt.Errorf("keeping the memory from before: %w", err)
	}
	if err := endInShadow(ctx, tx, c.ID, r); err != nil {
		return err
	}
	for _, w := range r.Decision.Would() {
		_, err := tx.NewRaw(`INSERT INTO shadow (case_id, at, kind, name) VALUES (?, ?, ?, ?)`,
			c.ID, stamp(r.Now), string(w.Kind), w.Name).Exec(ctx)
		if err != nil {
			return fmt.Errorf("storing what would be done: %w", err)
		}
	}
	return nil
}

// endInShadow ends the delivery until the end of the shadow.
func endInShadow(ctx context.Context, tx *txn, caseID int64, r bot.Result) error {
	if r.Delivery == 0 {
		return nil
	}
	res, err := tx.NewUpdate().Table("delivery").Set("done_at = ?, shadow = TRUE", closing(r.Now)).
		Where("id = ? AND case_id = ? AND done_at = 0", r.Delivery, caseID).Exec(ctx)
	if err := touched(res, err, bot.ErrConflict); err != nil {
		return fmt.Errorf("ending the delivery: %w", err)
	}
	return nil
}

// leaveAll ends the shadow of all cases, where it is over. It returns the mode.
func (s *Store) leaveAll(ctx context.Context, now time.Time) (*modeRow, error) {
	m := &modeRow{}
	var rows []caseRow
	err := s.view(ctx, "looking for what was decided in shadow", func(tx *txn) (err error) {
		rows = nil
		if m, err = s.mode(ctx, tx); err != nil || !m.holds.Mode.Works() || m.holds.Mode == bot.ModeShadow {
			return err
		}
		return tx.NewSelect().Model(&rows).Column("c.repository", "c.issue").Where("c.shadow").Order("c.id").Scan(ctx)
	})
	if err != nil {
		return m, err
	}
	for _, r := range rows {
		if err := s.leave(ctx, r.ref().CaseKey, now); err != nil {
			return m, err
		}
	}
	return m, nil
}

// leave ends the shadow of one case. A request that it began is adopted anew,
// quietly, by what the issue is now: nobody gets old notices, and no clock has
// run. One from before is as before, and what came meanwhile is decided in
// its order: that is how it is after an outage, too.
func (s *Store) leave(ctx context.Context, key bot.CaseKey, now time.Time) error {
	return s.change(ctx, "ending the shadow of a case", func(tx *txn) error {
		mode, err := s.heed(ctx, tx)
		if err != nil {
			return err
		}
		c, err := lockCase(ctx, tx, key)
		if err != nil || !c.Shadow || mode == bot.ModeShadow || !mode.Works() {
			return err
		}
		pretended := c.State
		m, err := c.unpretend()
		if err != nil {
			return err
		}
		_, err = tx.NewUpdate().Model(c).WherePK().Set("shadow = FALSE, kept = '', version = version + 1, overdue = 0").
			Set("memory = ?, state = ?, turn = ?, kind = ?", c.Memory, c.State, c.Turn, c.Kind).
			Set("since = ?, queued = ?, wake_at = ?", c.Since, c.Queued, c.WakeAt).
			Set("replied = ?, ended = ?, registry = ?, account = ?", c.Replied, c.Ended, c.Registry, c.Account).Exec(ctx)
		if err != nil {
			return fmt.Errorf("restoring the memory: %w", err)
		}
		if err := resumed(ctx, tx, resumption{c: c, before: m.State, pretended: pretended, now: now}); err != nil {
			return err
		}
		return s.wake(ctx, tx, caseArgs{Repository: key.Repository, Issue: key.Issue})
	})
}

// nothingKept are the cases c that are not in shadow, or began there: nothing
// of theirs was ever done, and none of their deliveries is opened again.
const nothingKept = "(NOT c.shadow OR c.kept IN ('', '{}'))"

// unpretend puts the memory from before the shadow into a case, which may have
// none, and returns it.
func (r *caseRow) unpretend() (policy.Memory, error) {
	if r.Shadow {
		if r.Memory = r.Kept; r.Memory == "" {
			r.Memory = "{}"
		}
	}
	m, err := r.recall()
	if err != nil {
		return m, err
	}
	return m, r.remember(m)
}

// before returns the memory from before the shadow, the zero value for a case
// that is not in it.
func (r *caseRow) before() (policy.Memory, error) {
	if r.Kept == "" {
		return policy.Memory{}, nil
	}
	c := caseRow{ID: r.ID, Memory: r.Kept}
	return c.recall()
}

// resumption is a case that leaves the shadow.
type resumption struct {
	c         *caseRow
	before    policy.State
	pretended string // the state in shadow
	now       time.Time
}

// resumed lets the case hear what it is to decide on.
func resumed(ctx context.Context, tx *txn, r resumption) error {
	q := tx.NewUpdate().Table("delivery").Set("shadow = FALSE").Where("case_id = ? AND shadow", r.c.ID)
	if r.before != policy.None {
		q = q.Set("done_at = 0, tries = 0, waits = 0, not_before = 0")
	}
	if _, err := q.Exec(ctx); err != nil {
		return fmt.Errorf("opening deliveries again: %w", err)
	}
	if r.before != policy.None || r.pretended == "" || r.pretended == string(policy.Ignored) {
		return nil
	}
	d := bot.Delivery{
		GUID:  fmt.Sprintf("shadow:%d:%d:%d", r.c.Repository, r.c.Issue, stamp(r.now)),
		Event: "adopt", Action: "adopt", AuthorID: r.c.AuthorID, ObjectID: r.c.Issue, // without a time: it comes first
		Private: r.c.Private, ReceivedAt: r.now,
	}
	d.Digest = bot.Digest(d.GUID)
	_, err := insertDelivery(ctx, tx, newDelivery(d, r.c.ID))
	return err
}

// pruneShadow forgets what would have been done long ago.
func pruneShadow(ctx context.Context, tx *txn, now time.Time) error {
	if _, err := tx.NewRaw(`DELETE FROM shadow WHERE at < ?`, stamp(now.Add(-keepWaits))).Exec(ctx); err != nil {
		return fmt.Errorf("forgetting what would have been done: %w", err)
	}
	return nil
}

// Would is how often something would have been done.
type Would struct {
	policy.Would

	Times    int
	Requests int
	Last     bot.Ref // the request that had it last
	At       time.Time
}

// Differs are requests with which people did otherwise.
type Differs struct {
	BothClosed   int // it would have closed them, and people did
	OnlyBot      int // it would have closed them, and nobody did
	OnlyPeople   int // people closed them, and it would not have
	RequestsSeen int // issues on which it decided anything
}

// WouldSince returns what was decided in shadow at since or later, in the order
// of policy.WouldKinds, and of each kind the most frequent first.
func (s *Store) WouldSince(ctx context.Context, since time.Time) ([]Would, Differs, error) {
	var all []Would
	var d Differs
	err := s.view(ctx, "reading what would have been done", func(tx *txn) (err error) {
		if all, err = wouldSince(ctx, tx, since); err != nil {
			return err
		}
		d, err = differs(ctx, tx, since)
		return err
	})
	return all, d, err
}

func wouldSince(ctx context.Context, tx *txn, since time.Time) ([]Would, error) {
	var rows []struct {
		Kind     string `bun:"kind"`
		Name     string `bun:"name"`
		Times    int    `bun:"times"`
		Requests int    `bun:"requests"`
		At       int64  `bun:"latest"`
	}
	err := tx.NewRaw(`SELECT kind, name, count(*) AS times, count(DISTINCT case_id) AS requests, max(at) AS latest
		FROM shadow WHERE at >= ? GROUP BY kind, name ORDER BY times DESC, kind, name`, stamp(since)).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	var all []Would
	for _, kind := range policy.WouldKinds() {
		for _, r := range rows {
			if r.Kind != string(kind) {
				continue
			}
			w := Would{Would: policy.Would{Kind: kind, Name: r.Name}, Times: r.Times, Requests: r.Requests, At: moment(r.At)}
			var c caseRow
			err := tx.NewSelect().Model(&c).Where(`c.id = (SELECT max(s.case_id) FROM shadow AS s
				WHERE s.kind = ? AND s.name = ? AND s.at = ?)`, r.Kind, r.Name, r.At).Scan(ctx)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return nil, err
			}
			w.Last = c.ref()
			all = append(all, w)
		}
	}
	return all, nil
}

// differs counts. What people did is known by their webhooks.
func differs(ctx context.Context, tx *txn, since time.Time) (Differs, error) {
	var d Differs
	const would = `SELECT case_id FROM shadow WHERE kind = 'close' AND at >= ?`
	const closed = `SELECT case_id FROM delivery WHERE event = 'issues' AND action = 'closed' AND NOT sender_bot AND received_at >= ?`
	const seen = `SELECT case_id FROM shadow WHERE at >= ?`
	at := stamp(since)
	for _, count := range []struct {
		into  *int
		query string
	}{
		{&d.BothClosed, `SELECT count(*) FROM cases WHERE id IN (` + would + `) AND id IN (` + closed + `)`},
		{&d.OnlyBot, `SELECT count(*) FROM cases WHERE id IN (` + would + `) AND id NOT IN (` + closed + `)`},
		{&d.OnlyPeople, `SELECT count(*) FROM cases WHERE id IN (` + seen + `) AND id IN (` + closed + `) AND id NOT IN (` + would + `)`},
		{&d.RequestsSeen, `SELECT count(*) FROM cases WHERE id IN (` + seen + `)`},
	} {
		args := make([]any, strings.Count(count.query, "?"))
		for i := range args {
			args[i] = at
		}
		if err := tx.NewRaw(count.query, args...).Scan(ctx, count.into); err != nil {
			return d, err
		}
	}
	return d, nil
}

// Backlog is what waits for the mode to be another one.
type Backlog struct {
	Deliveries int `json:"deliveries"` // stored and not decided
	Writes     int `json:"writes"`     // decided and not made
	Shadow     int `json:"shadow"`     // issues decided on in shadow
}

// Backlog counts.
func (s *Store) Backlog(ctx context.Context) (Backlog, error) {
	var b Backlog
	err := s.view(ctx, "counting what waits", func(tx *txn) error {
		return tx.NewRaw(`SELECT (SELECT count(*) FROM delivery WHERE done_at = 0), (SELECT count(*) FROM outbox WHERE done_at = 0),
			(SELECT count(*) FROM cases WHERE shadow)`).Scan(ctx, &b.Deliveries, &b.Writes, &b.Shadow)
	})
	return b, err
}
