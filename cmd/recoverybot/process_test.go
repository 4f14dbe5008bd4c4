package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

const (
	patience = 90 * time.Second // how long a test waits for what must happen
	promised = 60 * time.Second // how long 20 requests may take after a restart
)

// eventually asks until there is no error, or patience ends.
func eventually(tb testing.TB, what string, ask func(context.Context) error) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	defer cancel()
	var last error // a look that is cut off saw nothing
	for wait := 10 * time.Millisecond; ; wait = min(2*wait, 160*time.Millisecond) {
		err := ask(ctx)
		if err == nil {
			return
		}
		if last == nil || ctx.Err() == nil {
			last = err
		}
		select {
		case <-ctx.Done():
			tb.Fatalf("%s: not within %s: %v", what, patience, last)
		case <-time.After(wait): // a look at a database takes as long as the work that is waited for
		}
	}
}

// process is the program, running.
type process struct {
	tb   testing.TB
	cmd  *exec.Cmd
	out  output // and of stderr, unless that is apart
	errs output
	end  chan struct{}
	err  error  // of Wait; read it after end
	temp string // its TMPDIR
}

// output is what a process has written so far.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write keeps p.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

// String is everything so far.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// launch starts the program. A test that fails shows what it wrote, and none
// outlives the test.
func launch(tb testing.TB, args ...string) *process {
	tb.Helper()
	p := &process{tb: tb}
	p.launch(&p.out, args...)
	return p
}

// launchApart is launch, and keeps what is written to stderr apart.
func launchApart(tb testing.TB, args ...string) *process {
	tb.Helper()
	p := &process{tb: tb}
	p.launch(&p.errs, args...)
	return p
}

func (p *process) launch(errs *output, args ...string) {
	tb := p.tb
	tb.Helper()
	p.cmd, p.end, p.temp = exec.Command("recoverybot", args...), make(chan struct{}), tb.TempDir()
	p.cmd.Stdout, p.cmd.Stderr = &p.out, errs
	p.cmd.Env = append(os.Environ(), "TMPDIR="+p.temp)
	if err := p.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.end)
	}()
	tb.Cleanup(func() {
		p.kill()
		if tb.Failed() {
			tb.Logf("recoverybot %s\n%s%s", args[0], p.out.String(), p.errs.String())
		}
	})
}

// kill is kill -9.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it has ended already
	<-p.end
}

// stop sends a signal and wants exit status 0.
func (p *process) stop(s os.Signal) {
	p.tb.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.tb.Fatal(err)
	}
	eventually(p.tb, "the end after "+s.String(), p.ended)
	if p.err != nil {
		p.tb.Fatalf("after %s: %v, want exit status 0", s, p.err)
	}
}

func (p *process) ended(context.Context) error {
	select {
	case <-p.end:
		return nil
	default:
		return errors.New("it still runs")
	}
}

// line waits for a line that begins like that, as long as it writes anything,
// and returns it whole.
func (p *process) line(prefix string) string {
	p.tb.Helper()
	found := ""
	for seen := -1; found == ""; {
		eventually(p.tb, "a line "+prefix+", or another", func(context.Context) error {
			out := p.out.String()
			for line := range strings.Lines(out) {
				if strings.HasPrefix(line, prefix) && strings.HasSuffix(line, "\n") {
					found = strings.TrimSpace(line)
					return nil
				}
			}
			if len(out) == seen {
				return fmt.Errorf("it wrote only:\n%s", out)
			}
			seen = len(out)
			return nil
		})
	}
	return found
}

// get wants 200 from an address.
func get(url string) func(context.Context) error {
	return func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, res.Body)
		if err = errors.Join(err, res.Body.Close()); err == nil && res.StatusCode != http.StatusOK {
			err = fmt.Errorf("GET %s: status %d", url, res.StatusCode)
		}
		return err
	}
}

// TestKilled kills serve after it has taken 20 requests in, at once and in
// the middle of its writes: the next one does what is left, and nothing twice.
func TestKilled(t *testing.T) {
	for name, written := range map[string]int{"at once": 0, "in the middle": 25} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newTown(t)
			p := c.serve()
			var numbers []int
			for i := range 20 {
				numbers = append(numbers, c.file(fmt.Sprintf("user-%d", i)))
			}
			c.deliver()
			eventually(t, "writes before the end", func(context.Context) error {
				if n := c.writes(); n < written {
					return fmt.Errorf("%d writes, want %d", n, written)
				}
				return nil
			})
			p.kill()
			before := c.writes()
			began := time.Now()
			c.serve()
			c.welcomed(numbers...)
			took := time.Since(began).Round(time.Millisecond)
			t.Logf("killed after %d writes; all 20 done %s after the restart", before, took)
			if took > promised {
				t.Errorf("%s, want %s at most", took, promised)
			}
			c.onePost(20)
		})
	}
}

