package bot

import (
	"context"
	"time"
)

// Answer is what one call to GitHub tells besides its result.
type Answer struct {
	Installation int64 // whose limits it used; 0: the App's own
	Cost         Cost  // of all requests that it took
	Err          error // as the call returned it

	// Left and Of are GitHub's count of requests in the hour that ends at
	// Reset; Of 0: it told none.
	Left, Of int
	Reset    time.Time
}

type answerKey struct{}

// WithAnswers returns a context in which Tell calls hear, in the goroutine
// that made the call. So whoever makes calls for a purpose learns what they
// took, as httptrace does it.
func WithAnswers(ctx context.Context, hear func(Answer)) context.Context {
	return context.WithValue(ctx, answerKey{}, hear)
}

// Tell is for those who implement GitHub: it hands on what a call told, where
// somebody wants to hear it.
func Tell(ctx context.Context, a Answer) {
	if hear, ok := ctx.Value(answerKey{}).(func(Answer)); ok {
		hear(a)
	}
}
