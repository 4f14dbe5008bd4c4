package leak

import "strings"

const (
	shortLink   = 20 // bytes
	shortParam  = 8  // bytes of a secret in a link's query
	shortInPath = 16 // bytes of one in its path
)

// links finds links with which a password or an address can be set.
func (v *view) links() {
	if strings.IndexByte(v.text, '/') < 0 {
		return // each has one
	}
	for at := 0; at < len(v.text); {
		at = v.run(at, maxRun, func(c byte) bool { return !isLinkPart(c) })
		end := v.run(at, maxRun, isLinkPart)
		if end-at >= shortLink {
			v.link(span{at, end})
		}
		at = max(end, at)
		if at < len(v.text) && !isLinkPart(v.text[at]) {
			at++
		}
	}
}

func isLinkPart(c byte) bool {
	switch c {
	case '(', ')', '[', ']', '{', '}', '*', '\\':
		return false
	}
	return isLink(c)
}

func (v *view) link(at span) {
	low := v.low[at.start:at.end]
	v.steps += len(low)
	begin := at.start
	if i := strings.Index(low, "://"); i >= 0 {
		begin += i + len("://")
	}
	slash := strings.IndexByte(v.text[begin:at.end], '/')
	if slash < 0 {
		return
	}
	path := begin + slash
	query := at.end
	if i := strings.IndexAny(v.text[path:at.end], "?#"); i >= 0 {
		query = path + i
	}
	word := v.resetWord(span{path, query})
	if word < 0 && !v.resetInQuery(span{query, at.end}) {
		return
	}
	if !v.secretParam(span{query, at.end}) && (word < 0 || !v.secretInPath(span{word, query})) {
		return
	}
	v.add(ResetLink, span{at.start, v.extend(at.end, isURL64)}, Certain)
}

// resetWord returns where in a path a part ends that is about setting or proving something; -1 if none is.
func (v *view) resetWord(path span) int {
	for at := path.start; at < path.end; {
		end := at
		for end < path.end && isAlnum(v.text[end]) {
			end++
		}
		if isResetWord(v.low[at:end]) {
			return end
		}
		at = end + 1
	}
	return -1
}

func isResetWord(low string) bool {
	switch low {
	case "reset", "resetpassword", "passwordreset", "verify", "verifyemail", "verification", "confirm", "confirmation", "confirmemail", "activate",
		"activation", "recover", "recovery", "invite", "invitation", "magic", "unlock", "unlockaccount", "restablecer", "reinitialiser", "newpassword",
		"forgot", "forgotpassword", "setpassword":
		return true
	}
	return false
}

// resetInQuery reports whether the query says what the link is for, as in "?mode=resetPassword".
func (v *view) resetInQuery(query span) bool {
	low := v.low[query.start:query.end]
	return hasAny(low, "resetpassword", "reset_password", "reset-password", "verifyemail", "verify_email", "confirmation_token", "/reset", "/verify")
}

// secretParam reports whether one of the query's parameters holds a secret.
func (v *view) secretParam(query span) bool {
	for at := query.start; at < query.end; {
		stop := at
		for stop < query.end && (stop == at || strings.IndexByte("?&#;", v.text[stop]) < 0) {
			stop++
		}
		name, said, ok := strings.Cut(v.text[at:stop], "=")
		if ok && isSecretParam(strings.ToLower(strings.TrimLeft(name, "?&#;"))) && v.isParam(said) {
			return true
		}
		at = stop
	}
	return false
}

func isSecretParam(low string) bool {
	low = strings.TrimPrefix(low, "amp;")
	switch low {
	case "token", "code", "key", "t", "k", "otp", "sig", "signature", "ticket", "oobcode", "hash", "secret", "nonce", "id", "h", "s":
		return true
	}
	return strings.HasSuffix(low, "token") || strings.HasSuffix(low, "code") || strings.HasSuffix(low, "key")
}

func (v *view) isParam(s string) bool {
	m := v.makeup(s)
	return len(s) >= shortParam && m.distinct >= fewInShort && (m.digits > 0 && m.letters() > 0 || len(s) >= longPiece && m.kinds() > 1) &&
		!hasAny(strings.ToLower(s), "your", "example", "xxxx")
}

// secretInPath reports whether a part of a path holds a secret, as in ".../reset/MQ/c2k-8f0e…": no commit and no file.
func (v *view) secretInPath(path span) bool {
	before := ""
	for part := range strings.SplitSeq(v.text[path.start:path.end], "/") {
		if !isFileOf(before) && !strings.Contains(part, ".") && v.hasMade(part) {
			return true
		}
		before = strings.ToLower(part)
	}
	return false
}

// hasMade reports whether a part of a path is not only words and numbers.
func (v *view) hasMade(part string) bool {
	for piece := range strings.FieldsFuncSeq(part, func(r rune) bool { return r == '-' || r == '_' }) {
		m := v.makeup(piece)
		if len(piece) >= shortInPath && m.digits > 2 && m.letters() > 2 && m.distinct >= fewInLong {
			return true
		}
	}
	return false
}

// isFileOf reports whether what follows in a path is a commit or a file's digest.
func isFileOf(low string) bool {
	switch low {
	case "commit", "commits", "blob", "tree", "raw", "compare", "archive", "packages", "blame", "sha256", "images", "assets", "files":
		return true
	}
	return false
}
