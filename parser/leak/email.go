package leak

import (
	"slices"
	"strings"
)

const (
	maxLocal = 64  // bytes before the "@" (RFC 5321, 4.5.3.1.1)
	maxHost  = 255 // bytes after it
)

// emails finds e-mail addresses, also where "@" and "." are written as words.
func (v *view) emails(o Options) {
	public := make([]string, len(o.Public))
	for i, address := range o.Public {
		public[i] = strings.ToLower(address)
	}
	for at := strings.IndexByte(v.text, '@'); at >= 0; {
		v.email(at, public)
		next := strings.IndexByte(v.text[at+1:], '@')
		if next < 0 {
			break
		}
		at += 1 + next
	}
	for i := range v.words {
		v.spelled(i, public)
	}
}

func isLocal(c byte) bool {
	return isWord(c) || strings.IndexByte(".!#$%&'*+/=?^{|}~-", c) >= 0
}

func isHost(c byte) bool { return isAlnum(c) || c == '-' || c == '.' || c >= 0x80 }

// email looks at both sides of an "@".
func (v *view) email(at int, public []string) {
	start := v.local(at)
	if start == at {
		return
	}
	end := max(v.host(at+1), v.spelledHost(at+1))
	if end > 0 && v.isPersonal(span{start, end}, at, public) {
		v.add(Email, span{start, end}, Certain)
	}
}

// local returns where the part before an "@" begins.
func (v *view) local(at int) int {
	start := at
	for start > 0 && at-start < maxLocal && isLocal(v.text[start-1]) {
		// Scripts without spaces: an address in plain letters begins after the last other one.
		if start < at && v.text[start-1] >= 0xe3 && v.text[start] < 0x80 || v.text[start-1] >= 0x80 && start < at && v.text[start] < 0x80 && v.isWide(start) {
			break
		}
		start--
	}
	v.steps += at - start + 1
	for start < at && !isWord(v.text[start]) {
		start++
	}
	return start
}

// isWide reports whether the character before a place is one of three bytes or more, as Chinese has them.
func (v *view) isWide(at int) bool {
	return at >= 3 && v.text[at-3] >= 0xe3 && v.text[at-2] >= 0x80 && v.text[at-2] < 0xc0
}

// host returns where a host name ends that begins at a place; 0 where none does.
func (v *view) host(at int) int {
	end := v.run(at, maxHost, isHost)
	host := strings.TrimRight(v.text[at:end], ".-")
	dot := strings.LastIndexByte(host, '.')
	if dot <= 0 || host[0] == '.' || host[0] == '-' || strings.Contains(host, "..") {
		return 0
	}
	top := host[dot+1:]
	if len(top) < 2 || !all(top, func(c byte) bool { return isUpper(c) || isLower(c) || c >= 0x80 }) || isNoDomain(strings.ToLower(top)) {
		return 0
	}
	return at + len(host)
}

// isNoDomain reports whether what stands last after "@" is the name of a file's kind.
func isNoDomain(top string) bool {
	switch top {
	case "png", "jpg", "jpeg", "gif", "svg", "webp", "service", "socket", "timer", "target", "html", "json", "yml", "yaml", "toml", "whl", "js", "ts",
		"css", "local", "internal", "localdomain", "lan", "route", "get", "post", "setter", "property", "fixture":
		return true
	}
	return false
}

// isPersonal reports whether an address is not one that is public by design: a place of git, or a GitHub address that
// hides the real one.
func (v *view) isPersonal(address span, at int, public []string) bool {
	low := v.low[address.start:address.end]
	host := v.low[at+1 : address.end]
	switch {
	case v.after(address.end) == ':' && strings.HasPrefix(low, "git@"), strings.HasPrefix(low, "git@git"):
		return false
	case host == "noreply.github.com" || strings.HasSuffix(host, ".noreply.github.com"):
		return false
	case strings.HasPrefix(v.text[max(0, address.start-3):], "://"), v.isUserinfo(address.start):
		return false
	case slices.Contains(public, low) || slices.Contains(public, "@"+host):
		return false
	}
	return true
}

// isUserinfo reports whether what stands before an "@" is the password of a link, "https://name:password@host".
func (v *view) isUserinfo(start int) bool {
	if v.before(start) != ':' {
		return false
	}
	at := start - 1
	for at > 0 && start-at < maxLocal && (isLocal(v.text[at-1]) && v.text[at-1] != '/') {
		at--
	}
	v.steps += start - at
	return at >= 3 && v.text[at-3:at] == "://"
}

// spelled finds "name (at) host (dot) org", beginning at the word "at".
func (v *view) spelled(i int, public []string) {
	w := v.words[i]
	low := v.low[w.start:w.end]
	if low != "at" && low != "arroba" && low != "chez" && low != "aet" || i == 0 {
		return
	}
	name := v.words[i-1]
	before, after := v.text[name.end:w.start], v.text[w.end:min(len(v.text), w.end+3)]
	if len(before) > 3 {
		return
	}
	bracket := strings.ContainsAny(before, "([{<") && strings.ContainsAny(after, ")]}>")
	bare := strings.TrimSpace(before) == "" && low != "chez"
	if !bracket && !bare {
		return
	}
	host := v.run(w.end, 4, func(c byte) bool { return !isWord(c) && c != '\n' })
	end := 0
	if bracket {
		end = v.host(host)
	}
	if end == 0 {
		end = v.spelledHost(host)
	}
	start := v.local(name.end)
	if end > 0 && start < name.end && v.isPersonal(span{start, end}, w.end, public) {
		v.add(Email, span{start, end}, Likely)
	}
}

// spelledHost returns where "host (dot) org" ends that begins at a place; 0 where it does not.
func (v *view) spelledHost(at int) int {
	at = v.run(at, 2, isBlank)
	spelled := false
	for range 5 {
		end := v.run(at, 63, func(c byte) bool { return isAlnum(c) || c == '-' || c >= 0x80 })
		if end == at {
			return 0
		}
		next, ok := v.dot(end)
		if !ok {
			if spelled && isDomain(v.low[at:end]) {
				return end
			}
			return 0
		}
		spelled = spelled || v.before(next) != '.'
		at = next
	}
	return 0
}

// dot returns what stands after "(dot)", "dot" or ".".
func (v *view) dot(at int) (int, bool) {
	open := v.run(at, 3, func(c byte) bool { return isBlank(c) || c == '(' || c == '[' || c == '{' })
	if v.after(open) == '.' && open < len(v.text) && !isBlank(v.after(open+1)) && isWord(v.after(open+1)) {
		return open + 1, true
	}
	end := v.run(open, 6, isWord)
	switch v.low[open:end] {
	case "dot", "punto", "point", "ponto", "punkt":
	default:
		return 0, false
	}
	closed := v.run(end, 3, func(c byte) bool { return isBlank(c) || c == ')' || c == ']' || c == '}' })
	return closed, open > at && closed > end
}

// isDomain reports whether a word is one of the top domains that people spell out.
func isDomain(low string) bool {
	switch low {
	case "com", "org", "net", "de", "io", "edu", "fr", "es", "it", "uk", "ru", "cn", "jp", "br", "in", "nl", "pl", "ch", "at", "eu", "dev", "me", "info",
		"co", "ca", "au", "us", "se", "no", "fi", "dk", "cz", "gov", "xyz", "app", "ai", "be", "pt", "mx", "ar", "tr", "kr", "tw", "ua":
		return true
	}
	return false
}
