package main

import (
	"context"
	"crypto/rsa"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/bot/store/pgtest"
	"github.com/recoverybot/recoverybot/internal/sample"
)

// TestMain puts the program itself into PATH, so that the tests start it as
// separate processes. It is this test's binary under another name: with -race
// the processes are checked, too, and nothing has to be built twice.
func TestMain(m *testing.M) {
	testscript.Main(crowd{m}, map[string]func(){"recoverybot": main})
}

// crowd lets more tests run at the same time than there are processors: most of
// the time they wait for a process.
type crowd struct{ *testing.M }

// Run runs the tests.
func (c crowd) Run() int {
	sample.Histories()
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	return c.M.Run()
}

// appKey is made once: it takes as long as a test.
func appKey() (*rsa.PrivateKey, []byte) {
	k := onceKey()
	return k.key, k.pem
}

type keyPair struct {
	key *rsa.PrivateKey
	pem []byte
}

var onceKey = sync.OnceValue(func() keyPair {
	key, text, err := newKey()
	if err != nil {
		panic(err)
	}
	return keyPair{key, text}
})

// TestScripts runs testdata/script: what people type, and what they get.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Setup:               laidOut,
		Cmds:                scriptCommands(),
	})
}

// TestScriptsOnPostgreSQL runs testdata/postgres.
func TestScriptsOnPostgreSQL(t *testing.T) {
	server := pgtest.New(t)
	all := scriptCommands()
	// database NAME makes an empty database. Its address, with a password that
	// nobody may see again, goes into a variable.
	all["database"] = func(ts *testscript.TestScript, _ bool, args []string) {
		address, err := server.Database(t.Context())
		ts.Check(err)
		u, err := url.Parse(address)
		ts.Check(err)
		u.User = url.UserPassword(u.User.Username(), "geheim")
		ts.Setenv(args[0], u.String())
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "postgres"), UpdateScripts: *update, RequireExplicitExec: true, Setup: laidOut, Cmds: all,
	})
}

// scriptCommands are what scripts can do beside running programs.
func scriptCommands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"exits":    exits,
		"reword":   reword,
		"stories":  stories,
		"newer":    newer,
		"older":    older,
		"dying":    dying,
		"record":   record,
		"occupied": occupied,
		"tamper":   tamper,
		"heads":    heads,
		"fake":     fakeServer,
	}
}

// laidOut gives each script the example policy with its form, the form
// generations of the parser's example, and the App's key and secret. The
// policy's version is in $VERSION.
func laidOut(env *testscript.Env) error {
	rules, err := demoRules()
	if err != nil {
		return err
	}
	env.Setenv("VERSION", rules.Version)
	_, key := appKey()
	return writeFiles(env.WorkDir, map[string][]byte{
		"key.pem": key, "secret": []byte("0123456789abcdef0123456789abcdef\n"),
	})
}

