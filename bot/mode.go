package bot

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Mode says what the bot may do now. Of several opinions the strictest holds;
// one that is not known, or empty, counts as ModeStop.
type Mode string

// The modes. Deliveries are taken in and stored in each of them.
const (
	// ModeRun is the usual one.
	ModeRun Mode = "run"
	// ModeShadow reads and decides, and records what it would do: nothing is
	// written to GitHub, and what was decided is never made.
	ModeShadow Mode = "shadow"
	// ModeReadOnly decides on deliveries; what is to be written waits. Time
	// alone decides nothing, for nobody could answer.
	ModeReadOnly Mode = "read-only"
	// ModeStop does no more than to store deliveries: nothing is read from
	// GitHub, and nothing is decided.
	ModeStop Mode = "stop"
)

// ErrStopped means that the mode is ModeStop, and GitHub is not read.
var ErrStopped = errors.New("the bot is stopped: `recoverybot mode run` lets it go on")

// Modes returns all modes, the laxest first.
func Modes() []Mode { return []Mode{ModeRun, ModeShadow, ModeReadOnly, ModeStop} }

// ParseMode returns the mode of that name. Any other text is ModeStop, and false.
func ParseMode(name string) (Mode, bool) {
	if m := Mode(name); slices.Contains(Modes(), m) {
		return m, true
	}
	return ModeStop, false
}

// Stricter returns the stricter of two modes.
func (m Mode) Stricter(other Mode) Mode {
	return Modes()[max(m.rank(), other.rank())]
}

func (m Mode) rank() int {
	if i := slices.Index(Modes(), m); i >= 0 {
		return i
	}
	return len(Modes()) - 1
}

// Works reports whether GitHub is read and deliveries are decided on.
func (m Mode) Works() bool { return m.rank() < ModeStop.rank() }

// Ticks reports whether time alone may decide.
func (m Mode) Ticks() bool { return m == ModeRun || m == ModeShadow }

// Setter is who, or what, chose a mode.
type Setter string

// The setters.
const (
	SetByNobody  Setter = ""
	SetByCommand Setter = "command"
	SetBySignal  Setter = "signal"
	SetByFlag    Setter = "flag"
	SetByFile    Setter = "file"
)

// Opinion is a mode that somebody wants.
type Opinion struct {
	Mode   Mode
	Setter Setter
	// Problem says what is wrong with what the opinion was read from, and that
	// it is ModeStop for that reason; "": nothing.
	Problem string
}

// Standing is the mode that holds now.
type Standing struct {
	Opinion

	Since  time.Time // when it began, as far as is known; zero: always so
	Stored Mode      // what the database says, which a command changes
}

// ModeChange is the wish for another mode.
type ModeChange struct {
	Opinion

	Now time.Time
	// AtLeast keeps a mode that is stricter already: a hurried signal must not
	// loosen what somebody chose.
	AtLeast bool
}

// ModeStore keeps the mode, in the same database as everything that it rules.
type ModeStore interface {
	// Standing returns the mode that holds.
	Standing(ctx context.Context) (Standing, error)
	// SetMode stores a mode. Once it has returned, no process that shares the
	// database begins a call, or stores a decision, that the mode forbids.
	// Where it becomes ModeRun, the time since it was something else is Away,
	// as after Renew. Where it is ModeShadow no more, what was decided in it is
	// forgotten: a request that it began is adopted anew, and one from before
	// is as it was, with all that came meanwhile still to be decided.
	SetMode(ctx context.Context, c ModeChange) error
	// Heed is Standing for the process that serves, to be called every second: it does what
	// SetMode does where a file or a flag has changed the mode.
	Heed(ctx context.Context, now time.Time) (Standing, error)
}

// may reports whether the mode that holds allows something; where it cannot be
// read, nothing.
func (b *Bot) may(ctx context.Context, what func(Mode) bool) (bool, error) {
	s, err := b.Store.Standing(ctx)
	if err != nil {
		return false, err
	}
	return what(s.Mode), nil
}

// writes reports whether something may be written to GitHub.
func writes(m Mode) bool { return m == ModeRun }

// Recall takes from the store which installations the repositories have, so
// that deliveries are told apart before Start, which asks GitHub.
func (b *Bot) Recall(ctx context.Context) error {
	for _, s := range b.sources() {
		if err := b.knows(ctx, s.ID); err != nil {
			continue // Start looks it up
		}
		r, err := b.Store.Repository(ctx, s.ID)
		if err != nil {
			return err
		}
		b.mu.Lock()
		b.at[r.ID] = r.Installation
		b.mu.Unlock()
	}
	return nil
}
