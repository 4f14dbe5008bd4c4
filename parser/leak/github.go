package leak

import "strings"

const (
	gitHubOld   = 40 // hexadecimal digits after "v1."
	gitHubAtAll = 6  // characters of the first piece of a token that is broken
)

// bounds are how many characters a token has after its prefix, and how many are enough to know it.
type bounds struct{ least, whole int }

// githubTokens finds tokens of GitHub, by their prefixes.
func (v *view) githubTokens() {
	if strings.IndexByte(v.text, '_') < 0 && !strings.Contains(v.text, "v1.") {
		return // each has one of them
	}
	for _, w := range v.words {
		s := v.text[w.start:w.end]
		if i := strings.Index(s, "github_pat_"); i >= 0 {
			v.githubToken(span{w.start + i, w.end}, len("github_pat_"), bounds{60, 82})
			continue
		}
		if i := gitHubPrefix(s); i >= 0 {
			v.githubToken(span{w.start + i, w.end}, len("ghp_"), bounds{36, 36})
		}
		if len(s) == gitHubOld && all(s, isLowHex) && w.start >= 3 && v.text[w.start-3:w.start] == "v1." {
			v.add(GitHubToken, span{w.start - 3, w.end}, Certain)
		}
	}
}

func gitHubPrefix(s string) int {
	for at := 0; ; {
		i := strings.Index(s[at:], "gh")
		if i < 0 || at+i+4 > len(s) {
			return -1
		}
		at += i
		if strings.IndexByte("pousr", s[at+2]) >= 0 && s[at+3] == '_' {
			return at
		}
		at += 2
	}
}

func (v *view) githubToken(w span, prefix int, size bounds) {
	body := func(c byte) bool { return isAlnum(c) || c == '_' }
	have := w.end - w.start - prefix
	end := w.end
	switch {
	case have >= size.least:
		end = v.extend(v.run(w.end, maxRun, func(c byte) bool { return isURL64(c) || c == '.' }), body)
		end = w.start + len(strings.TrimRight(v.text[w.start:end], ".-="))
	case have >= gitHubAtAll:
		end = v.complete(w.end, size.whole-have, body)
	}
	if have < size.least && end == w.end || !v.makeup(v.text[w.start+prefix:end]).isMade() {
		return
	}
	v.add(GitHubToken, span{w.start, end}, Certain)
}