// TestServedTwice starts a second serve on the database of a first, by another
// name: it ends at once, and says what to do. Killed, the first leaves no lock.
func TestServedTwice(t *testing.T) {
	t.Parallel()
	c := newTown(t)
	first := c.serve()
	listen := c.listen
	c.listen = "127.0.0.1:0"
	if err := os.Symlink(c.path("bot.db"), c.path("link.db")); err != nil {
		t.Fatal(err)
	}
	c.database = "link.db"
	second := c.launch()
	eventually(t, "the end of the second", second.ended)
	want := fmt.Sprintf("another `recoverybot serve` uses the database (process %d)\nStop the other one first", first.cmd.Process.Pid)
	if second.err == nil || !strings.Contains(second.out.String(), want) {
		t.Errorf("no %q in:\n%s", want, second.out.String())
	}
	n := c.file("ann")
	c.deliver()
	c.welcomed(n)
	first.kill()
	c.listen = listen
	c.serve()
}

// TestRetried lets a delivery and a write fail until they are given up, and
// retries them beside a serve that runs: that does them.
func TestRetried(t *testing.T) {
	t.Parallel()
	c := newTown(t)
	c.serve()
	for what, table := range map[string]string{"GET issue": "delivery", "POST comment": "outbox"} {
		c.fake.Fail(bottest.Fault{Kind: bottest.FaultStatus, On: what, Times: 1 << 20, Status: http.StatusUnprocessableEntity})
		n := c.file("user-of-" + table)
		c.deliver()
		c.eventuallyJobs("it fails", `"error":"`+what+": invalid: status 422", "--all", "--json")
		c.giveUp(table)
		c.keepsAll()
		c.eventuallyJobs("it is given up", "dead")
		c.fake.ClearFaults()
		out, err := exec.CommandContext(t.Context(), "recoverybot", "jobs", "retry", "--all-dead", "--database", c.path("bot.db")).CombinedOutput()
		if err != nil || !strings.HasSuffix(string(out), ": is tried again\n") {
			t.Fatalf("jobs retry: %v\n%s", err, out)
		}
		c.welcomed(n)
		c.eventuallyJobs("nothing is dead", "Nothing was given up, and 0 jobs wait their turn.")
	}
}

// TestRedelivered sends the same deliveries again and again: one effect.
func TestRedelivered(t *testing.T) {
	t.Parallel()
	c := newTown(t)
	c.serve()
	n := c.file("ann")
	c.deliver()
	c.welcomed(n)
	if _, err := c.repo.Comment(n, "ann", "/status"); err != nil {
		t.Fatal(err)
	}
	c.deliver()
	for _, d := range c.fake.Deliveries() {
		for range 10 {
			c.fake.Redeliver(d.GUID)
		}
	}
	c.deliver()
	if got := len(c.fake.Deliveries()); got < 33 {
		t.Errorf("%d deliveries, want 33 at least", got)
	}
	// What comes later is done later: when this is done, so is all the rest.
	c.file("bob")
	c.deliver()
	eventually(t, "the next request", func(context.Context) error {
		if got := c.fake.CountSince(0, "POST issue labels"); got != 2 {
			return fmt.Errorf("%d labels set", got)
		}
		return nil
	})
	c.onePost(2)
	if got := c.fake.CountSince(0, "POST reaction"); got != 1 {
		t.Errorf("%d reactions to one /status, want 1", got)
	}
}

// TestTerminated stops serve by SIGTERM while a delivery is being sent: that
// one is answered, serve ends with 0, and nothing is done twice.
func TestTerminated(t *testing.T) {
	t.Parallel()
	c := newTown(t)
	p := c.serve()
	var numbers []int
	for i := range 5 {
		numbers = append(numbers, c.file(fmt.Sprintf("user-%d", i)))
	}
	c.deliver()
	numbers = append(numbers, c.file("late"))
	answer := c.halfSent(c.fake.Pending()[0])
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if status := answer(); status != http.StatusAccepted {
		t.Errorf("answer to the delivery that was under way: %d, want 202", status)
	}
	eventually(t, "the end", p.ended)
	if p.err != nil {
		t.Errorf("serve ended with %v, want 0", p.err)
	}
	if !strings.Contains(p.out.String(), "recoverybot: stopped; nothing is lost") {
		t.Errorf("no last word in:\n%s", p.out.String())
	}
	c.serve()
	c.deliver()
	c.welcomed(numbers...)
	c.onePost(len(numbers))
}

