package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// sender is one connection that is kept.
type sender struct {
	conn      net.Conn
	in        *bufio.Reader
	body, out []byte
	took      []time.Duration
	refused   int
}

func dial(ctx context.Context, address string) (*sender, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("connecting to the server: %w", err)
	}
	return &sender{conn: conn, in: bufio.NewReader(conn)}, nil
}

// send sends one delivery, and waits for its answer.
func (s *sender) send(l *load, n int) (status int, err error) {
	s.body, s.out = l.request(n, s.body, s.out)
	return s.exchange()
}

// exchange sends what is in out.
func (s *sender) exchange() (status int, err error) {
	if _, err := s.conn.Write(s.out); err != nil {
		return 0, fmt.Errorf("sending a delivery: %w", err)
	}
	res, err := http.ReadResponse(s.in, nil)
	if err != nil {
		return 0, fmt.Errorf("reading an answer: %w", err)
	}
	_, err = io.Copy(io.Discard, res.Body)
	return res.StatusCode, errors.Join(err, res.Body.Close())
}

// pace says when deliveries are sent: as fast as they are answered, or (rate
// is above 0) so many a second, whether others were answered or not.
type pace struct {
	senders int
	rate    float64
	span    time.Duration
	first   int // number of the first delivery
}

// sent is what became of the deliveries of one measurement.
type sent struct {
	count int
	span  time.Duration
	took  []time.Duration // sorted
}

func (s sent) rate() float64 { return float64(s.count) / s.span.Seconds() }

// quantile returns the time within which the share q was answered.
func (s sent) quantile(q float64) time.Duration {
	if len(s.took) == 0 {
		return 0
	}
	return s.took[min(len(s.took)-1, int(q*float64(len(s.took))))]
}

// run sends deliveries to a server. Each must be answered with 2xx.
func (p pace) run(ctx context.Context, l *load, address string) (sent, error) {
	senders := make([]*sender, p.senders)
	for i := range senders {
		s, err := dial(ctx, address)
		if err != nil {
			return sent{}, err
		}
		defer func() { _ = s.conn.Close() }()
		senders[i] = s
	}
	var next atomic.Int64
	next.Store(int64(p.first))
	errs := make([]error, p.senders)
	var wg sync.WaitGroup
	began := time.Now()
	for i, s := range senders {
		wg.Go(func() { errs[i] = p.loop(s, l, ticket{&next, began}) })
	}
	wg.Wait()
	out := sent{span: time.Since(began)}
	for _, s := range senders {
		out.took = append(out.took, s.took...)
		if s.refused > 0 {
			errs = append(errs, fmt.Errorf("%d deliveries were refused", s.refused))
		}
	}
	slices.Sort(out.took)
	out.count = len(out.took)
	return out, errors.Join(errs...)
}

// ticket gives the numbers of deliveries.
type ticket struct {
	next  *atomic.Int64
	began time.Time
}

// loop sends one delivery after the other. Where there is a rate, a delivery
// takes from the time at which it was due.
func (p pace) loop(s *sender, l *load, t ticket) error {
	for {
		n := int(t.next.Add(1)) - 1
		if n >= len(l.macs) {
			return errors.New("more deliveries were sent than were prepared: make -span shorter")
		}
		due := time.Now()
		if p.rate > 0 {
			due = t.began.Add(time.Duration(float64(n-p.first) / p.rate * float64(time.Second)))
			<-time.After(time.Until(due))
		}
		if due.Sub(t.began) > p.span {
			return nil
		}
		status, err := s.send(l, n)
		if err != nil {
			return err
		}
		if status/100 != 2 {
			s.refused++
		}
		s.took = append(s.took, time.Since(due))
	}
}
