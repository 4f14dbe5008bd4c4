package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"github.com/uptrace/bun"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// unfinished are the rows that are open or dead.
const unfinished = "(done_at = 0 OR dead_class <> '')"

// Jobs returns all deliveries and effects that are open or dead, oldest first.
func (s *Store) Jobs(ctx context.Context) ([]bot.Job, error) {
	var jobs []bot.Job
	err := s.view(ctx, "reading the jobs", func(tx *txn) error {
		var deliveries []deliveryRow
		if err := tx.NewSelect().Model(&deliveries).Where(unfinished).Order("d.id").Scan(ctx); err != nil {
			return fmt.Errorf("reading the deliveries: %w", err)
		}
		var effects []outboxRow
		if err := tx.NewSelect().Model(&effects).Where(unfinished).Order("o.id").Scan(ctx); err != nil {
			return fmt.Errorf("reading the effects: %w", err)
		}
		for i := range deliveries {
			jobs = append(jobs, deliveries[i].job())
		}
		for i := range effects {
			j, err := effects[i].job(ctx, tx)
			if err != nil {
				return err
			}
			jobs = append(jobs, j)
		}
		return nameCases(ctx, tx, jobs)
	})
	slices.SortStableFunc(jobs, func(a, b bot.Job) int { return a.At.Compare(b.At) })
	return jobs, err
}

// Job returns one delivery or effect by its name, in whatever state it is;
// ErrNotFound if there is none.
func (s *Store) Job(ctx context.Context, name string) (bot.Job, error) {
	var found bot.Job
	err := s.view(ctx, "reading a job", func(tx *txn) error {
		w, err := findWork(ctx, tx, name)
		if err != nil {
			return err
		}
		found, err = w.job(ctx, tx)
		return err
	})
	return found, err
}

// Retry lets a delivery or an effect that is dead, or that waits, be tried at
// once and from the first try on, and wakes who does it; the timeline of its
// case tells that an operator asked for it. Where it may not be tried again
// the verdict says why, and nothing changes. ErrNotFound if there is none.
func (s *Store) Retry(ctx context.Context, name string, now time.Time) (bot.Verdict, error) {
	verdict := bot.VerdictRetried
	err := s.change(ctx, "retrying a job", func(tx *txn) error {
		w, err := lockWork(ctx, tx, name)
		if err != nil {
			return err
		}
		j, err := w.job(ctx, tx)
		if err != nil {
			return err
		}
		if verdict = w.judge(j); verdict != bot.VerdictRetried {
			return nil
		}
		if err := w.rearm(ctx, tx); err != nil {
			return err
		}
		row, err := w.retried(j, now)
		if err != nil {
			return err
		}
		var wanted river.JobArgs = caseArgs{Repository: w.of.Repository, Issue: w.of.Issue}
		if w.effect != nil {
			wanted = drainArgs{Installation: w.effect.Installation}
		}
		if err := s.wake(ctx, tx, wanted); err != nil {
			return err
		}
		return addAuditRow(ctx, tx, row)
	})
	return verdict, err
}

// stored is a row of delivery or of outbox, with its case.
type stored struct {
	of       caseRow
	delivery *deliveryRow // nil: it is an effect
	effect   *outboxRow   // nil: it is a delivery
}

// findWork finds by GUID or, for effects, by number. No GUID of GitHub is a
// number.
func findWork(ctx context.Context, tx *txn, name string) (*stored, error) {
	w := &stored{}
	var caseID int64
	if id, err := strconv.ParseInt(name, 10, 64); err == nil {
		w.effect = &outboxRow{}
		err := tx.NewSelect().Model(w.effect).Where("o.id = ?", id).Scan(ctx)
		if err != nil {
			return nil, missing(err)
		}
		caseID = w.effect.CaseID
	} else {
		w.delivery = &deliveryRow{}
		err := tx.NewSelect().Model(w.delivery).Where("d.guid = ?", name).Scan(ctx)
		if err != nil {
			return nil, missing(err)
		}
		caseID = w.delivery.CaseID
	}
	if err := byID(caseID)(tx.NewSelect().Model(&w.of)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading the case of a job: %w", err)
	}
	return w, nil
}

