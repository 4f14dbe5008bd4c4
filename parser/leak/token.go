package leak

import "strings"

const (
	shortMacaroon = 24 // bytes after "pypi-" of the shortest piece of a token that says more than its kind
	cutMacaroon   = 60 // fewer before "..." are an example
	bareMacaroon  = 60
	otherMacaroon = 40
	maxGlued      = 8  // characters too many that are let through
	shortNamed    = 20 // bytes of the shortest token that is known by the word before it
)

// tokens finds API tokens of package registries.
func (v *view) tokens() {
	v.macaroons("pypi-", 5)
	v.macaroons("ageichlwas5vcmc", 0)
	v.macaroons("agendgvzdc5wexbplm9yzw", 0)
	formed := hasAny(v.text, "npm_", "rubygems_", "cio", "oy2") // the prefixes of tokenByForm
	for i, w := range v.words {
		if formed {
			v.tokenByForm(w)
		}
		v.tokenByWord(i)
	}
}

// macaroons finds PyPI's: their body is base64 of a macaroon, which begins with its version and the host. The prefix is
// in lower case.
func (v *view) macaroons(prefix string, skip int) {
	for at := 0; ; {
		i := strings.Index(v.low[at:], prefix)
		if i < 0 {
			return
		}
		start := at + i
		body := start + skip
		at = v.run(body, maxRun, isURL64)
		end := v.extend(at, isURL64)
		if confidence := v.macaroon(span{body, end}, skip == 0); confidence != 0 {
			v.add(Token, span{start, end}, confidence)
			at = end
		}
		at = max(at, start+1)
	}
}

// macaroon says how sure it is that a token has this body; 0 where it has not.
func (v *view) macaroon(body span, bare bool) Confidence {
	s := v.text[body.start:body.end]
	m := v.makeup(s)
	switch {
	case !m.isMade() || bare && len(s) < bareMacaroon:
		return 0
	case !strings.HasPrefix(strings.TrimLeft(s, " \r\n`*"), "AgE"):
		if len(s) < otherMacaroon || m.kinds() < 3 {
			return 0
		}
		return Likely
	case len(s) < shortMacaroon || len(s) < cutMacaroon && strings.HasPrefix(v.text[body.end:], "..."):
		return 0
	case len(s) < cutMacaroon:
		return Likely
	}
	return Certain
}

// form is what a token of a known length looks like.
type form struct {
	prefix string
	length int // after the prefix
	set    func(byte) bool
}

// tokenByForm finds tokens that are one word of a known length.
func (v *view) tokenByForm(w span) {
	s := v.text[w.start:w.end]
	for _, f := range [...]form{{"npm_", 36, isAlnum}, {"rubygems_", 48, isLowHex}} {
		if i := strings.Index(s, f.prefix); i >= 0 {
			v.fixed(span{w.start + i, w.end}, f)
		}
	}
	for _, f := range [...]form{{"cio", 32, isAlnum}, {"oy2", 43, isLowAlnum}} {
		if strings.HasPrefix(s, f.prefix) {
			v.fixed(w, f)
		}
	}
}

// fixed notes a token whose length after its prefix is known, whole or in pieces. A few more characters are let
// through: what is glued to a token does not make it worthless.
func (v *view) fixed(w span, f form) {
	body := w.start + len(f.prefix)
	have := w.end - body
	end, confidence := w.end, Certain
	switch {
	case have > f.length+maxGlued, !all(v.text[body:w.end], f.set):
		return
	case have > f.length:
		confidence = Likely
	case have < f.length:
		if have < shortPiece || !hasDigitOrMixed(v.makeup(v.text[body:w.end])) {
			return
		}
		if end = v.complete(w.end, f.length-have, f.set); end == w.end {
			return
		}
	}
	if v.makeup(v.text[body:end]).isMade() {
		v.add(Token, span{w.start, end}, confidence)
	}
}

// tokenByWord finds what is written after the name of a token: in a configuration file, or by hand.
func (v *view) tokenByWord(i int) {
	name := v.low[v.words[i].start:v.words[i].end]
	if !isTokenName(name) && !(name == "key" && i > 0 && isTokenName(v.low[v.words[i-1].start:v.words[i-1].end]+"_key")) && !isLogin(v, i) {
		return
	}
	if c := v.before(v.words[i].start); c == '?' || c == '&' {
		return // a part of a link
	}
	at, ok := v.valueAfter(i)
	if !ok && isLogin(v, i) {
		at, ok = v.run(v.words[i].end, maxFiller, isFiller), true
	}
	if !ok {
		return
	}
	end := v.run(at, maxRun, isURL64)
	m := v.makeup(v.text[at:end])
	if end-at >= shortNamed && m.isMade() && m.digits > 0 && m.letters() > 0 && m.others < 6 {
		v.add(Token, span{at, end}, Likely)
	}
}

func isTokenName(low string) bool {
	switch low {
	case "_authtoken", "_auth", "rubygems_api_key", "token", "api_token", "api_key", "apikey", "apitoken", "access_token", "auth_token":
		return true
	}
	return strings.HasSuffix(low, "_token") || strings.HasSuffix(low, "_api_key")
}

// isLogin reports whether the words are "cargo login", after which comes a token.
func isLogin(v *view, i int) bool {
	return i > 0 && v.low[v.words[i].start:v.words[i].end] == "login" && v.low[v.words[i-1].start:v.words[i-1].end] == "cargo"
}
