package main

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/recoverybot/recoverybot/policy"
)

//go:embed init/*.tmpl
var initFiles embed.FS

// What init makes: the policy, and the form as the policy beside it names it.
const (
	policyFile = "recovery.yml"
	formFile   = "forms/account-recovery.yml"
)

// made is what init makes, by name: a folder in memory.
type made map[string][]byte

// Open finds nothing: the files are only read whole.
func (made) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// ReadFile returns a file.
func (m made) ReadFile(name string) ([]byte, error) {
	data, ok := m[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return data, nil
}

// The names to fill in, where no flag gives them. GitHub has nobody of these.
const (
	noRepository = "YOUR-ORG/YOUR-REPOSITORY"
	noTeam       = "YOUR-TEAM"
)

type initCmd struct {
	Preset   string   `env:"-" required:"" enum:"${presets}" help:"What the policy builds on: ${presets}. \"plain\" is for a company's own registry." placeholder:"NAME"`
	Repo     string   `env:"-" help:"The repository with the requests." placeholder:"OWNER/NAME"`
	Agents   []string `env:"-" help:"Who has rights in the registry: a team as ORG/SLUG, or logins." placeholder:"WHO"`
	Helpers  []string `env:"-" help:"Who asks and sorts, and approves as the second person: a team, or logins." placeholder:"WHO"`
	Security []string `env:"-" help:"Who may stop a request, and must approve a new address: a team, or logins." placeholder:"WHO"`
	Mail     string   `env:"-" help:"The e-mail address of support." placeholder:"ADDRESS"`
	Out      string   `env:"-" default:"recovery.yml" help:"The policy to write. The form goes into the folder forms beside it. Default: ${default}" placeholder:"FILE"`
	Force    bool     `env:"-" help:"Write over files that exist."`
}

// Help is the long part of --help.
func (initCmd) Help() string {
	return `Writes a policy to begin with, and an example of the issue form that it names. Names that you do not give stand there in capitals, to fill in. A key for pseudonyms is written beside them, unless there is one: keep it out of repositories and away from the database. Nothing is sent anywhere.

  recoverybot init --preset rubygems --repo octo/support --agents octo/registry-admins
  recoverybot init --preset plain --repo corp/registry-help --agents ada,bob --out corp.yml`
}

// Run writes a policy and its form.
func (c *initCmd) Run(e *env) error {
	files, err := c.files()
	if err != nil {
		return err
	}
	if info, err := os.Stat(c.Out); err == nil && info.IsDir() {
		return usageError{text: fmt.Sprintf("--out %s is a folder: name the file in it, like %s", c.Out, filepath.Join(c.Out, policyFile))}
	}
	dir := filepath.Dir(c.Out)
	form := filepath.Join(dir, filepath.FromSlash(formFile))
	if err := c.free(c.Out, form); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(form), 0o755); err != nil { //nolint:gosec // likewise
		return fmt.Errorf("making the folder for the form: %w", err)
	}
	err = errors.Join(os.WriteFile(form, files[formFile], 0o644), os.WriteFile(c.Out, files[policyFile], 0o644)) //nolint:gosec // public, and the bot may run as another user
	if err != nil {
		return fmt.Errorf("writing what init makes: %w", err)
	}
	key := filepath.Join(dir, pseudonymFile)
	if err := newPseudonymKey(key); err != nil {
		return err
	}
	out := quoted(c.Out)
	fmt.Fprintf(e.out, `Written: %s and %s, and %s, a key that nobody else may read. Read the first two, and fill in what stands in capitals. Then:

  recoverybot check %s
  recoverybot pin %s --app-id N --private-key FILE
  recoverybot serve --policy %s --app-id N --private-key FILE --webhook-secret-file FILE --pseudonym-key-file %s
`, c.Out, form, key, out, out, out, quoted(key))
	return nil
}

// free refuses files that exist, all at once.
func (c *initCmd) free(paths ...string) error {
	taken := slices.DeleteFunc(paths, func(path string) bool {
		_, err := os.Lstat(path)
		return errors.Is(err, fs.ErrNotExist)
	})
	if len(taken) == 0 || c.Force {
		return nil
	}
	return fmt.Errorf("nothing was written, for this exists already: %s\nWrite over it with --force, or choose another place with --out FILE",
		strings.Join(taken, ", "))
}

// sketch is what the templates of policy and form need.
type sketch struct {
	Repo, Owner, File, Form   string
	Agents, Helpers, Security string
	Key, Preset, Name, Mail   string
	Plain                     bool // of a registry that no preset knows, on a private repository
	Codes                     bool // accounts there have recovery codes
	Label, Account, Reason    string
	Boxes                     []policy.Box
}

func (c *initCmd) sketch() (sketch, error) {
	rules, err := policy.Preset(c.Preset)
	if err != nil {
		return sketch{}, err
	}
	reg, q := rules.Registries[0], rules.Requests
	repo := cmp.Or(c.Repo, noRepository)
	owner, _, _ := strings.Cut(repo, "/")
	s := sketch{
		Repo: repo, Owner: owner, File: c.Out, Form: formFile,
		Agents: group(c.Agents), Helpers: group(c.Helpers), Security: group(c.Security),
		Key: reg.Key, Preset: c.Preset, Mail: c.Mail, Name: owner,
		Plain: reg.URL == "", Codes: slices.Contains(reg.Offers, policy.OfferCodes),
		Label: q.Label, Account: q.Account, Reason: q.Reason, Boxes: q.Boxes,
	}
	s.Agents = cmp.Or(s.Agents, group([]string{owner + "/" + noTeam}))
	return s, nil
}

// group is a group of people as a policy writes it: a team, or logins.
func group(who []string) string {
	switch {
	case len(who) == 0:
		return ""
	case len(who) == 1 && strings.Contains(who[0], "/"):
		return "{team: " + who[0] + "}"
	}
	return "{users: [" + strings.Join(who, ", ") + "]}"
}

// files makes the policy and the form, and reads them as check would: what a
// flag gave may be no name.
func (c *initCmd) files() (made, error) {
	s, err := c.sketch()
	if err != nil {
		return nil, err
	}
	t, err := template.New("").Funcs(template.FuncMap{"spaces": spaces, "box": boxText}).ParseFS(initFiles, "init/*.tmpl")
	if err != nil {
		return nil, fmt.Errorf("reading the templates of init: %w", err)
	}
	all := made{}
	for _, name := range []string{policyFile, formFile} {
		var b bytes.Buffer
		if err := t.ExecuteTemplate(&b, path.Base(name)+".tmpl", s); err != nil {
			return nil, fmt.Errorf("making %s: %w", name, err)
		}
		all[name] = b.Bytes()
	}
	_, err = policy.ParseRules(all[policyFile], all)
	if errs, ok := errors.AsType[policy.Errors](err); ok {
		return nil, usageError{text: "with these flags the policy would be wrong:\n" + errs.In(c.Out)}
	}
	return all, err
}

// spaces fill a line up, so that comments stand below each other.
func spaces(before string, width int) string { return strings.Repeat(" ", max(width-len(before), 1)) }

// boxText is what a box of the form says.
func boxText(label string) string {
	switch label {
	case "Code of Conduct":
		return "I agree to follow the Code of Conduct of this project"
	case "Recovery Codes":
		return "I never had recovery codes for this account, or I have lost them"
	}
	return "I understand that this may take a significant amount of time"
}
