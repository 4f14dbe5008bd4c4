package store

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/recoverybot/recoverybot/bot"
)

// insertion is an INSERT whose text never changes but for how many rows it
// has: the statements that every delivery needs are prepared once, where bun
// would write their values into a new text each time.
type insertion struct {
	head, tail string // before and after the values
	types      string // of the columns, by PostgreSQL's names
}

// batch is an insertion with the values of its rows.
type batch struct {
	insertion

	rows [][]any
}

// insertCases inserts cases or renews them, and locks them. What an older
// delivery tells of names does not replace what a newer one told. moved says
// that effects wait at another installation than the case's.
func insertCases() insertion {
	const newer = "excluded.newest_seen >= cases.newest_seen"
	return insertion{
		types: "bigint bigint bigint text text bigint boolean bigint text bytea bigint",
		head:  `INSERT INTO cases (repository, issue, installation, owner, name, number, private, author_id, uid, secret, newest_seen) `,
		tail: ` ON CONFLICT (repository, issue) DO UPDATE SET
			installation = CASE WHEN ` + newer + ` THEN excluded.installation ELSE cases.installation END,
			owner = CASE WHEN ` + newer + ` THEN excluded.owner ELSE cases.owner END,
			name = CASE WHEN ` + newer + ` THEN excluded.name ELSE cases.name END,
			private = CASE WHEN ` + newer + ` THEN excluded.private ELSE cases.private END,
			author_id = CASE WHEN cases.author_id = 0 THEN excluded.author_id ELSE cases.author_id END,
			newest_seen = CASE WHEN ` + newer + ` THEN excluded.newest_seen ELSE cases.newest_seen END
		RETURNING repository, issue, id, number, newest_seen, EXISTS (SELECT 1 FROM outbox AS o WHERE o.case_id = cases.id
			AND o.done_at = 0 AND NOT o.desk AND o.installation <> cases.installation)`,
	}
}

// insertDeliveries inserts deliveries that no unique index knows.
func insertDeliveries() insertion {
	return insertion{
		types: "text text bigint text text bigint bigint bigint boolean bigint boolean text boolean boolean bigint boolean text",
		head: `INSERT INTO delivery (guid, digest, case_id, event, action, author_id, object_id, object_updated_at,
			private, sender_id, sender_bot, comment_sha256, command, offer, received_at, desk, leaks) `,
		tail: ` ON CONFLICT DO NOTHING RETURNING guid`,
	}
}

func insertWake() insertion {
	return insertion{types: "text", head: `INSERT INTO wake (cases) `, tail: ` RETURNING id`}
}

func (r *deliveryRow) values() []any {
	return []any{
		r.GUID, r.Digest, r.CaseID, r.Event, r.Action, r.AuthorID, r.ObjectID, r.ObjectUpdatedAt,
		r.Private, r.SenderID, r.SenderBot, r.CommentSHA256, r.Command, r.Offer, r.ReceivedAt, r.Desk, r.Leaks,
	}
}

// store stores a group in one transaction. If that fails, each is tried
// alone, so that a bad one fails no other.
func (s *Store) store(group []*arrival) {
	ctx, cancel := context.WithTimeout(context.Background(), groupLimit)
	defer cancel()
	err := s.engine.prepare(ctx, insertCases(), insertDeliveries(), insertWake())
	if err == nil {
		err = s.storeTogether(ctx, group)
	}
	if err == nil {
		return
	}
	for _, a := range group {
		a.err = a.ctx.Err()
		if a.err == nil && len(group) > 1 {
			a.err = s.storeTogether(a.ctx, []*arrival{a})
		} else if a.err == nil {
			a.err = err
		}
	}
}

func (s *Store) storeTogether(ctx context.Context, group []*arrival) error {
	g := &gathering{s: s, wake: map[bot.CaseKey]bool{}}
	err := s.change(ctx, "adding a delivery", func(tx *txn) error {
		plain, others := sorted(group)
		if err := g.many(ctx, tx, plain); err != nil {
			return err
		}
		for _, a := range others {
			if err := g.single(ctx, tx, a); err != nil {
				return err
			}
		}
		return g.remember(ctx, tx)
	})
	if err == nil && len(g.wake) > 0 {
		s.nudge()
	}
	return err
}

