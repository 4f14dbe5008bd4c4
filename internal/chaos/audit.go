package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// auditLine is what counts of a row of `audit export`.
type auditLine struct {
	Request string `json:"request"` // owner/repo#N
	Actor   int64  `json:"actor"`
	Action  string `json:"action"`
	Reasons []struct {
		Code string `json:"code"`
	} `json:"reasons"`
}

// String is the row without ids of objects and times, "" for one that does not count.
//
// What the bot saw when it looked at the issue (opened, edited, closed, labeled, …, seen) has
// one name: the webhook and the reconcile pass bring the same news, and whichever comes first
// tells it. If that changed no more than what the bot has read, the row does not count: the
// news may come in two parts. Who closed it is said by the reason; who opened it again only
// the webhook tells.
func (l auditLine) String() string {
	event, change, _ := strings.Cut(l.Action, ": ")
	looked := slices.Contains([]string{"opened", "edited", "closed", "reopened", "labeled", "seen"}, event)
	var codes []string
	for _, r := range l.Reasons {
		if looked && (r.Code == "edited" || r.Code == "nothing-to-do") {
			continue // only says who brought the news
		}
		if looked && strings.HasPrefix(r.Code, "reopened-by-") {
			r.Code = "reopened" // by whom only the webhook knows
		}
		codes = append(codes, r.Code)
	}
	if !looked {
		return fmt.Sprintf("%s by %s: %s (%s)", event, l.who(), change, strings.Join(codes, " "))
	}
	if from, to, _ := strings.Cut(change, " -> "); from == to && len(codes) == 0 {
		return ""
	}
	return fmt.Sprintf("looked: %s (%s)", change, strings.Join(codes, " "))
}

// who is the actor. Whoever is not staff has a number by the request's random
// key, which is another one in each run.
func (l auditLine) who() string {
	if l.Actor < 0 {
		return "somebody"
	}
	return strconv.FormatInt(l.Actor, 10)
}

// audit verifies the audit log, and returns its rows by script.
func (t *trial) audit(ctx context.Context, database string) ([][]string, error) {
	for _, args := range [][]string{{"audit", "verify"}, {"audit", "export"}} {
		cmd := exec.CommandContext(ctx, t.binary, append(args, "--database", database)...) //nolint:gosec // what was built just now
		var said bytes.Buffer
		cmd.Stderr = &said
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("recoverybot %s: %w\n%s%s", strings.Join(args, " "), err, out, &said)
		}
		if args[1] == "export" {
			return byScript(t.all, out)
		}
	}
	return nil, nil
}

func byScript(all []script, export []byte) ([][]string, error) {
	at := map[string]int{}
	for i, s := range all {
		at[s.Place.String()] = i
	}
	rows := make([][]string, len(all))
	lines := bufio.NewScanner(bytes.NewReader(export))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var l auditLine
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("reading the audit log: %w", err)
		}
		if i, ok := at[l.Request]; ok && l.String() != "" {
			rows[i] = append(rows[i], l.String())
		}
	}
	return rows, lines.Err()
}
