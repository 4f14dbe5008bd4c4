package leak

import "strings"

// judgedAgain is how long a value is, at most, in which another word may begin that has a value of its own. Longer
// ones are read once, so that the time stays linear.
const judgedAgain = 24

// passwords finds what stands after the word for a password, and in links that hold one.
func (v *view) passwords() {
	v.credentials()
	until := 0
	for i, w := range v.words {
		if w.start < until {
			continue
		}
		if end := v.passwordWord(i); end > 0 {
			until = v.passwordAfter(i, end)
		}
	}
}

// passwordAfter looks at what follows a word that ends at a place, and returns up to where it is read.
func (v *view) passwordAfter(i, end int) int {
	at, how := v.separator(end)
	far := false
	if how == apart {
		at, how = v.farSeparator(end)
		far = true
	}
	if how == apart && isOption(v, i) {
		at, how, far = v.run(end, maxFiller, isBlank), verb, false
	}
	if how == apart {
		return 0
	}
	w := v.value(at)
	if confidence := v.isPassword(w, how); confidence == Certain || confidence == Likely && !far {
		v.add(Password, w.span, confidence)
		return w.end
	}
	if how == sign && v.isLabel(i) {
		if phrase, ok := v.phrase(w); ok {
			v.add(Password, phrase, Likely)
			return phrase.end
		}
	}
	if w.end-w.start > judgedAgain {
		return w.end
	}
	return 0
}

// farSeparator is for "password for my account is …": the separator is a few words away.
func (v *view) farSeparator(at int) (int, separation) {
	for n := range 6 {
		blank := v.run(at, 3, isBlank)
		end := v.run(blank, 32, func(c byte) bool { return isWord(c) || c == '.' || c == '-' || c == '\'' })
		if blank == at || end == blank || n == 0 && !isPreposition(v.low[blank:end]) {
			return 0, apart
		}
		if next, how := v.separator(end); how == sign || how == verb {
			return next, how
		}
		at = end
	}
	return 0, apart
}

func isPreposition(low string) bool {
	switch low {
	case "for", "of", "on", "at", "to", "in", "para", "de", "del", "pour", "fur", "von", "zu", "do", "da", "для", "от", "на", "per", "voor":
		return true
	}
	return false
}

// isOption reports whether a word is an option of a command, "--password".
func isOption(v *view, i int) bool {
	start := v.words[i].start
	return start >= 2 && v.text[start-2:start] == "--"
}

// isLabel reports whether a line begins with the word: what follows is its value.
func (v *view) isLabel(i int) bool {
	start := v.words[i].start
	for n := 0; n < 24 && start > 0; n++ {
		v.steps++
		switch c := v.text[start-1]; {
		case c == '\n' || c == '\r':
			return true
		case isFiller(c) || c == '>' || c == '-' || c == '#' || c == 'm' || c == 'y' || c == 'M':
			start--
		default:
			return false
		}
	}
	return start == 0
}

// isPassword says how sure it is that a value is a password; 0 where it is not.
func (v *view) isPassword(w value, how separation) Confidence {
	low := strings.ToLower(w.said)
	switch {
	case len(w.said) < 3 || w.made.distinct <= 2 || isPlaceholder(w.said) || isNoPassword(low) || isCode(w.said):
		return 0
	case isMixed(w):
		return Certain
	case how == dash:
		return 0
	case w.quoted && !strings.Contains(w.said, " "):
		return Certain
	case w.quoted:
		return Likely
	case w.made.digits == len(w.said) && len(w.said) >= 4:
		return Likely
	case w.made.letters() == len(w.said) && len(w.said) >= 4 && w.last && (how == sign || !isAdjective(low)):
		return Likely
	}
	return 0
}