// exits STATUS PROGRAM ARGS… runs a program and wants that exit status.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	if err != nil {
		ts.Fatalf("usage: exits STATUS PROGRAM ARGS…")
	}
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		got = e.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// reword FROM TO OLD NEW… copies a file with other words in it.
func reword(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	for i := 2; i+1 < len(args); i += 2 {
		if !strings.Contains(text, args[i]) {
			ts.Fatalf("%s has no %q", args[0], args[i])
		}
		text = strings.ReplaceAll(text, args[i], args[i+1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}

// stories DIR NAMES… plays stories, and leaves their database in DIR/demo.db.
func stories(ts *testscript.TestScript, _ bool, args []string) {
	all, err := bottest.Stories()
	ts.Check(err)
	e := testEnv()
	w, err := newWorld(context.Background(), e, place{dir: ts.MkAbs(args[0])})
	ts.Check(err)
	for _, s := range all {
		if slices.Contains(args[1:], s.Name) {
			_, err := w.play(context.Background(), s, &screen{e: e, quiet: true})
			ts.Check(err)
		}
	}
	ts.Check(w.close())
}

// record STORY DIR plays a story, and writes each webhook of it into DIR: the
// payload alone, and every third as GitHub's API tells of a delivery.
func record(ts *testscript.TestScript, _ bool, args []string) {
	all, err := bottest.Stories()
	ts.Check(err)
	dir := ts.MkAbs(args[1])
	ts.Check(os.MkdirAll(dir, 0o700))
	e := testEnv()
	w, err := newWorld(context.Background(), e, place{})
	ts.Check(err)
	for _, s := range all {
		if s.Name == args[0] {
			_, err := w.play(context.Background(), s, &screen{e: e, quiet: true})
			ts.Check(err)
		}
	}
	for i, d := range w.fake.Deliveries() {
		src := d.Payload
		if i%3 == 2 {
			headers := map[string]string{"X-GitHub-Event": d.Event, "X-GitHub-Delivery": d.GUID}
			src, err = json.Marshal(map[string]any{
				"id": i, "guid": d.GUID, "event": d.Event, "action": d.Action, "redelivery": false,
				"request": map[string]any{"headers": headers, "payload": json.RawMessage(d.Payload)},
			})
			ts.Check(err)
		}
		ts.Check(os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d.json", i+1)), src, 0o600))
	}
	ts.Check(w.close())
}

// dying DIR plays a day on which GitHub refuses much, and leaves the database
// in DIR/demo.db: a status comment and a delivery are dead, a status comment
// waits, and one that died was replaced.
func dying(ts *testscript.TestScript, _ bool, args []string) {
	ctx := context.Background()
	w, err := newWorld(ctx, testEnv(), place{dir: ts.MkAbs(args[0])})
	ts.Check(err)
	act := func(do func() (int64, error)) {
		_, err := do()
		ts.Check(errors.Join(err, w.settle(ctx)))
		for range 6 {
			w.clock.move(time.Minute)
			ts.Check(w.settle(ctx))
		}
	}
	open := func(login string) func() (int64, error) {
		return func() (int64, error) {
			n, err := w.repo.OpenIssue(login, bottest.Draft{Title: "Account recovery", Body: completeBody(login), Labels: []string{w.folk.Label}})
			return int64(n), err
		}
	}
	refuse := func(on string, times int) {
		w.fake.Fail(bottest.Fault{Kind: bottest.FaultStatus, On: on, Times: times, Status: 422})
	}
	refuse("POST comment", 5)
	act(open("ann"))
	refuse("POST comment", 5)
	act(open("bob"))
	act(func() (int64, error) { return w.repo.Comment(2, "bob", "Is anybody there?") })
	refuse("GET issue", 5)
	act(func() (int64, error) { return w.repo.Comment(1, "ann", "/withdraw") })
	w.fake.Fail(bottest.Fault{Kind: bottest.FaultStatus, On: "POST comment", Times: 100, Status: 403})
	act(open("cleo"))
	ts.Check(w.close())
}

// newer FILE makes a database look like one of a later version.
func newer(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	_, err = db.ExecContext(context.Background(), `INSERT INTO bun_migrations (name, group_id) VALUES ('99991231000000', 99); UPDATE schema SET oldest = '99991231000000'`)
	ts.Check(errors.Join(err, db.Close()))
}

// older FILE makes a database look like one of an earlier version.
func older(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	_, err = db.ExecContext(context.Background(), `DELETE FROM bun_migrations`)
	ts.Check(errors.Join(err, db.Close()))
}

// occupied NAME takes a port and writes its address into a variable.
func occupied(ts *testscript.TestScript, _ bool, args []string) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { ts.Check(l.Close()) })
	ts.Setenv(args[0], l.Addr().String())
}

// fake NAME starts a GitHub that knows key.pem and has two old requests; its
// address goes into a variable.
func fakeServer(ts *testscript.TestScript, _ bool, args []string) {
	rules, err := demoRules()
	ts.Check(err)
	key, pemKey := appKey()
	ts.Check(os.WriteFile(ts.MkAbs("key.pem"), pemKey, 0o600))
	f, repo := newFake(rules, bottest.Options{Clock: time.Now, PrivateKey: key})
	for _, login := range []string{"old-ann", "old-bob"} {
		_, err := repo.OpenIssue(login, bottest.Draft{Title: "Account recovery", Body: completeBody(login), Labels: []string{rules.Requests.Label}})
		ts.Check(err)
	}
	f.AddRepository(bottest.RepositoryOptions{Owner: "octo-registry", Name: "private", ID: 700010, Private: true})
	s := httptest.NewServer(f)
	ts.Defer(s.Close)
	ts.Setenv(args[0], s.URL)
}
