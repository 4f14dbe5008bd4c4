package repotest

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

const (
	contractDir = "bot/bottest/contract"
	repotestDir = "internal/repotest"
	sampleDir   = "internal/sample"
)

// Imports keeps the packages in layers: cmd sees the parts of bot, these see bot, bot sees policy, policy
// sees parser, and nobody sees upwards or sideways. It also keeps each risky library in its one place.
// Tests may look at more: at anything, but for the core, which is tested alone.
func Imports(t *Tree) []Finding {
	var out []Finding
	for _, f := range t.Go {
		for _, im := range f.imports() {
			var text string
			if to, ok := strings.CutPrefix(im.path, Module+"/"); ok {
				text = internalImport(f, to)
			} else {
				text = externalImport(f, im.path)
			}
			if text != "" {
				out = append(out, f.finding(im.spec, im.path, text))
			}
		}
	}
	return append(out, strays(t)...)
}

// internalImport says what is wrong when f imports the folder to of this module, or "".
func internalImport(f *File, to string) string {
	switch {
	case to == repotestDir && f.Dir != repotestDir:
		return "internal/repotest is for its own tests: don't import it"
	case f.Test && (to == sampleDir || !isCore(f.Dir)):
		return ""
	case to == sampleDir:
		return "internal/sample is for tests: import it in _test.go files only"
	case to == contractDir && f.Dir != contractDir:
		return "bot/bottest/contract is for tests: import it in _test.go files only"
	case allowed(f.Dir, to):
		return ""
	}
	roots := strings.ReplaceAll(strings.Join(layer(f.Dir), ", "), "/.", " itself")
	return fmt.Sprintf("%s may import only %s: turn the dependency round, or pass a value", f.Dir, roots)
}

// layer returns the folders that dir may import, with all below them; "." stands for the folder alone.
func layer(dir string) []string {
	first, rest, _ := strings.Cut(dir, "/")
	second, _, _ := strings.Cut(rest, "/")
	family := path.Join(first, second)
	switch {
	case within(dir, "parser"):
		return []string{"parser", "internal/yamlfile"}
	case within(dir, "policy"):
		return []string{"policy", "parser", "internal/yamlfile"}
	case within(dir, contractDir):
		return []string{contractDir}
	case dir == "bot":
		return []string{"policy", "parser", "internal"}
	case within(dir, "bot"):
		return []string{"bot/.", family, "policy", "parser", "internal"}
	case within(dir, "cmd"), slices.Contains(programs(), dir):
		return []string{"cmd", "bot", "policy", "parser", "internal"}
	case within(dir, "internal/ingest"): // measures what cmd runs
		return []string{dir, "bot", "policy", "parser"}
	}
	return []string{family}
}

// programs are those that try the whole bot from outside, and so see all of it.
func programs() []string {
	return []string{"internal/chaos", "internal/fairness", "internal/fire", "internal/growth", "internal/ingest"}
}

func allowed(dir, to string) bool {
	return slices.ContainsFunc(layer(dir), func(root string) bool {
		if exact, ok := strings.CutSuffix(root, "/."); ok {
			return to == exact
		}
		return within(to, root)
	})
}

func isCore(dir string) bool { return within(dir, "parser") || within(dir, "policy") }

// externalImport says what is wrong when f imports the package at ip of another module, or "".
func externalImport(f *File, ip string) string {
	switch {
	case within(ip, "github.com/google/go-github"):
		if within(f.Dir, "bot/github") || within(f.Dir, "bot/webhook") || f.Test && within(f.Dir, "bot/bottest") {
			return ""
		}
		return "go-github's types stay inside bot/github and bot/webhook: use bot's own types"
	case within(ip, "github.com/getkin/kin-openapi"):
		if within(f.Dir, contractDir) {
			return ""
		}
		return "kin-openapi belongs to bot/bottest/contract: the product does not need it"
	case !f.Test && isCore(f.Dir) && slices.ContainsFunc(impure(), func(root string) bool { return within(ip, root) }):
		return "parser and policy are pure: take what " + ip + " would give as a value"
	}
	return ""
}

// impure returns the packages, with all below them, that reach the world outside, wait for it, or guess.
func impure() []string {
	return []string{"net", "os", "context", "log", "database/sql", "math/rand", "crypto/rand"}
}

// strays finds packages in folders that the layout does not have.
func strays(t *Tree) []Finding {
	var out []Finding
	for _, dir := range t.Dirs() {
		if slices.ContainsFunc([]string{"parser", "policy", "bot", "cmd", "internal"}, func(root string) bool { return within(dir, root) }) {
			continue
		}
		i := slices.IndexFunc(t.Go, func(f *File) bool { return f.Dir == dir })
		f := t.Go[i]
		out = append(out, f.finding(f.AST.Name, dir, "the layout has no folder "+dir+": use parser, policy, bot, cmd or internal"))
	}
	return out
}