// lockWork finds a job and holds the lock of its case, under which it ends; of
// an effect that of the installation, too.
func lockWork(ctx context.Context, tx *txn, name string) (*stored, error) {
	w, err := findWork(ctx, tx, name)
	if err != nil {
		return nil, err
	}
	if err := lockCaseID(ctx, tx, w.of.ID); err != nil {
		return nil, err
	}
	if w, err = findWork(ctx, tx, name); err != nil || w.effect == nil {
		return w, err
	}
	ids := []int64{w.effect.Installation, w.of.Installation}
	if w.effect.Desk {
		desk, err := lockDesk(ctx, tx, &w.of)
		if err != nil {
			return nil, err
		}
		ids = append(ids, desk)
	}
	return w, lockInstallations(ctx, tx, ids)
}

func (w *stored) job(ctx context.Context, tx *txn) (bot.Job, error) {
	var j bot.Job
	if w.delivery != nil {
		j = w.delivery.job()
	} else {
		var err error
		if j, err = w.effect.job(ctx, tx); err != nil {
			return j, err
		}
	}
	j.Ref = w.of.ref()
	return j, nil
}

// judge says whether a job may be tried again. What was decided later wins,
// and what people did with the issue since.
func (w *stored) judge(j bot.Job) bot.Verdict {
	open := policy.State(w.of.State).Open()
	switch {
	case j.State == bot.JobDone:
		return bot.VerdictDone
	case j.State == bot.JobSuperseded:
		return bot.VerdictSuperseded
	case j.State == bot.JobOpen || w.delivery != nil:
		return bot.VerdictRetried
	case strings.Contains(j.Class, ": "+string(bot.GoneAway)+": "):
		return bot.VerdictGone
	case j.Newer != "":
		return bot.VerdictNewer
	case w.effect.Kind == "close" && open, w.effect.Kind == "reopen" && !open:
		return bot.VerdictOvertaken
	}
	return bot.VerdictRetried
}

func (w *stored) rearm(ctx context.Context, tx *txn) error {
	var q *bun.UpdateQuery
	if w.delivery != nil {
		q = tx.NewUpdate().Table("delivery").Where("id = ?", w.delivery.ID)
	} else {
		// It may have died before its case moved to another installation.
		desk, _, err := newDesks(tx).of(ctx, &w.of)
		if err != nil {
			return err
		}
		w.effect.Installation = w.of.Installation
		if w.effect.Desk && desk.Installation != 0 {
			w.effect.Installation = desk.Installation
		}
		q = tx.NewUpdate().Table("outbox").Set("installation = ?", w.effect.Installation).Where("id = ?", w.effect.ID)
	}
	_, err := q.Set("done_at = 0, dead_class = '', tries = 0, waits = 0, not_before = 0").Exec(ctx)
	if err != nil {
		return fmt.Errorf("re-arming it: %w", err)
	}
	return nil
}

// retried is the audit row of an operator's retry. It changes no state; who
// the operator was, nobody can know here.
func (w *stored) retried(j bot.Job, now time.Time) (auditRow, error) {
	m, err := w.of.recall()
	if err != nil {
		return auditRow{}, err
	}
	reasons, err := json.Marshal([]policy.Reason{{Code: "retried-by-operator", Args: []string{string(j.Kind), j.Name}}})
	if err != nil {
		return auditRow{}, fmt.Errorf("encoding the reasons: %w", err)
	}
	state := word(m.State)
	return auditRow{
		At: stamp(now), CaseUID: w.of.UID, Action: fmt.Sprintf("retried: %s -> %s", state, state),
		Reasons: string(reasons), Policy: m.Policy,
		Subject: keyed(w.of.Secret, "author", strconv.FormatInt(w.of.AuthorID, 10)), Account: hiddenAccount(w.of.Secret, m),
	}, nil
}
