package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// What unauthenticated senders can make us hold is bounded: manySmall times
// smallBody, and fewLarge times Options.MaxBody, 64 MiB by default. GitHub's
// deliveries are nearly all small, so that who fills the few large places
// does not stop them.
const (
	smallBody = 128 << 10
	manySmall = 256
	fewLarge  = 8
	spares    = 16
	patience  = 3 * time.Second
)

// room counts the bodies that are being read or worked on.
type room struct {
	small, large chan struct{}
}

func newRoom() *room {
	return &room{small: make(chan struct{}, manySmall), large: make(chan struct{}, fewLarge)}
}

// enter takes a place, and reports false if none got free in time.
func enter(ctx context.Context, places chan struct{}) bool {
	select {
	case places <- struct{}{}:
		return true
	default:
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case places <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// body is the raw body of a request, with the places that it takes.
type body struct {
	buf   *bytes.Buffer
	small *bytes.Buffer // to be used again; buf, or what buf was at first
	room  *room
	taken []chan struct{}
}

func (h *Handler) borrow() *body {
	b := &body{room: h.room}
	select {
	case b.small = <-h.spare:
		b.small.Reset()
	default:
		b.small = new(bytes.Buffer)
	}
	b.buf = b.small
	return b
}

// giveBack keeps a few small buffers for the next requests.
func (h *Handler) giveBack(b *body) {
	select {
	case h.spare <- b.small:
	default:
	}
}

func (b *body) enter(ctx context.Context, places chan struct{}) bool {
	if !enter(ctx, places) {
		return false
	}
	b.taken = append(b.taken, places)
	return true
}

func (b *body) leave() {
	for _, places := range b.taken {
		<-places
	}
}

// read reads the whole body. The reason is "" if it did.
func (b *body) read(w http.ResponseWriter, r *http.Request, limit int64) Reason {
	if !b.enter(r.Context(), b.room.small) {
		return Busy
	}
	src := http.MaxBytesReader(w, r.Body, limit)
	n, err := b.buf.ReadFrom(io.LimitReader(src, smallBody))
	if err != nil {
		return unread(err)
	}
	if n < smallBody {
		return ""
	}
	if !b.enter(r.Context(), b.room.large) {
		return Busy
	}
	whole := limit
	if r.ContentLength > 0 {
		whole = r.ContentLength
	}
	// At once: a buffer that doubles would need three times the room.
	b.buf = bytes.NewBuffer(make([]byte, 0, whole+bytes.MinRead))
	b.buf.Write(b.small.Bytes())
	_, err = b.buf.ReadFrom(src)
	return unread(err)
}

func unread(err error) Reason {
	if err == nil {
		return ""
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return TooLarge
	}
	return Cut
}

// claimedMAC returns the signature that the request claims. SHA-1 alone is
// no signature.
func claimedMAC(h http.Header) ([]byte, Reason) {
	values := h.Values("X-Hub-Signature-256")
	if len(values) == 0 {
		return nil, Unsigned
	}
	digits, ok := strings.CutPrefix(values[0], "sha256=")
	mac, err := hex.DecodeString(digits)
	if !ok || err != nil || len(mac) != sha256.Size || len(values) > 1 {
		return nil, BadSignature
	}
	return mac, ""
}

// signedBy reports whether any of the secrets made the signature. All are
// tried, each in constant time.
func signedBy(secrets [][]byte, raw, claimed []byte) bool {
	signed := false
	for _, s := range secrets {
		m := hmac.New(sha256.New, s)
		m.Write(raw)
		if hmac.Equal(m.Sum(nil), claimed) {
			signed = true
		}
	}
	return signed
}
