package webhook

import (
	"context"
	"io"
	"net/http"
	"time"
)

// NewMux routes POST /webhook to h, nowhere if that is nil; GET /healthz answers 200 while the process
// lives, and GET /readyz answers 200 while ready returns nil, else 503. The
// error of ready is not shown.
func NewMux(h http.Handler, ready func(context.Context) error) *http.ServeMux {
	mux := http.NewServeMux()
	if h != nil {
		mux.Handle("/webhook", h)
	}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "ok\n")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := ready(r.Context()); err != nil {
			w.Header().Set("Retry-After", retrySeconds)
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "ok\n")
	})
	return mux
}

// NewServer returns a server that no slow client can hold: the whole request
// must come within 5 s (GitHub itself gives up after 10). It does not listen
// yet; Shutdown lets deliveries that are being stored end.
func NewServer(addr string, h http.Handler) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       5 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
	}
}
