package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// Held is one request of a person, and what is kept with it.
type Held struct {
	bot.Case

	Kept       policy.Memory // from before the shadow, while it is in it
	Deliveries []Arrived
	Commands   []Ran
	Timeline   []bot.AuditRow

	id   int64
	idle bool
}

// Arrived is a delivery of what somebody did.
type Arrived struct {
	Request       bot.Ref // zero where it stands with its request
	Event, Action string
	Object        int64 // comment id, or issue id
	At            time.Time
	Done          bool // and is not opened again when the shadow ends
}

// Ran is a command that ran, or was refused.
type Ran struct {
	Comment int64
	Outcome string // code of a reason
	At      time.Time
}

// Mention is what a request of somebody else says of a person.
type Mention struct {
	Request bot.Ref
	What    string // "objection" or "act of staff"
	Open    bool   // whether the request is
	At      time.Time
	Comment int64 // of an objection

	id int64
}

// Holdings is everything that is kept about a person.
type Holdings struct {
	Requests      []Held          // also issues of theirs that are no requests
	Pseudonymised []policy.Memory // of theirs, found with Options.PseudonymKey alone
	Mentions      []Mention
	Elsewhere     []Arrived // what they did in other people's requests
	LogRows       int64     // of the audit log that name them as staff, or as versions before hid nobody
	Hidden        int64     // requests with any pseudonym: without the key nobody knows whose
}

// Empty reports whether nothing is kept but rows of the audit log, of which
// none is ever changed.
func (h Holdings) Empty() bool {
	return len(h.Requests)+len(h.Pseudonymised)+len(h.Mentions)+len(h.Elsewhere) == 0
}

// Holdings reads what is kept about the user of an id.
func (s *Store) Holdings(ctx context.Context, user int64) (Holdings, error) {
	var h Holdings
	err := s.view(ctx, "reading what is kept about a person", func(tx *txn) (err error) {
		h, err = s.holdings(ctx, tx, user)
		return err
	})
	return h, err
}

func (s *Store) holdings(ctx context.Context, tx *txn, user int64) (h Holdings, err error) {
	if user <= 0 {
		return h, errors.New("an id of GitHub is above 0")
	}
	if h.Requests, err = heldBy(ctx, tx, user); err != nil {
		return h, err
	}
	if h.Mentions, err = mentions(ctx, tx, user); err != nil {
		return h, err
	}
	if h.Elsewhere, err = arrived(ctx, tx, "d.sender_id = ? AND c.author_id <> ? OR d.author_id = ? AND c.author_id <> ?", user, user, user, user); err != nil {
		return h, err
	}
	if h.LogRows, err = tx.NewSelect().Table("audit").Where("actor = ? OR reasons LIKE ?", user, fmt.Sprintf(`%%"by:%d"%%`, user)).Count(ctx); err != nil {
		return h, fmt.Errorf("counting rows of the audit log: %w", err)
	}
	if h.Hidden, err = tx.NewSelect().Table("cases").Where("pseudonym <> ''").Count(ctx); err != nil {
		return h, fmt.Errorf("counting pseudonyms: %w", err)
	}
	name := pseudonym(s.pseudonyms, user)
	if name == "" {
		return h, nil
	}
	var rows []caseRow
	if err := tx.NewSelect().Model(&rows).Where("c.pseudonym = ?", name).Order("c.id").Scan(ctx); err != nil {
		return h, fmt.Errorf("reading pseudonymised requests: %w", err)
	}
	for i := range rows {
		m, err := rows[i].recall()
		if err != nil {
			return h, err
		}
		h.Pseudonymised = append(h.Pseudonymised, m)
	}
	return h, nil
}

// heldBy are the requests of a user.
func heldBy(ctx context.Context, tx *txn, user int64) ([]Held, error) {
	var rows []caseRow
	err := tx.NewSelect().Model(&rows).Where("c.author_id = ?", user).Order("c.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the requests of a person: %w", err)
	}
	var all []Held
	for i := range rows {
		r := &rows[i]
		h := Held{id: r.ID}
		if h.Case, err = loadCase(ctx, tx, byID(r.ID)); err != nil {
			return nil, err
		}
		if h.Kept, err = r.before(); err != nil {
			return nil, err
		}
		if h.idle, err = byID(r.ID)(tx.NewSelect().Model((*caseRow)(nil))).Where(idle).Exists(ctx); err != nil {
			return nil, fmt.Errorf("reading whether there is something to do: %w", err)
		}
		if h.Deliveries, err = arrived(ctx, tx, "d.case_id = ?", r.ID); err != nil {
			return nil, err
		}
		if err := h.log(ctx, tx, r); err != nil {
			return nil, err
		}
		all = append(all, h)
	}
	return all, nil
}

