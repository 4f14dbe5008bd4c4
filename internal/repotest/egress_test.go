package repotest

import (
	"slices"
	"strings"
	"testing"
)

// callers may speak to a network of their own accord: the one package that calls GitHub, and what never runs in service.
func callers(f *File) bool {
	for _, dir := range []string{"bot/github", "bot/bottest", "internal", "bot/store/pgtest"} {
		if within(f.Dir, dir) {
			return true
		}
	}
	// The demo speaks to the GitHub that is built in.
	return f.Dir == "cmd/recoverybot" && slices.Contains([]string{"demo_mail.go", "world.go"}, f.Path[len(f.Dir)+1:])
}

// calling reports whether a name of another package is a way out to a network.
func calling(u use) bool {
	switch u.pkg {
	case "net":
		return strings.HasPrefix(u.name, "Dial") || strings.HasPrefix(u.name, "Lookup")
	case "net/http":
		ways := "Get Head Post PostForm NewRequest NewRequestWithContext Client DefaultClient Transport DefaultTransport"
		return slices.Contains(strings.Fields(ways), u.name)
	case "net/smtp", "net/rpc", "os/exec":
		return true
	}
	return false
}

// TestOnlyGitHubIsCalled: no package but bot/github can make a request, so that nothing speaks to the registry, and nothing
// that somebody typed is fetched. Where its own requests may go is tested there.
func TestOnlyGitHubIsCalled(t *testing.T) {
	found := 0
	for _, f := range loadTop(t).Go {
		for _, u := range f.uses() {
			if f.Test || !calling(u) {
				continue
			}
			if found++; !callers(f) {
				t.Errorf("%s uses %s.%s: only bot/github may call anybody", f.Path, u.pkg, u.name)
			}
		}
	}
	if found < 5 {
		t.Errorf("%d uses of a network are found: is this the top of the repository?", found)
	}
}
