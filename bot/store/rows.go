package store

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

type caseRow struct {
	bun.BaseModel `bun:"table:cases,alias:c"`

	ID           int64  `bun:"id,pk,autoincrement"`
	Repository   int64  `bun:"repository"`
	Issue        int64  `bun:"issue"`
	Installation int64  `bun:"installation"`
	Owner        string `bun:"owner"`
	Name         string `bun:"name"`
	Number       int    `bun:"number"`
	Private      bool   `bun:"private"`
	AuthorID     int64  `bun:"author_id"`
	UID          string `bun:"uid"`
	Secret       []byte `bun:"secret"`
	Memory       string `bun:"memory"`
	Version      int64  `bun:"version"`
	NewestSeen   int64  `bun:"newest_seen"`
	LastWrite    int64  `bun:"last_write"`
	Overdue      int    `bun:"overdue"`
	State        string `bun:"state"`
	Turn         string `bun:"turn"`
	Kind         string `bun:"kind"`
	Since        int64  `bun:"since"`
	Queued       int64  `bun:"queued"`
	WakeAt       int64  `bun:"wake_at"`
	Replied      bool   `bun:"replied"`
	Ended        int64  `bun:"ended"` // of those that are
	Registry     string `bun:"registry"`
	Account      string `bun:"account"` // in lower case

	DeskRepository int64 `bun:"desk_repository"`
	DeskIssue      int64 `bun:"desk_issue"`
	DeskNumber     int   `bun:"desk_number"`
	DeskReposts    int   `bun:"desk_reposts"`

	Shadow bool   `bun:"shadow"` // memory is what was decided in shadow
	Kept   string `bun:"kept"`   // then: the memory from before
}

func (r *caseRow) ref() bot.Ref {
	return bot.Ref{
		CaseKey:      bot.CaseKey{Repository: r.Repository, Issue: r.Issue},
		Installation: r.Installation, Owner: r.Owner, Name: r.Name, Number: r.Number,
	}
}

// renew takes over what ref knows; names and numbers change, and not every
// source tells all of them.
func (r *caseRow) renew(ref bot.Ref) {
	if ref.Installation != 0 {
		r.Installation = ref.Installation
	}
	if ref.Owner != "" && ref.Name != "" {
		r.Owner, r.Name = ref.Owner, ref.Name
	}
	if ref.Number != 0 {
		r.Number = ref.Number
	}
}

// remember sets memory and the columns that queries use beside it.
func (r *caseRow) remember(m policy.Memory) error {
	text, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encoding the memory: %w", err)
	}
	r.Memory = string(text)
	r.State, r.Turn, r.Kind = string(m.State), string(m.Turn), string(m.Kind)
	r.Since, r.Queued, r.WakeAt = stamp(m.Since), stamp(m.Queued), stamp(m.WakeAt)
	if r.Ended = 0; m.State.Ended() {
		r.Ended = stamp(m.Ended)
	}
	same := policy.SameOf(policy.Issue{}, m)
	r.Registry, r.Account = same.Registry, same.Account
	r.Replied = slices.Contains(m.Flags, policy.FlagRepliedAfterEnd)
	return nil
}

func (r *caseRow) recall() (policy.Memory, error) {
	var m policy.Memory
	if err := json.Unmarshal([]byte(r.Memory), &m); err != nil {
		return m, fmt.Errorf("decoding the memory of case %d: %w", r.ID, err)
	}
	return m, nil
}

type deliveryRow struct {
	bun.BaseModel `bun:"table:delivery,alias:d"`

	ID              int64  `bun:"id,pk,autoincrement"`
	GUID            string `bun:"guid,nullzero"`
	Digest          string `bun:"digest,nullzero"`
	CaseID          int64  `bun:"case_id"`
	Event           string `bun:"event"`
	Action          string `bun:"action"`
	AuthorID        int64  `bun:"author_id"`
	ObjectID        int64  `bun:"object_id"`
	ObjectUpdatedAt int64  `bun:"object_updated_at"`
	Private         bool   `bun:"private"`
	SenderID        int64  `bun:"sender_id"`
	SenderBot       bool   `bun:"sender_bot"`
	CommentSHA256   string `bun:"comment_sha256"`
	Command         bool   `bun:"command"`
	Offer           bool   `bun:"offer"`
	ReceivedAt      int64  `bun:"received_at"`
	Desk            bool   `bun:"desk"`
	Leaks           string `bun:"leaks"`
	Tries           int    `bun:"tries"`
	Waits           int    `bun:"waits"`
	NotBefore       int64  `bun:"not_before"`
	Class           string `bun:"class"`
	DoneAt          int64  `bun:"done_at"`
	DeadClass       string `bun:"dead_class"`
}