// plain reports whether a tells all of its case, as a webhook does.
func (a *arrival) plain() bool {
	r := a.Ref
	return !a.Desk && a.GUID != "" && a.Digest != "" && r.Installation != 0 && r.Owner != "" && r.Name != "" && r.Number != 0
}

// sorted tells the plain ones, each GUID once, from the others.
func sorted(group []*arrival) (plain, others []*arrival) {
	named := make(map[string]bool, len(group))
	for _, a := range group {
		if a.plain() && !named[a.GUID] {
			named[a.GUID] = true
			plain = append(plain, a)
			continue
		}
		others = append(others, a)
	}
	return plain, others
}

// gathering is a transaction that stores a group.
type gathering struct {
	s    *Store
	wake map[bot.CaseKey]bool // cases with something new
}

// single stores a delivery by itself.
func (g *gathering) single(ctx context.Context, tx *txn, a *arrival) error {
	c, err := g.s.caseOf(ctx, tx, a.Delivery)
	if errors.Is(err, bot.ErrNotFound) {
		a.outcome = bot.Foreign
		return nil
	}
	if err != nil {
		return err
	}
	if a.outcome, err = insertDelivery(ctx, tx, newDelivery(a.Delivery, c.ID)); err != nil || a.outcome == bot.Seen {
		return err
	}
	g.wake[bot.CaseKey{Repository: c.Repository, Issue: c.Issue}] = true
	return nil
}

// many stores plain deliveries by a few statements.
func (g *gathering) many(ctx context.Context, tx *txn, plain []*arrival) error {
	if len(plain) == 0 {
		return nil
	}
	ids, err := g.meet(ctx, tx, plain)
	if err != nil {
		return err
	}
	rows := make([][]any, 0, len(plain))
	for _, a := range plain {
		rows = append(rows, newDelivery(a.Delivery, ids[a.Ref.CaseKey]).values())
	}
	added := make(map[string]bool, len(plain))
	err = g.s.engine.insert(ctx, tx, batch{insertDeliveries(), rows}, func(scan func(...any) error) error {
		var guid string
		err := scan(&guid)
		added[guid] = true
		return err
	})
	if err != nil {
		return fmt.Errorf("inserting the deliveries: %w", err)
	}
	for _, a := range plain {
		if a.outcome = bot.Added; added[a.GUID] {
			g.wake[a.Ref.CaseKey] = true
			continue
		}
		if a.outcome, err = rearm(ctx, tx, newDelivery(a.Delivery, 0)); err != nil {
			return err
		}
		if a.outcome != bot.Seen {
			g.wake[a.Ref.CaseKey] = true
		}
	}
	return nil
}