// isMixed reports whether a value is of letters and of something else, so that it is no word.
func isMixed(w value) bool {
	m := w.made
	if strings.Contains(w.said, "://") || strings.Contains(w.said, " ") {
		return false
	}
	if m.letters() > 0 && m.digits > 0 {
		return !isOrdinal(w.said) && !isAddress(w.said)
	}
	if m.letters()+m.digits >= 2 && strings.ContainsAny(w.said, "!@#$%^&+?~") {
		return m.letters() > 0 && !isAddress(w.said)
	}
	inside := w.said[1:]
	return m.letters() == len(w.said) && inside != strings.ToLower(inside) && inside != strings.ToUpper(inside)
}

func isOrdinal(s string) bool {
	digits := strings.TrimLeft(s, "0123456789")
	switch strings.ToLower(digits) {
	case "st", "nd", "rd", "th", "fa", "x", "chars", "characters", "h", "d", "m", "min", "days":
		return len(digits) < len(s)
	}
	return false
}

// isAddress reports whether a value is an e-mail address, which is found as such.
func isAddress(s string) bool {
	_, host, ok := strings.Cut(s, "@")
	i := strings.LastIndexByte(host, '.')
	return ok && i > 0 && len(host)-i > 2 && all(host[i+1:], func(c byte) bool { return isLower(c) })
}

// isPlaceholder reports whether a value stands for one: in brackets, or a variable.
func isPlaceholder(s string) bool {
	switch c := s[0]; c {
	case '<', '[', '{', barrier, '(', '\n':
		return true
	case '$', '%':
		return all(s[1:], func(c byte) bool { return isUpper(c) || isDigit(c) || strings.IndexByte("_{}()%:-?.", c) >= 0 }) ||
			strings.HasPrefix(s, "${") || strings.HasPrefix(s, "$(")
	}
	return hasAny(strings.ToLower(s), "your_", "your-", "yourpass", "placeholder", "redacted", "[removed") || all(s, func(c byte) bool {
		return strings.IndexByte(".-_*xX#?", c) >= 0
	})
}

// isCode reports whether a value is a piece of a program: a call, a name with dots, a name that says password.
func isCode(s string) bool {
	low := strings.ToLower(s)
	if i := strings.IndexByte(s, '('); i > 0 && all(s[:i], func(c byte) bool { return isWord(c) || c == '.' }) {
		return true
	}
	if hasAny(low, "password", "passwd", "environ", "getenv", "secrets.", "self.") {
		return !hasAny(low, "0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
	}
	i := strings.IndexByte(s, '.')
	return i > 0 && all(s, func(c byte) bool { return isLower(c) || isUpper(c) || c == '.' || c == '_' })
}

// phrase returns a password of several words, where it is all that a labelled line says.
func (v *view) phrase(w value) (span, bool) {
	end := v.lineEnd(w.start, 80)
	said := v.low[w.start:end]
	words := strings.Fields(said)
	if v.after(end) != '\n' && v.after(end) != '\r' || len(words) < 3 || len(words) > 6 {
		return span{}, false
	}
	for i, word := range words {
		if len(word) < 3 || !all(word, isLower) || isNoPassword(word) || i > 0 && isAdjective(word) {
			return span{}, false
		}
	}
	return span{w.start, end}, true
}

// credentials finds the password in a link like https://name:password@host.
func (v *view) credentials() {
	for at := 0; ; {
		i := strings.Index(v.text[at:], "://")
		if i < 0 {
			return
		}
		at += i + len("://")
		end := v.run(at, maxValue, func(c byte) bool { return isVisible(c) && strings.IndexByte("/?#@<>\"'`", c) < 0 })
		colon := strings.IndexByte(v.text[at:end], ':')
		if v.after(end) != '@' || colon < 0 {
			continue
		}
		w := v.judged(value{span: span{at + colon + 1, end}})
		low := strings.ToLower(w.said)
		if len(w.said) >= 3 && w.made.distinct > 2 && !isPlaceholder(w.said) && !isNoPassword(low) && !hasAny(low, "password", "passwd") {
			v.add(Password, w.span, Certain)
		}
		at = end
	}
}
