package leak

import "strings"

const (
	keyLabel  = 48 // bytes of what stands between the dashes
	keyLine   = 16 // bytes of base64 that are no word
	keyHeader = 32 // bytes of a header's name

	maxKeyBytes = 16 << 10 // of a key in one line
	maxKeyLines = 400
)

// keys finds private keys: PEM, OpenSSH, PGP, PuTTY, age; also without their end.
func (v *view) keys() {
	until := 0
	for _, w := range v.words {
		if w.start < until {
			continue
		}
		switch low := v.low[w.start:w.end]; low {
		case "begin":
			until = v.pem(w)
		case "putty":
			until = v.putty(w)
		case "age":
			v.age(w)
		}
	}
}

// pem reads the line that begins a private key, and the lines after it. It returns up to where it has read.
func (v *view) pem(w span) int {
	label := v.run(w.end, keyLabel, func(c byte) bool { return isAlnum(c) || c == ' ' })
	if !strings.Contains(v.low[w.end:label], "private key") || v.before(w.start-1) != '-' && v.before(w.start) != '-' || v.after(label) != '-' {
		return 0
	}
	start := w.start - v.dashesBefore(w.start)
	at := v.run(label, 8, isDash)
	body := v.keyBody(at)
	if !v.holdsKey(at, body) {
		return body
	}
	v.add(Key, span{start, body}, Certain)
	return body
}

func isDash(c byte) bool { return c == '-' }

func (v *view) dashesBefore(at int) int {
	n := 0
	for n < 8 && (v.before(at-n) == '-' || n == 0 && v.before(at) == ' ') {
		n++
	}
	v.steps += n
	return n
}

// holdsKey reports whether there is base64 between the lines of a key, and not only dots.
func (v *view) holdsKey(from, to int) bool {
	for at := from; at < to; {
		end := at
		for end < to && isBase64(v.text[end]) {
			end++
		}
		if end-at >= keyLine && v.makeup(v.text[at:end]).isMade() {
			return true
		}
		at = end + 1
	}
	return false
}

// keyBody returns where the lines of a key end: after its last line, or where what follows is no base64.
func (v *view) keyBody(at int) int {
	if end := v.keyInLine(at); end > at {
		return end
	}
	end, begun := at, false
	at = v.run(at, maxFiller, isBlank)
	for line := 0; line < maxKeyLines; line++ {
		next := v.run(at, 4, isSpace)
		if next == at {
			break
		}
		stop := v.run(next, maxRun, isNoLineEnd)
		if i := endsKey(v.low[next:stop]); i > 0 {
			return next + i
		}
		said := keyText(v.text[next:stop])
		switch {
		case isHeader(said) && !begun && line < 8, said == "":
		case isKeyLine(said):
			begun, end = true, v.trimmed(next, stop)
		default:
			return end
		}
		at = stop
	}
	return end
}

// keyInLine is for a key that a program wrote in one line: it returns where that ends, or the place.
func (v *view) keyInLine(at int) int {
	stop := v.run(at, maxKeyBytes, func(c byte) bool { return isNoLineEnd(c) && c != '-' })
	if i := endsKey(v.low[stop:min(len(v.low), stop+2*keyLabel)]); i > 0 && v.after(stop) == '-' {
		return stop + i
	}
	begin := v.run(at, maxGap, func(c byte) bool { return isGap(c) && c != '\n' && c != '\r' || c == 'n' })
	end := v.run(begin, maxKeyBytes, func(c byte) bool { return isBase64(c) || c == '\\' })
	if end-begin >= keyLine {
		return end
	}
	return at
}

// trimmed returns where the text of a line ends.
func (v *view) trimmed(at, stop int) int {
	return at + len(strings.TrimRight(v.text[at:stop], " \t\"'`,+"))
}

// keyText takes away what stands around a line of a key in a quote or in a program.
func keyText(line string) string {
	s := strings.Trim(line, " \t>\"'`,+*|\\")
	return strings.TrimSuffix(s, "\\n")
}

// isKeyLine reports whether a line is base64, or base64 in pieces.
func isKeyLine(s string) bool {
	s = strings.ReplaceAll(s, "\\n", "")
	if all(s, isBase64) {
		return len(s) >= keyLine || strings.HasPrefix(s, "=") || strings.HasSuffix(s, "=") || hasDigitOrMixed(quickMakeup(s))
	}
	for word := range strings.FieldsSeq(s) {
		if len(word) < keyLine || !all(word, isBase64) {
			return false
		}
	}
	return true
}

func quickMakeup(s string) makeup { return new(view).makeup(s) }

// isHeader reports whether a line is "Name: value".
func isHeader(s string) bool {
	name, _, ok := strings.Cut(s, ":")
	return ok && len(name) <= keyHeader && all(name, func(c byte) bool { return isAlnum(c) || c == '-' })
}

// endsKey returns where in a line the end of a key is; 0 where it is not.
func endsKey(low string) int {
	i := strings.Index(low, "end ")
	if i < 2 || low[i-1] != '-' && low[i-2] != '-' {
		return 0
	}
	rest := low[i+len("end "):]
	j := strings.Index(rest, "private key")
	if j < 0 || j > keyLabel {
		return 0
	}
	end := i + len("end ") + j + len("private key")
	end += len(low[end:]) - len(strings.TrimPrefix(low[end:], " block"))
	return end + len(low[end:]) - len(strings.TrimLeft(low[end:], " -"))
}

// putty reads the lines of a PuTTY key file.
func (v *view) putty(w span) int {
	if !strings.HasPrefix(v.low[w.start:], "putty-user-key-file-") {
		return 0
	}
	at, end := w.start, w.start
	for at < len(v.text) {
		stop := v.run(at, maxRun, isNoLineEnd)
		said := keyText(v.text[at:stop])
		if !isHeader(said) && !isKeyLine(said) {
			break
		}
		end = v.trimmed(at, stop)
		next := v.run(stop, 4, isSpace)
		if next == stop {
			break
		}
		at = next
	}
	private := strings.Index(v.low[w.start:end], "private-lines:")
	if private >= 0 && v.holdsKey(w.start+private, end) {
		v.add(Key, span{w.start, end}, Certain)
	}
	return end
}

// age finds the secret keys of the program age, which are one word.
func (v *view) age(w span) {
	const prefix = "AGE-SECRET-KEY-1"
	if !strings.HasPrefix(v.text[w.start:], prefix) {
		return
	}
	end := v.run(w.start+len(prefix), 64, isAlnum)
	if v.makeup(v.text[w.start+len(prefix):end]).isMade() && end-w.start >= 40 {
		v.add(Key, span{w.start, end}, Certain)
	}
}