// log reads the commands and the timeline of a request.
func (h *Held) log(ctx context.Context, tx *txn, c *caseRow) error {
	var ran []struct {
		CommentID int64
		Outcome   string
		At        int64
	}
	err := tx.NewSelect().Table("seen_command").Column("comment_id", "outcome", "at").
		Where("case_id = ?", c.ID).Order("at", "comment_id").Scan(ctx, &ran)
	if err != nil {
		return fmt.Errorf("reading the commands of a request: %w", err)
	}
	for _, r := range ran {
		h.Commands = append(h.Commands, Ran{Comment: r.CommentID, Outcome: r.Outcome, At: moment(r.At)})
	}
	var rows []auditRow
	if err := tx.NewSelect().Model(&rows).Where("a.case_uid = ?", c.UID).Order("a.seq").Scan(ctx); err != nil {
		return fmt.Errorf("reading the timeline of a request: %w", err)
	}
	for i := range rows {
		row, err := rows[i].tell()
		if err != nil {
			return err
		}
		h.Timeline = append(h.Timeline, row)
	}
	return reveal(h.Timeline, c)
}

// arrived are deliveries.
func arrived(ctx context.Context, tx *txn, where string, args ...any) ([]Arrived, error) {
	var rows []struct {
		deliveryRow

		Again bool `bun:"again"`
	}
	err := tx.NewSelect().Model((*deliveryRow)(nil)).ColumnExpr("d.*").ColumnExpr("(d.shadow AND NOT "+nothingKept+") AS again").
		Join("JOIN cases AS c ON c.id = d.case_id").Where(where, args...).Order("d.id").Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("reading the deliveries of a person: %w", err)
	}
	all := make([]Arrived, 0, len(rows))
	for _, r := range rows {
		all = append(all, Arrived{
			Event: r.Event, Action: r.Action, Object: r.ObjectID, At: moment(r.ObjectUpdatedAt), Done: r.DoneAt > 0 && !r.Again,
		})
	}
	return all, nil
}

// like is a pattern for texts in which a number stands, or a longer one.
func like(user int64) string { return fmt.Sprintf("%%%d%%", user) }

// mentions are what memories of other people's requests say of a user.
func mentions(ctx context.Context, tx *txn, user int64) ([]Mention, error) {
	var rows []caseRow
	err := tx.NewSelect().Model(&rows).Where("c.author_id <> ?", user).Where("(c.memory LIKE ? OR c.kept LIKE ?)", like(user), like(user)).
		Order("c.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking for a person in requests: %w", err)
	}
	var all []Mention
	for i := range rows {
		m, err := rows[i].recall()
		if err != nil {
			return nil, err
		}
		kept, err := rows[i].before()
		if err != nil {
			return nil, err
		}
		about := Mention{Request: rows[i].ref(), Open: m.State.Open() || kept.State.Open(), id: rows[i].ID}
		own, acts := saidOf(m, user)
		before, more := saidOf(kept, user)
		for _, o := range append(own, before...) {
			about.What, about.At, about.Comment = "objection", o.At, o.Comment
			if !slices.Contains(all, about) {
				all = append(all, about)
			}
		}
		if acts+more > 0 {
			all = append(all, Mention{Request: about.Request, What: "act of staff", Open: about.Open, id: about.id})
		}
	}
	return all, nil
}

// saidOf returns the objections of a user in a memory, and how often it has
// them for anything else.
func saidOf(m policy.Memory, user int64) (own []policy.Objection, acts int) {
	for _, id := range m.People() {
		if *id == user {
			acts++
		}
	}
	for _, o := range m.Objections {
		if o.By == user && !o.Mail {
			own = append(own, o)
			acts--
		}
	}
	if m.Hold != nil && m.Hold.By == user && slices.Contains(objectors(m), user) {
		acts-- // it is of the objection
	}
	return own, acts
}
