package bottest

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/xhit/go-str2duration/v2"
)

//go:embed stories/*.txtar
var storyFiles embed.FS

// Story is the written-down course of one request: what people do, and how
// the issue looks in the end.
type Story struct {
	Name  string // of its file, without the ending
	Title string // a sentence for people
	Steps []StoryStep
	Want  string // the Summary of the issue in the end
	Desk  string // the Summary of its issue at the desk in the end; "": not told
	Count string // of Counts in the end; "": not told
	Why   string // of an attack: what it fails of; "": no attack
	Days  bool   // time passes in it
	Mails bool   // news of a mail come in it
}

// StoryStep is one thing that a person does, or (Wait is set) time that passes,
// or (Mail is set) a mail that comes.
type StoryStep struct {
	Line string // as written in the story
	Who  string // login
	Do   string // files, edits, comments, amends, erases, closes, reopens, labels, unlabels
	Desk bool   // done at the desk
	Text string // the title, the comment, the label
	Body string // of files and edits
	Wait time.Duration
	Mail bool // news of a mail about the request come to the hook
}

// Stories returns the stories of the demo in their order. An error is a
// mistake in a story file.
func Stories() ([]Story, error) {
	names, err := fs.Glob(storyFiles, "stories/*.txtar")
	if err != nil {
		return nil, fmt.Errorf("listing the stories: %w", err)
	}
	var all []Story
	for _, name := range names {
		src, err := storyFiles.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading the story %s: %w", name, err)
		}
		s, err := ParseStory(src)
		if err != nil {
			return nil, fmt.Errorf("reading the story %s: %w", name, err)
		}
		s.Name = strings.TrimSuffix(strings.TrimPrefix(name, "stories/"), ".txtar")
		all = append(all, s)
	}
	return all, nil
}

var stepLine = regexp.MustCompile(`\A([a-z][a-z0-9-]*) (files|edits|comments|amends|erases|closes|reopens|labels|unlabels)(?: ([a-z0-9.-]+\.md))?( at the desk)?(?:: (.*))?\z`)

// ParseStory reads a story: a txtar whose first line is the title, followed by
// a step a line. "ann files body.md: TITLE", "ann edits other.md", "ann
// comments: TEXT", "ada closes", "ada reopens", "ada labels: NAME", "ada
// unlabels: NAME", "wait 14d", "a mail comes". "ada amends: TEXT" and "ada erases" are done to
// ada's newest comment. "ada comments at the desk: TEXT" is done on the request's
// issue there; so may be amends, erases, closes and reopens. In a TEXT $DIGEST is
// the digest that its author reads at the desk, $DIGEST(hal) the one that hal reads.
// The file "want" is the summary of the end, the file "desk" that of the issue at
// the desk, the file "counts" the Counts of both; the file "why" says of an attack
// what it fails of.
func ParseStory(src []byte) (Story, error) {
	a := txtar.Parse(src)
	title, script, _ := strings.Cut(string(a.Comment), "\n")
	s := Story{Title: title}
	files := map[string]string{}
	for _, f := range a.Files {
		files[f.Name] = strings.TrimSuffix(string(f.Data), "\n")
	}
	s.Want, s.Desk, s.Count, s.Why = files["want"], files["desk"], files["counts"], files["why"]
	for line := range strings.Lines(script) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		step, err := parseStep(line, files)
		if err != nil {
			return Story{}, err
		}
		s.Days, s.Mails = s.Days || step.Wait > 0, s.Mails || step.Mail
		s.Steps = append(s.Steps, step)
	}
	if len(s.Steps) == 0 || s.Steps[0].Do != "files" || s.Want == "" {
		return Story{}, errors.New("a story begins with somebody who files a request, and has a file \"want\"")
	}
	return s, nil
}

func parseStep(line string, files map[string]string) (StoryStep, error) {
	if d, ok := strings.CutPrefix(line, "wait "); ok {
		wait, err := str2duration.ParseDuration(d)
		if err != nil || wait <= 0 {
			return StoryStep{}, fmt.Errorf("%q: want a time like 14d", line)
		}
		return StoryStep{Line: line, Wait: wait}, nil
	}
	if line == "a mail comes" {
		return StoryStep{Line: line, Mail: true}, nil
	}
	m := stepLine.FindStringSubmatch(line)
	if m == nil {
		return StoryStep{}, fmt.Errorf("%q is not a step", line)
	}
	step := StoryStep{Line: line, Who: m[1], Do: m[2], Desk: m[4] != "", Text: m[5]}
	if step.Desk && !slices.Contains([]string{"comments", "amends", "erases", "closes", "reopens"}, step.Do) {
		return StoryStep{}, fmt.Errorf("%q: nobody does that at the desk", line)
	}
	if m[3] != "" {
		body, ok := files[m[3]]
		if !ok {
			return StoryStep{}, fmt.Errorf("%q: there is no file %s", line, m[3])
		}
		step.Body = body
	}
	return step, nil
}

// People acts in a repository as people do, by GitHub's API with the personal
// tokens that the fake knows ("user:LOGIN"). URL is the fake's.
type People struct {
	URL    string
	Owner  string
	Name   string
	Label  string // the intake label, which the form sets
	Desk   string // OWNER/NAME of the desk; "": none
	Client *http.Client
}

