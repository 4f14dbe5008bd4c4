package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"

	"github.com/recoverybot/recoverybot/bot"
)

// opinions are what this process hears of the mode beside the database. Its
// methods may be called concurrently.
type opinions struct {
	file string   // whose first word is a mode; "": none
	flag bot.Mode // of the start

	mu   sync.Mutex
	held bot.Mode    // by a signal, until the database has it; "": none
	said bot.Opinion // by the file when it was there last
	gone int         // looks since then
}

// fileGone is how many looks the file must be away before its word ends: who
// writes it anew, or mounts its folder again, does not mean that all may go on.
const fileGone = 3

// looked counts a look at which the file is not there. It is called every
// second.
func (o *opinions) looked() {
	_, there := modeIn(o.file)
	o.mu.Lock()
	defer o.mu.Unlock()
	if !there && o.gone < fileGone {
		o.gone++
	}
}

// filed is what the file says, or said a moment ago. o.mu must be held.
func (o *opinions) filed() bot.Opinion {
	says, there := modeIn(o.file)
	switch {
	case there:
		o.said, o.gone = says, 0
	case o.said.Mode != "" && o.gone < fileGone:
		return o.said
	}
	return says
}

// now returns the strictest opinion.
func (o *opinions) now() bot.Opinion {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := []bot.Opinion{{Mode: o.flag, Setter: bot.SetByFlag}, o.filed()}
	if o.held != "" {
		all = append(all, bot.Opinion{Mode: o.held, Setter: bot.SetBySignal})
	}
	strictest := bot.Opinion{Mode: bot.ModeRun}
	for _, p := range all {
		if strictest.Mode.Stricter(p.Mode) != strictest.Mode {
			strictest = p
		}
	}
	return strictest
}

// hold lets a mode be in force until the database has it.
func (o *opinions) hold(m bot.Mode) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.held != "" {
		m = m.Stricter(o.held)
	}
	o.held = m
}

// holding is what is held, "" for nothing.
func (o *opinions) holding() bot.Mode {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.held
}

// stored ends the hold of a mode, unless a stricter one is held since.
func (o *opinions) stored(m bot.Mode) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.held == m {
		o.held = ""
	}
}

// longestMode is more than the file of a mode needs.
const longestMode = 256

// modeIn reads a mode from a file. A file that is not there has no opinion;
// one that cannot be read or understood is a stop: whoever made it meant
// something by it.
func modeIn(path string) (o bot.Opinion, there bool) {
	if path == "" {
		return bot.Opinion{Mode: bot.ModeRun, Setter: bot.SetByFile}, false
	}
	word, err := firstWord(path)
	if errors.Is(err, fs.ErrNotExist) {
		return bot.Opinion{Mode: bot.ModeRun, Setter: bot.SetByFile}, false
	}
	if err != nil {
		return bot.Opinion{Mode: bot.ModeStop, Setter: bot.SetByFile, Problem: "the mode file cannot be read"}, true
	}
	mode, known := bot.ParseMode(word)
	o = bot.Opinion{Mode: mode, Setter: bot.SetByFile}
	if !known {
		o.Problem = "the mode file does not begin with run, shadow, read-only or stop"
	}
	return o, true
}

func firstWord(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("it is no file") // to open a pipe would wait
	}
	f, err := os.Open(path) //nolint:gosec // the operator's word
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(f, longestMode))
	if err = errors.Join(err, f.Close()); err != nil {
		return "", err
	}
	words := strings.Fields(string(text))
	if len(words) == 0 {
		return "", nil
	}
	return words[0], nil
}
