package repotest

import (
	"fmt"
	"slices"
)

// maxNow is how often cmd may name time.Now: once, to make the clock that everything else gets.
const maxNow = 1

// Ambient keeps time, environment and randomness out of where decisions are made, so that a test can give
// them as data. Parser, policy and bot itself have none of the three; the parts of bot take the time from the
// clock that they are given, but may wait; the program names time.Now once. Tests are free, and so is pgtest,
// which asks the environment whether a test may be skipped.
func Ambient(t *Tree) []Finding {
	var out []Finding
	now := 0
	for _, f := range t.Go {
		if f.Test {
			continue
		}
		for _, u := range f.uses() {
			name := u.pkg + "." + u.name
			text := ambientUse(f.Dir, u)
			if name == "time.Now" && within(f.Dir, "cmd") {
				if now++; now > maxNow {
					text = "cmd names time.Now once: pass that clock on"
				}
			}
			if text != "" {
				out = append(out, f.finding(u.node, name, text))
			}
		}
	}
	return append(out, randomness(t)...)
}

// ambientUse says what is wrong with u in dir, or "".
func ambientUse(dir string, u use) string {
	core := isCore(dir) || dir == "bot"
	switch {
	case u.pkg == "time" && slices.Contains([]string{"Now", "Since", "Until"}, u.name):
		if core || within(dir, "bot") {
			return fmt.Sprintf("time.%s reads the clock: take a time, or the bot.Clock", u.name)
		}
	case u.pkg == "time" && slices.Contains([]string{"After", "AfterFunc", "NewTicker", "NewTimer", "Tick", "Sleep"}, u.name):
		if core {
			return fmt.Sprintf("time.%s waits: decide by a time that is given, and let the adapters wait", u.name)
		}
	case u.pkg == "os" && slices.Contains([]string{"Getenv", "LookupEnv", "Environ", "ExpandEnv"}, u.name):
		if core || within(dir, "bot") && dir != "bot/store/pgtest" {
			return fmt.Sprintf("os.%s: only cmd reads the environment; take a value", u.name)
		}
	}
	return ""
}

// randomness finds random numbers outside the places that make ids and keys.
func randomness(t *Tree) []Finding {
	var out []Finding
	for _, f := range t.Go {
		core := isCore(f.Dir) || f.Dir == "bot"
		for _, im := range f.imports() {
			switch {
			case f.Test:
			case core && within(im.path, "math/rand"):
				out = append(out, f.finding(im.spec, im.path, "no randomness where decisions are made: take a value"))
			case im.path == "crypto/rand" && !makesKeys(f.Dir):
				out = append(out, f.finding(im.spec, im.path, "random ids and keys are made in bot/store, bot/github, bot/bottest and cmd: take a value"))
			}
		}
	}
	return out
}

func makesKeys(dir string) bool {
	return slices.ContainsFunc([]string{"bot/store", "bot/github", "bot/bottest", "cmd"}, func(root string) bool { return within(dir, root) })
}