// Act does a step and returns the issue's number; number is 0 before it was
// filed. A step that waits is not People's, nor is a mail.
func (p *People) Act(ctx context.Context, number int, s StoryStep) (int, error) {
	issue := fmt.Sprintf("/issues/%d", number)
	s, err := p.filled(ctx, number, s)
	if err != nil {
		return 0, err
	}
	if s.Desk {
		return number, p.actAtDesk(ctx, number, s)
	}
	var out struct {
		Number int `json:"number"`
	}
	switch s.Do {
	case "files":
		err = p.do(ctx, deed{s.Who, "POST", "/issues", object{"title": s.Text, "body": s.Body, "labels": []string{p.Label}}}, &out)
		number = out.Number
	case "edits":
		err = p.do(ctx, deed{s.Who, "PATCH", issue, object{"body": s.Body}}, nil)
	case "comments":
		err = p.do(ctx, deed{s.Who, "POST", issue + "/comments", object{"body": s.Text}}, nil)
	case "amends", "erases":
		err = p.redo(ctx, number, s)
	case "closes":
		err = p.do(ctx, deed{s.Who, "PATCH", issue, object{"state": "closed"}}, nil)
	case "reopens":
		err = p.do(ctx, deed{s.Who, "PATCH", issue, object{"state": "open"}}, nil)
	case "labels":
		err = p.do(ctx, deed{s.Who, "POST", issue + "/labels", object{"labels": []string{s.Text}}}, nil)
	case "unlabels":
		err = p.do(ctx, deed{s.Who, "DELETE", issue + "/labels/" + s.Text, nil}, nil)
	default:
		return 0, fmt.Errorf("%q is not something that people do", s.Line)
	}
	return number, err
}

// deed is one API request of a person.
type deed struct {
	who, method, path string
	body              any // nil: none
}

func (d deed) String() string { return d.method + " " + d.path + " as " + d.who }

func (p *People) do(ctx context.Context, d deed, out any) error {
	var in io.Reader
	if d.body != nil {
		b, err := json.Marshal(d.body)
		if err != nil {
			return fmt.Errorf("%s: encoding the body: %w", d, err)
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, d.method, p.URL+"/repos/"+p.Owner+"/"+p.Name+d.path, in)
	if err != nil {
		return fmt.Errorf("%s: %w", d, err)
	}
	req.Header.Set("Authorization", "Bearer user:"+d.who)
	res, err := p.Client.Do(req)
	if err != nil {
		return fmt.Errorf("%s: %w", d, err)
	}
	defer res.Body.Close()
	if res.StatusCode > 299 {
		return fmt.Errorf("%s: status %d", d, res.StatusCode)
	}
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, 8<<20)).Decode(out); err != nil {
		return fmt.Errorf("%s: reading the answer: %w", d, err)
	}
	return nil
}

// Issue reads an issue with its comments and their reactions, as a visitor.
func (p *People) Issue(ctx context.Context, number int) (Issue, error) {
	return p.read(ctx, number, "visitor")
}

// read reads an issue as somebody.
func (p *People) read(ctx context.Context, number int, who string) (Issue, error) {
	type user struct {
		Login string `json:"login"`
	}
	var got struct {
		Title       string `json:"title"`
		Body        string `json:"body"`
		User        user   `json:"user"`
		State       string `json:"state"`
		StateReason string `json:"state_reason"`
		Labels      []struct {
			Name string `json:"name"`
		} `json:"labels"`
		Assignees []user `json:"assignees"`
	}
	path := fmt.Sprintf("/issues/%d", number)
	if err := p.do(ctx, deed{who, "GET", path, nil}, &got); err != nil {
		return Issue{}, err
	}
	is := Issue{Number: number, Title: got.Title, Body: got.Body, Author: got.User.Login, State: got.State, StateReason: got.StateReason}
	for _, l := range got.Labels {
		is.Labels = append(is.Labels, l.Name)
	}
	for _, a := range got.Assignees {
		is.Assignees = append(is.Assignees, a.Login)
	}
	var comments []struct {
		ID   int64  `json:"id"`
		Body string `json:"body"`
		User user   `json:"user"`
	}
	if err := p.do(ctx, deed{who, "GET", path + "/comments?per_page=100", nil}, &comments); err != nil {
		return Issue{}, err
	}
	for _, c := range comments {
		comment := Comment{ID: c.ID, Author: c.User.Login, Body: c.Body}
		var reactions []struct {
			Content string `json:"content"`
			User    user   `json:"user"`
		}
		if err := p.do(ctx, deed{who, "GET", fmt.Sprintf("/issues/comments/%d/reactions", c.ID), nil}, &reactions); err != nil {
			return Issue{}, err
		}
		for _, r := range reactions {
			comment.Reactions = append(comment.Reactions, Reaction{Login: r.User.Login, Content: r.Content})
		}
		is.Comments = append(is.Comments, comment)
	}
	return is, nil
}

// Summary is what a visitor sees of an issue, in a few lines: open or closed,
// labels, assignees, and the first line of each comment with its reactions. The
// digest of a command, which is another one each time, is DIGEST.
func Summary(is Issue) string {
	var b strings.Builder
	b.WriteString(is.State)
	if is.StateReason != "" && is.State == "closed" {
		fmt.Fprintf(&b, " as %s", is.StateReason)
	}
	labels := slices.Sorted(slices.Values(is.Labels))
	fmt.Fprintf(&b, "\nlabels: %s\n", strings.Join(labels, ", "))
	if len(is.Assignees) > 0 {
		fmt.Fprintf(&b, "assigned: %s\n", strings.Join(is.Assignees, ", "))
	}
	for _, c := range is.Comments {
		first, _, _ := strings.Cut(strings.TrimSpace(c.Body), "\n")
		fmt.Fprintf(&b, "%s: %s", c.Author, digestWritten.ReplaceAllString(strings.TrimLeft(first, "# "), "${1}DIGEST"))
		for _, r := range c.Reactions {
			fmt.Fprintf(&b, " [%s]", r.Content)
		}
		b.WriteString("\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}