// TestFirstDay starts on a repository with old requests: nothing is written
// before the operator has chosen, by the command that serve prints.
func TestFirstDay(t *testing.T) {
	t.Parallel()
	c := newTown(t)
	src, err := os.ReadFile(c.path("recovery.yml"))
	if err != nil {
		t.Fatal(err)
	}
	c.policy = "undecided.yml"
	src = []byte(strings.Replace(string(src), "start: {from: 2024-07-09, old-requests: new}", "", 1))
	if err := os.WriteFile(c.path(c.policy), src, 0o600); err != nil {
		t.Fatal(err)
	}
	c.file("old-ann")
	c.file("old-bob")
	c.fake.Rearrange(func([]bottest.Delivery) []bottest.Delivery { return nil })
	// Ages are in whole seconds: what comes in the same one is no older.
	eventually(t, "the next second", func(context.Context) error {
		if is, _ := c.repo.Issue(2); time.Since(is.CreatedAt) < time.Second {
			return errors.New("not yet")
		}
		return nil
	})
	p := c.serve()
	choice := strings.Fields(p.line("  recoverybot adopt new "))
	look := strings.Fields(p.line("  recoverybot adopt --plan "))
	n := c.file("new-cleo")
	c.deliver()
	plan, err := exec.CommandContext(t.Context(), look[0], look[1:]...).CombinedOutput()
	if err != nil || !strings.HasPrefix(string(plan), "octo-registry/support: 2 open requests are older than the start\n  would be triage          2\n") {
		t.Errorf("%s: %v\n%s", strings.Join(look, " "), err, plan)
	}
	if got := c.writes(); got != 0 {
		t.Errorf("%d writes before the choice, want none", got)
	}
	database := choice[slices.Index(choice, "--database")+1]
	const waits = "! octo-registry/support: nothing is written before you choose"
	if _, out, _ := run1(t.Context(), "queue", "--database", database); !strings.HasPrefix(out, waits) {
		t.Errorf("queue before the choice:\n%s", out)
	}
	chosen, err := exec.CommandContext(t.Context(), choice[0], choice[1:]...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(choice, " "), err, chosen)
	}
	c.welcomed(n)
	c.onePost(1)
	if _, out, _ := run1(t.Context(), "queue", "--database", database); strings.Contains(out, waits) {
		t.Errorf("queue after the choice:\n%s", out)
	}
	p.stop(syscall.SIGTERM)
}

// TestGitHubDownAtStart: deliveries are taken in while GitHub does not answer,
// and worked on when it does.
func TestGitHubDownAtStart(t *testing.T) {
	t.Parallel()
	c := newTown(t)
	c.fake.Fail(bottest.Fault{Kind: bottest.FaultStatus, On: "installation", Times: 2, Status: http.StatusServiceUnavailable})
	p := c.launch()
	eventually(t, "listening", get("http://"+c.listen+"/healthz"))
	if err := get("http://" + c.listen + "/readyz")(t.Context()); err == nil {
		t.Error("ready before GitHub has answered")
	}
	n := c.file("ann")
	c.deliver()
	c.welcomed(n)
	c.onePost(1)
	if !strings.Contains(p.out.String(), "cannot start yet; trying again") {
		t.Errorf("not a word about it:\n%s", p.out.String())
	}
}

// BenchmarkStart is from the start of the program to the first delivery that
// it can take: the process, its database, and the port. With a database that
// was migrated before it must stay under 100 ms.
func BenchmarkStart(b *testing.B) {
	b.Run("new", func(b *testing.B) { benchmarkStart(b, func(n int) string { return fmt.Sprintf("%d.db", n) }) })
	b.Run("migrated", func(b *testing.B) { benchmarkStart(b, func(int) string { return "bot.db" }) })
}

func benchmarkStart(b *testing.B, database func(n int) string) {
	b.Helper()
	c := newTown(b)
	c.database = database(0)
	c.serve().kill() // the tables are there, and the program is in the disk's cache
	for n := 1; b.Loop(); n++ {
		c.database = database(n)
		p := c.launch()
		c.listening()
		b.StopTimer()
		p.kill()
		b.StartTimer()
	}
}
