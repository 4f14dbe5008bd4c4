package store

import (
	"context"
	"fmt"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// jobState tells the open from the dead, the superseded and the done.
func jobState(doneAt int64, deadClass string, superseded bool) bot.JobState {
	switch {
	case doneAt == 0:
		return bot.JobOpen
	case deadClass != "":
		return bot.JobDead
	case superseded:
		return bot.JobSuperseded
	}
	return bot.JobDone
}

func (r *deliveryRow) job() bot.Job {
	j := bot.Job{
		Kind: bot.JobDelivery, Name: r.GUID, Ref: bot.Ref{CaseKey: bot.CaseKey{Issue: r.CaseID}},
		What: r.Event + "." + r.Action, State: jobState(r.DoneAt, r.DeadClass, false),
		Object: r.ObjectID, Sender: r.SenderID, At: moment(r.ReceivedAt),
		Tries: r.Tries, Waits: r.Waits, Ended: moment(r.DoneAt), Class: r.Class,
	}
	if r.DeadClass != "" {
		j.Class = r.DeadClass
	}
	if j.State == bot.JobOpen {
		j.Next = moment(r.NotBefore)
	}
	return j
}

func (r *outboxRow) job(ctx context.Context, tx *txn) (bot.Job, error) {
	j := bot.Job{
		Kind: bot.JobWrite, Name: strconv.FormatInt(r.ID, 10), Ref: bot.Ref{CaseKey: bot.CaseKey{Issue: r.CaseID}},
		What: r.Key, State: jobState(r.DoneAt, r.DeadClass, r.Superseded), At: moment(r.DecidedAt),
		Tries: r.Tries, Waits: r.Waits, Step: r.Step, Begun: moment(r.BegunAt), Ended: moment(r.DoneAt), Class: r.Class,
	}
	switch j.State {
	case bot.JobOpen:
		of, err := readInstallation(ctx, tx, r.Installation)
		if err != nil {
			return j, err
		}
		j.Next = moment(max(r.NotBefore, of.until(r.Priority)))
	case bot.JobDead:
		j.Class = r.DeadClass
		newer, err := r.newer(ctx, tx)
		if err != nil {
			return j, err
		}
		if newer != 0 {
			j.Newer = strconv.FormatInt(newer, 10)
		}
	case bot.JobDone, bot.JobSuperseded:
	}
	return j, nil
}

// newer returns the number of a later effect of the case that takes the place
// of r, 0 where there is none: for what describes a whole, and for closing and
// opening, the last one counts.
func (r *outboxRow) newer(ctx context.Context, tx *txn) (int64, error) {
	keys := []string{r.Key}
	switch {
	case r.Kind == "close" || r.Kind == "reopen":
		keys = []string{"close", "reopen"}
	case !policy.Supersedes(r.Key):
		return 0, nil
	}
	var id int64
	err := tx.NewSelect().Table("outbox").ColumnExpr("coalesce(max(id), 0)").
		Where("case_id = ? AND seq > ?", r.CaseID, r.Seq).Where("effect_key IN (?)", bun.List(keys)).Scan(ctx, &id)
	if err != nil {
		return 0, fmt.Errorf("reading what came after an effect: %w", err)
	}
	return id, nil
}

// nameCases gives jobs, which name their case by its row alone, its reference.
func nameCases(ctx context.Context, tx *txn, jobs []bot.Job) error {
	var rows []caseRow
	err := tx.NewSelect().Model(&rows).
		Where("c.id IN (SELECT case_id FROM delivery WHERE " + unfinished + " UNION SELECT case_id FROM outbox WHERE " + unfinished + ")").Scan(ctx)
	if err != nil {
		return fmt.Errorf("reading the cases of jobs: %w", err)
	}
	refs := make(map[int64]bot.Ref, len(rows))
	for i := range rows {
		refs[rows[i].ID] = rows[i].ref()
	}
	for i := range jobs {
		jobs[i].Ref = refs[jobs[i].Ref.Issue]
	}
	return nil
}
