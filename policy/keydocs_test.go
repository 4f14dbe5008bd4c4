package policy

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

const keysFile = "../docs/policy.md"

// smallExample is the shortest policy that a person would write.
const smallExample = `# yaml-language-server: $schema=` + schemaURL + `
version: 1
repositories:
  - {id: 700001, name: octo-registry/support}
people:
  agents: {team: octo-registry/support-agents, id: 5001, org: 4001}
registries:
  pypi: {preset: pypi, mail: support@registry.example}
requests:
  forms:
    - {file: ISSUE_TEMPLATE/account-recovery.yml}
`

const keysIntroduction = "# The policy\n\n" +
	"Generated from the table of keys in `policy/keys_*.go` by `go test ./policy -run TestKeysFile -update`. Do not edit.\n\n" +
	"The policy is one YAML file, `recovery.yml`. It says which repositories the bot serves, who is staff, and what a\n" +
	"request looks like. This is a whole policy; all that it leaves out has a default:\n\n" +
	"```yaml\n" + smallExample + "```\n\n" +
	"`recoverybot check recovery.yml` shows all problems at once, each with its line. `recoverybot check --print recovery.yml`\n" +
	"prints the policy with all defaults; what the policy does not say itself is marked. The first line of the example is for\n" +
	"editors: with a YAML language server they complete keys, explain them, and mark mistakes while you type.\n" +
	"[.github/recovery.yml](../.github/recovery.yml) is a longer example.\n\n" +
	"The file is read strictly. A key that is not on this page is refused, and so are anchors, tags and a key that stands\n" +
	"twice. Texts that YAML may take for something else, like `yes` or `123`, need quotes. A time is a number with a unit:\n" +
	"`w` (weeks), `d` (days), `h` (hours) or `m` (minutes). Ids are GitHub's numbers; `recoverybot check --github` prints them.\n" +
	"There is no secret in a policy.\n"

// keysPage writes docs/policy.md.
type keysPage struct {
	b     strings.Builder
	shown map[string]string // the keys of an object, as text: the path under which they were shown
}

func (p *keysPage) printf(format string, args ...any) { fmt.Fprintf(&p.b, format, args...) }

func (p *keysPage) contents(v value) {
	p.printf("\n| Key | Meaning |\n| --- | --- |\n")
	for _, k := range v.keys {
		first, _, _ := strings.Cut(k.about, ". ")
		p.printf("| [`%s`](#%s) | %s. |\n", k.name, k.name, strings.TrimSuffix(first, "."))
	}
}

// chapter writes a key of the policy with all that is under it.
func (p *keysPage) chapter(k key) {
	p.printf("\n## %s\n\n%s\n", k.name, k.about)
	v := k.value
	if v.keys == nil {
		p.printf("\n- Value: %s.\n", says(v))
		if k.required {
			p.printf("- It must be there.\n")
		} else {
			p.printf("- Left out: %s.\n", leftOut(k))
		}
		p.printf("- Example: `%s: %s`\n", k.name, k.example)
	}
	switch {
	case v.entry != nil:
		p.object(k.name+".NAME", v.entry("other"))
	case v.item != nil:
		p.object("each of "+k.name, v.item())
	default:
		p.object(k.name, v)
	}
}

// object writes a table of keys, and then what is under each of them.
func (p *keysPage) object(path string, v value) {
	if v.keys == nil {
		return
	}
	if strings.ContainsAny(path, ". ") {
		p.printf("\n### %s\n", path) // the others stand right under their chapter
	}
	p.printf("\n")
	rows := tableRows(v.keys)
	if other, ok := p.shown[rows]; ok {
		p.printf("The keys are those of [%s](#%s).\n", other, strings.NewReplacer(".", "", " ", "-").Replace(strings.ToLower(other)))
		return
	}
	p.shown[rows] = path
	p.printf("%s", rows)
	if v.later != nil {
		p.printf("\nKeys of later versions, which this one refuses: `%s`.\n", strings.Join(v.later, "`, `"))
	}
	for _, k := range v.keys {
		switch inner := path + "." + k.name; {
		case k.value.keys != nil:
			p.object(inner, k.value)
		case k.value.item != nil && k.value.item().keys != nil:
			p.object("each of "+inner, k.value.item())
		}
	}
}

func tableRows(keys []key) string {
	var b strings.Builder
	b.WriteString("| Key | Meaning | Value | Left out | Example |\n| --- | --- | --- | --- | --- |\n")
	for _, k := range keys {
		example := ""
		if k.example != "" {
			example = "`" + k.example + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", k.name, k.about, says(k.value), leftOut(k), example)
	}
	return b.String()
}

// says is what a value is, in words.
func says(v value) string {
	switch {
	case v.keys != nil:
		return "keys, see below"
	case v.names != nil:
		return v.says + "; the names are " + strings.Join(v.names, ", ")
	}
	return v.says
}

// leftOut is what leaving a key out means.
func leftOut(k key) string {
	switch {
	case k.required:
		return "must be there"
	case k.def != "":
		return "`" + k.def + "`"
	case k.origin != "":
		return k.origin
	case k.value.keys != nil:
		return "the defaults of its keys"
	case k.needs != nil:
		return "not set; `" + strings.Join(k.needs, "`, `") + "` must stand beside it"
	}
	return "not set"
}

// TestKeysFile: docs/policy.md is that of the table, and has every key.
func TestKeysFile(t *testing.T) {
	p := keysPage{shown: map[string]string{}}
	p.b.WriteString(keysIntroduction)
	root := tableLoader().policy()
	p.contents(root)
	for _, k := range root.keys {
		p.chapter(k)
		if k.name == "paths" {
			p.pathChapter(t)
		}
	}
	if len(root.later) > 0 {
		p.printf("\n## Later versions\n\nThese keys are known, and refused, so that nobody believes in what is not there: `%s`.\n", strings.Join(root.later, "`, `"))
	}
	page := p.b.String()
	current(t, keysFile, page)
	for _, k := range tableKeys() {
		if !strings.Contains(page, k.about) || !strings.Contains(page, "`"+k.name+"`") {
			t.Errorf("%s lacks %s", keysFile, k.path)
		}
	}
}

// TestSmallExample: the example of the page is right, without a warning but
// that nobody is of security, and as short as it can be.
func TestSmallExample(t *testing.T) {
	r, err := ParseRules([]byte(smallExample), os.DirFS("../.github"))
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Warnings(); len(got) != 1 {
		t.Errorf("the warnings are %q, want that about new addresses alone", got)
	}
	lines := strings.Split(smallExample, "\n")
	for i, line := range lines {
		if line == "" || strings.HasPrefix(line, "#") || strings.HasSuffix(line, ":") {
			continue
		}
		without := strings.Join(slices.Concat(lines[:i], lines[i+1:]), "\n")
		if _, err := ParseRules([]byte(without), os.DirFS("../.github")); err == nil {
			t.Errorf("the example is right without %q, too", line)
		}
	}
}