// meet inserts or renews the cases of plain deliveries, locks them, and
// returns their ids. All take the locks in the same order.
func (g *gathering) meet(ctx context.Context, tx *txn, plain []*arrival) (map[bot.CaseKey]int64, error) {
	cases, err := g.s.newestOf(plain)
	if err != nil {
		return nil, err
	}
	rows := make([][]any, 0, len(cases))
	told := make(map[bot.CaseKey]*caseRow, len(cases))
	for _, c := range cases {
		told[c.ref().CaseKey] = c
		rows = append(rows, []any{
			c.Repository, c.Issue, c.Installation, c.Owner, c.Name, c.Number, c.Private, c.AuthorID, c.UID, c.Secret, c.NewestSeen,
		})
	}
	ids := make(map[bot.CaseKey]int64, len(cases))
	var odd []*caseRow
	err = g.s.engine.insert(ctx, tx, batch{insertCases(), rows}, func(scan func(...any) error) error {
		var k bot.CaseKey
		var is caseRow
		var moved bool
		if err := scan(&k.Repository, &k.Issue, &is.ID, &is.Number, &is.NewestSeen, &moved); err != nil {
			return err
		}
		ids[k] = is.ID
		if c := told[k]; moved || is.Number != c.Number && is.NewestSeen == c.NewestSeen {
			c.ID = is.ID
			odd = append(odd, c)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("inserting the cases: %w", err)
	}
	for _, c := range odd {
		if err := g.renumber(ctx, tx, c); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// renumber does what hardly ever is to be done for a case: gives it another
// number, and moves its effects to another installation.
func (g *gathering) renumber(ctx context.Context, tx *txn, c *caseRow) error {
	_, err := tx.NewUpdate().Table("cases").Set("number = ?", c.Number).
		Where("id = ? AND newest_seen = ?", c.ID, c.NewestSeen).Exec(ctx)
	if err != nil {
		return fmt.Errorf("renewing the number of a case: %w", err)
	}
	is := &caseRow{}
	if err := tx.NewSelect().Model(is).Where("c.id = ?", c.ID).Scan(ctx); err != nil {
		return fmt.Errorf("reading the case: %w", err)
	}
	return g.s.moveEffects(ctx, tx, is)
}

// newestOf returns for each case of the group one row, sorted: what its newest
// delivery tells, and of those as new the last.
func (s *Store) newestOf(group []*arrival) ([]*caseRow, error) {
	cases := make(map[bot.CaseKey]*caseRow, len(group))
	all := make([]*caseRow, 0, len(group))
	for _, a := range group {
		c, err := s.newCase(a.Delivery)
		if err != nil {
			return nil, err
		}
		was := cases[a.Ref.CaseKey]
		if was == nil {
			cases[a.Ref.CaseKey] = c
			all = append(all, c)
			continue
		}
		was.AuthorID = cmp.Or(was.AuthorID, c.AuthorID)
		if c.NewestSeen >= was.NewestSeen {
			was.NewestSeen, was.Private = c.NewestSeen, c.Private
			was.renew(a.Ref)
		}
	}
	slices.SortFunc(all, func(a, b *caseRow) int {
		return cmp.Or(cmp.Compare(a.Repository, b.Repository), cmp.Compare(a.Issue, b.Issue))
	})
	return all, nil
}

// newCase is the case that d tells of, with an id and a key of its own.
func (s *Store) newCase(d bot.Delivery) (*caseRow, error) {
	random := make([]byte, uidSize+secretSize)
	if _, err := io.ReadFull(s.random, random); err != nil {
		return nil, fmt.Errorf("making the key of a case: %w", err)
	}
	c := &caseRow{
		Repository: d.Ref.Repository, Issue: d.Ref.Issue, Private: d.Private, AuthorID: d.AuthorID,
		UID: hex.EncodeToString(random[:uidSize]), Secret: random[uidSize:],
		Memory: "{}",
	}
	if d.Event != "issue_comment" || d.Action == "created" {
		// GitHub does not promise that an edited comment makes its issue newer.
		c.NewestSeen = stamp(d.ObjectUpdatedAt)
	}
	c.renew(d.Ref)
	return c, nil
}

// remember notes which cases need a job, in the transaction that gives them
// something to do: Dispatch inserts the jobs, of many groups at once.
func (g *gathering) remember(ctx context.Context, tx *txn) error {
	if len(g.wake) == 0 {
		return nil
	}
	keys := make([][2]int64, 0, len(g.wake))
	for k := range g.wake {
		keys = append(keys, [2]int64{k.Repository, k.Issue})
	}
	slices.SortFunc(keys, func(a, b [2]int64) int { return slices.Compare(a[:], b[:]) })
	text, err := json.Marshal(keys)
	if err != nil {
		return fmt.Errorf("writing down whom to wake: %w", err)
	}
	err = g.s.engine.insert(ctx, tx, batch{insertWake(), [][]any{{string(text)}}}, func(scan func(...any) error) error {
		var id int64
		return scan(&id)
	})
	if err != nil {
		return fmt.Errorf("writing down whom to wake: %w", err)
	}
	return nil
}