func newDelivery(d bot.Delivery, caseID int64) *deliveryRow {
	return &deliveryRow{
		GUID: d.GUID, Digest: d.Digest, CaseID: caseID, Event: d.Event, Action: d.Action,
		AuthorID: d.AuthorID, ObjectID: d.ObjectID, ObjectUpdatedAt: stamp(d.ObjectUpdatedAt),
		Private: d.Private, SenderID: d.SenderID, SenderBot: d.SenderBot,
		CommentSHA256: d.CommentSHA256, Command: d.Command, Offer: d.Offer,
		ReceivedAt: stamp(d.ReceivedAt), Desk: d.Desk, Leaks: packed(d.Leaks),
	}
}

func (r *deliveryRow) delivery(ref bot.Ref) (*bot.Delivery, error) {
	leaks, err := unpacked(r.Leaks)
	return &bot.Delivery{
		ID: r.ID, GUID: r.GUID, Digest: r.Digest, Event: r.Event, Action: r.Action, Ref: ref,
		Private: r.Private, AuthorID: r.AuthorID, ObjectID: r.ObjectID,
		ObjectUpdatedAt: moment(r.ObjectUpdatedAt), SenderID: r.SenderID,
		SenderBot: r.SenderBot, CommentSHA256: r.CommentSHA256,
		Command: r.Command, Offer: r.Offer, ReceivedAt: moment(r.ReceivedAt), Tries: r.Tries, Waits: r.Waits,
		Desk: r.Desk, Leaks: leaks,
	}, err
}

type outboxRow struct {
	bun.BaseModel `bun:"table:outbox,alias:o"`

	ID           int64  `bun:"id,pk,autoincrement"`
	Installation int64  `bun:"installation"`
	CaseID       int64  `bun:"case_id"`
	Seq          int64  `bun:"seq"`
	Key          string `bun:"effect_key"`
	Kind         string `bun:"kind"`
	Args         string `bun:"args"`
	Priority     int    `bun:"priority"`
	Desk         bool   `bun:"desk"`
	DecidedAt    int64  `bun:"decided_at"`
	Step         int    `bun:"step"`
	BegunAt      int64  `bun:"begun_at"`
	Tries        int    `bun:"tries"`
	Waits        int    `bun:"waits"`
	NotBefore    int64  `bun:"not_before"`
	Class        string `bun:"class"`
	DoneAt       int64  `bun:"done_at"`
	Superseded   bool   `bun:"superseded"`
	DeadClass    string `bun:"dead_class"`
}

type commentRow struct {
	bun.BaseModel `bun:"table:comment,alias:m"`

	CaseID    int64  `bun:"case_id,pk"`
	Name      string `bun:"name,pk"`
	CommentID int64  `bun:"comment_id"`
	Reposts   int    `bun:"reposts"`
}

type repositoryRow struct {
	bun.BaseModel `bun:"table:repository,alias:r"`

	ID           int64  `bun:"id,pk"`
	Owner        string `bun:"owner"`
	Name         string `bun:"name"`
	Installation int64  `bun:"installation"`
	Private      bool   `bun:"private"`
	State        string `bun:"state"`
	Mark         int64  `bun:"mark"`
	Started      int64  `bun:"started"`
	Adoption     string `bun:"adoption"`
	PerDay       int    `bun:"per_day"`
	AdoptedAt    int64  `bun:"adopted_at"`
	Batch        int64  `bun:"batch"`
	Held         bool   `bun:"held"`
	Desk         int64  `bun:"desk"` // id of its desk; 0: none
	Since        int64  `bun:"since"`
	ETag         string `bun:"etag"`
	PassAt       int64  `bun:"pass_at"`
	PassEvery    int64  `bun:"pass_every"` // microseconds
	Behind       bool   `bun:"behind"`
	LookedAt     int64  `bun:"looked_at"`
}
