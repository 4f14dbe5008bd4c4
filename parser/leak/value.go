package leak

import "strings"

// separation is what stands between the word for a secret and the secret.
type separation int

// The separations. After a sign nearly anything is a value; after a verb or a dash a sentence may go on.
const (
	apart separation = iota // nothing: no value follows
	sign                    // "password: …", "password=…", a table's column
	verb                    // "password is …"
	dash                    // "password - …"
)

const (
	maxFiller = 8   // bytes of quotes and spaces
	maxValue  = 256 // bytes of a value
)

// valueAfter returns where the value begins that follows a word with a sign or a verb.
func (v *view) valueAfter(i int) (int, bool) {
	at, how := v.separator(v.words[i].end)
	if how == apart || how == dash {
		return 0, false
	}
	return v.run(at, maxFiller, isFiller), true
}

// separator reads what stands after a word, and returns where what follows begins.
func (v *view) separator(at int) (int, separation) {
	p := v.run(at, maxFiller, func(c byte) bool { return isFiller(c) || c == ']' })
	switch v.after(p) {
	case ':', '=':
		p = v.run(p, 3, func(c byte) bool { return c == ':' || c == '=' || c == '>' })
		return v.toValue(p), sign
	case '|':
		return v.run(p+1, maxFiller, isBlank), sign
	case '-':
		arrow := v.after(p+1) == '>'
		p = v.run(p, 3, func(c byte) bool { return c == '-' || c == '>' })
		if arrow {
			return v.run(p, maxFiller, isBlank), sign
		}
		if p < len(v.text) && isBlank(v.text[p]) && isBlank(v.before(p-1)) {
			return v.run(p, maxFiller, isBlank), dash
		}
		return 0, apart
	}
	if q := v.verb(p); q > p {
		return v.run(q, maxFiller, func(c byte) bool { return isBlank(c) || c == ':' || c == '=' || c == '*' }), verb
	}
	return 0, apart
}

// toValue skips what stands between a sign and its value: emphasis, spaces and, where the line is empty, its end.
func (v *view) toValue(at int) int {
	at = v.run(at, maxFiller, func(c byte) bool { return isBlank(c) || c == '*' })
	if c := v.after(at); at < len(v.text) && (c == '\n' || c == '\r') {
		at = v.run(at, maxFiller, func(c byte) bool { return isSpace(c) || c == '>' || c == '*' })
	}
	return at
}

// verb returns where a verb ends that begins at a place, or the place where none does.
func (v *view) verb(at int) int {
	for _, cjk := range []string{"是", "为", "為", "は", "が", "는", "은", "이"} {
		if strings.HasPrefix(v.low[at:], cjk) {
			return at + len(cjk)
		}
	}
	end := v.run(at, 8, isWord)
	switch v.low[at:end] {
	case "is", "was", "es", "era", "est", "etait", "ist", "war", "lautet", "e", "это", "был", "jest", "si":
		if isBlank(v.after(end)) || v.after(end) == ':' {
			return end
		}
	}
	return at
}

// value is what stands after a separator.
type value struct {
	span
	quoted bool
	last   bool // nothing but a full stop follows in its line
	said   string
	made   makeup
}

// value reads the value at a place: in quotes, or up to the next space.
func (v *view) value(at int) value {
	if c := v.after(at); c == '"' || c == '\'' || c == '`' {
		open := v.run(at, 3, func(b byte) bool { return b == c })
		if open == at+3 {
			open = v.run(open, maxFiller, isSpace)
		}
		end := v.run(open, maxValue, func(b byte) bool { return b != c && isNoLineEnd(b) })
		if v.after(end) == c && end > open {
			return v.judged(value{span: span{open, end}, quoted: true})
		}
		at = open
	}
	end := v.run(at, maxValue, func(b byte) bool { return isVisible(b) && b != '|' })
	return v.judged(value{span: span{at, end}})
}

func (v *view) judged(w value) value {
	w.said = v.text[w.start:w.end]
	if !w.quoted {
		w.end = w.start + len(strings.TrimRight(w.said, ".,;:)]}\"'`*"))
		w.said = strings.TrimRight(w.said, ".,;:!?)]}\"'`*")
	}
	w.made = v.makeup(w.said)
	rest := v.text[w.end:v.lineEnd(w.end, maxFiller)]
	w.last = strings.Trim(rest, " \t.,;!\"'`*|)") == ""
	return w
}
