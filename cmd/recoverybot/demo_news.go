package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// theBot is what the demo calls the bot.
const theBot = "the bot"

// margin is what stands before the words of an event: date and name.
const margin = 26

// hung is a text beside the margin, and the lines after the first under it.
func hung(first, text string) string {
	return first + strings.ReplaceAll(wrap(text, told100), "\n", "\n"+strings.Repeat(" ", margin))
}

// newsLine is one event in words.
type newsLine struct {
	at        time.Time
	who, text string
}

// peopleFirst orders what happened in one second: people first, the bot answers.
func peopleFirst(a, b newsLine) int {
	byBot := map[bool]int{true: 1}
	return cmp.Or(a.at.Compare(b.at), cmp.Compare(byBot[a.who == theBot], byBot[b.who == theBot]))
}

func newsOf(ev bottest.Event, text string) newsLine {
	l := newsLine{at: ev.At, who: ev.Actor, text: text}
	if strings.HasSuffix(l.who, "[bot]") {
		l.who = theBot
	}
	return l
}

// news are the events of an issue in words.
func news(is bottest.Issue, events []bottest.Event) []newsLine {
	var all []newsLine
	for _, ev := range events {
		all = append(all, newsOf(ev, shorten(told(is, ev), told100)))
	}
	return all
}

// deskNews are the events at the desk in words, without the bot's own work on
// the summary and the title there.
func deskNews(is bottest.Issue, events []bottest.Event) []newsLine {
	var all []newsLine
	for _, ev := range events {
		l := newsOf(ev, "at the desk "+told(is, ev))
		switch {
		case l.who != theBot:
			l.text = shorten(strings.Replace(l.text, " writes: ", ": ", 1), told100)
		case ev.Kind == "commented":
			l.text = "at the desk, to " + alerted(is, ev.Comment)
		default:
			continue
		}
		all = append(all, l)
	}
	return all
}

// alerted is what the bot says at the desk, without the issue that it is on.
func alerted(is bottest.Issue, comment int64) string {
	for _, c := range is.Comments {
		if c.ID != comment {
			continue
		}
		text, _, _ := strings.Cut(strings.TrimSpace(c.Body), "\n")
		whom, what, _ := strings.Cut(text, "lease look at ")
		if what == "" {
			return "staff: " + text
		}
		team, _ := strings.CutSuffix(whom, ", p")
		if team == "P" || team == whom {
			team = "staff"
		}
		_, what, _ = strings.Cut(what, ": ")
		return strings.TrimPrefix(team, "@") + ": " + what
	}
	return "staff something, in a comment that is deleted by now"
}

// told is one event in words.
func told(is bottest.Issue, ev bottest.Event) string {
	switch ev.Kind {
	case "opened":
		return fmt.Sprintf("files %q", is.Title)
	case "labeled":
		return "+ label " + ev.Label
	case "unlabeled":
		return "- label " + ev.Label
	case "closed":
		return "closes the issue (" + ev.Reason + ")"
	case "edited":
		return "edits the request"
	case "commented":
		return firstLine(is, ev.Comment)
	case "comment edited":
		return edited(is, ev)
	case "comment deleted":
		return "deletes a comment"
	case "reopened":
		return "reopens the issue"
	case "assigned":
		return "assigns " + ev.Assignee
	}
	return ev.Kind + " " + ev.Assignee
}

// edited says whose comment was edited: the bot has one to keep up to date.
func edited(is bottest.Issue, ev bottest.Event) string {
	if strings.HasSuffix(ev.Actor, "[bot]") {
		return "brings its first comment up to date"
	}
	return strings.Replace(firstLine(is, ev.Comment), "writes: ", "edits a comment, now: ", 1)
}

// firstLine is what a comment begins with, and the reactions to it.
func firstLine(is bottest.Issue, comment int64) string {
	for _, c := range is.Comments {
		if c.ID != comment {
			continue
		}
		line, _, _ := strings.Cut(c.Body, "\n")
		reactions := ""
		for _, r := range c.Reactions {
			reactions += " [" + r.Content + "]"
		}
		return "writes: " + shorten(strings.TrimLeft(line, "# "), told100-len("at the desk: ")-len(reactions)) + reactions
	}
	return "writes a comment, which is deleted by now"
}
