package bot

import (
	"context"

	"github.com/recoverybot/recoverybot/policy"
)

// OthersEvent is the Delivery.Event by which a case is looked at again because
// of another one. Nobody sent it.
const OthersEvent = "others"

// Others are the other requests that have something in common with one.
type Others struct {
	Of      policy.Same
	List    []policy.Other
	Version int64 // of the account, for Commit
}

// others reads the other requests into the facts.
func (b *Bot) others(ctx context.Context, w *Work, req *policy.Request, of policy.Same) error {
	found, err := b.Store.Others(ctx, of, w.Case.Ref.CaseKey)
	if err != nil {
		return err
	}
	found.Of = of
	w.Others, req.Facts.Others, req.Facts.Same = found, found.List, of
	return nil
}

// think decides. Where the decision names another account than the request did
// before it, the requests for that one are read, and it is taken again.
func (b *Bot) think(ctx context.Context, w *Work, req policy.Request, ev policy.Event) (policy.Decision, error) {
	var d policy.Decision
	for range 3 {
		if err := guard(func() { d = b.Rules.Decide(req, ev, b.Clock()) }); err != nil {
			return d, err
		}
		of := policy.SameOf(req.Issue, d.Memory)
		if ev.Kind == policy.Gone || of == (policy.Same{}) || of == req.Facts.Same {
			return d, nil
		}
		if err := b.others(ctx, w, &req, of); err != nil {
			return d, err
		}
	}
	return d, nil
}

// fromStore reads the facts that the store has.
func (b *Bot) fromStore(ctx context.Context, w *Work, req *policy.Request, need policy.FactSet) (err error) {
	if need.Same != (policy.Same{}) {
		if err := b.others(ctx, w, req, need.Same); err != nil {
			return err
		}
	}
	if need.Objector != 0 {
		req.Facts.Objections, err = b.Store.Objections(ctx, need.Objector, w.Case.Ref.CaseKey)
	}
	return err
}
