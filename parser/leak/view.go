package leak

import (
	"html"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// view is a text as a person reads it: without characters that nobody sees,
// with full-width and decorated letters, entities and percent signs decoded.
// All detectors look at it, and what they find is led back to the source.
type view struct {
	source string
	text   string // what is read; ASCII, and letters of other scripts without accents
	low    string // the same in lower case, byte by byte
	units  []unit
	words  []span
	finds  []find
	steps  int // how many bytes detectors looked at, for the test of linearity
}

// unit is a piece of the source that reads differently: size bytes at begin in the view.
type unit struct{ begin, size, from, to int }

// span is a stretch of the view; end is exclusive.
type span struct{ start, end int }

// find is a leak in the view.
type find struct {
	span
	class      Class
	confidence Confidence
}

// barrier stands for a mark of Mask, and for what is no text: no secret goes through it.
const barrier = '\x00'

func read(source string) *view {
	r := reader{source: source}
	r.text.Grow(len(source))
	r.low.Grow(len(source))
	for r.plain(); r.at < len(source); r.plain() {
		r.next()
	}
	v := &view{source: source, text: r.text.String(), low: r.low.String(), units: r.units}
	v.split()
	return v
}

// split notes the words: runs of letters, digits and "_".
func (v *view) split() {
	v.words = make([]span, 0, len(v.text)/usualWord+1)
	start := -1
	for i := 0; i < len(v.text); i++ {
		switch isWord(v.text[i]) {
		case true:
			if start < 0 {
				start = i
			}
		case false:
			if start >= 0 {
				v.words = append(v.words, span{start, i})
				start = -1
			}
		}
	}
	if start >= 0 {
		v.words = append(v.words, span{start, len(v.text)})
	}
}

// usualWord is how many bytes a word takes in prose, with what stands after it.
const usualWord = 5

// reader makes a view.
type reader struct {
	source    string
	at        int
	text, low strings.Builder
	units     []unit
}

// plain writes what reads as it is, which is nearly all of most texts.
func (r *reader) plain() {
	end := r.at
	for end < len(r.source) && isPlain(r.source[end]) {
		end++
	}
	piece, from := r.source[r.at:end], 0
	r.text.WriteString(piece)
	for i := range len(piece) {
		if isUpper(piece[i]) {
			r.low.WriteString(piece[from:i])
			r.low.WriteByte(lower(piece[i]))
			from = i + 1
		}
	}
	r.low.WriteString(piece[from:])
	r.at = end
}

// isPlain reports whether next has nothing to do with a character but to write it.
func isPlain(c byte) bool {
	switch c {
	case '%', '&', '\\', '<', '[':
		return false
	}
	return c < utf8.RuneSelf
}

// next writes one character that may read differently.
func (r *reader) next() {
	c := r.source[r.at]
	if c >= utf8.RuneSelf {
		char, size := utf8.DecodeRuneInString(r.source[r.at:])
		r.rune(char, size)
		return
	}
	switch c {
	case '%':
		r.percent()
	case '&':
		r.entity()
	case '\\':
		r.backslash()
	case '<':
		r.tag()
	default: // plain stops for one more
		r.bracket()
	}
}

// ascii writes one character that takes size bytes of the source.
func (r *reader) ascii(c byte, size int) {
	if size != 1 {
		r.units = append(r.units, unit{r.text.Len(), 1, r.at, r.at + size})
	}
	r.text.WriteByte(c)
	r.low.WriteByte(lower(c))
	r.at += size
}

func (r *reader) drop(size int) {
	r.units = append(r.units, unit{r.text.Len(), 0, r.at, r.at + size})
	r.at += size
}

// percent decodes what can be part of a secret; a space or a quote would end one.
func (r *reader) percent() {
	if r.at+2 < len(r.source) && isHex(r.source[r.at+1]) && isHex(r.source[r.at+2]) {
		c := unhex(r.source[r.at+1])<<4 | unhex(r.source[r.at+2])
		if c > ' ' && c < 0x7f && !strings.ContainsRune("\"'<>`", rune(c)) {
			r.ascii(c, 3)
			return
		}
	}
	r.ascii('%', 1)
}

// longestEntity is that of the longest entity that is decoded, "&#x200000;".
const longestEntity = 10

func (r *reader) entity() {
	rest := r.source[r.at:min(len(r.source), r.at+longestEntity)]
	if size := strings.IndexByte(rest, ';') + 1; size > 2 {
		said := html.UnescapeString(rest[:size])
		if char, n := utf8.DecodeRuneInString(said); n == len(said) && n < size {
			r.rune(char, size)
			return
		}
	}
	r.ascii('&', 1)
}

// backslash takes away the one that Markdown does not show.
func (r *reader) backslash() {
	if r.at+1 < len(r.source) && unicode.In(rune(r.source[r.at+1]), unicode.P, unicode.S) && r.source[r.at+1] < utf8.RuneSelf {
		r.ascii(r.source[r.at+1], 2)
		return
	}
	r.ascii('\\', 1)
}

func (r *reader) tag() {
	if strings.HasPrefix(r.source[r.at:], "<wbr>") {
		r.drop(len("<wbr>"))
		return
	}
	r.ascii('<', 1)
}

// bracket reads a mark of Mask as a barrier.
func (r *reader) bracket() {
	if strings.HasPrefix(r.source[r.at:], "[removed: ") {
		for _, c := range Classes() {
			if strings.HasPrefix(r.source[r.at:], mark(c)) {
				r.ascii(barrier, len(mark(c)))
				return
			}
		}
	}
	r.ascii('[', 1)
}

// rune writes what a character that takes size bytes of the source reads as.
func (r *reader) rune(char rune, size int) {
	switch {
	case hidden(char):
		r.drop(size)
		return
	case char == utf8.RuneError:
		r.ascii(barrier, size)
		return
	case char < utf8.RuneSelf:
		r.ascii(byte(char&0x7f), size)
		return
	}
	if c := alike(char); c != 0 {
		r.ascii(c, size)
		return
	}
	var buf [utf8.UTFMax]byte
	decoded := norm.NFKC.Properties(buf[:utf8.EncodeRune(buf[:], char)]).Decomposition()
	if plain, ok := plain(decoded); ok {
		r.write(plain, size)
		return
	}
	if !unicode.In(char, unicode.L, unicode.M, unicode.N) {
		r.ascii(barrier, size)
		return
	}
	r.write(utf8.AppendRune(buf[:0], char), size)
}

// write writes bytes that take size bytes of the source.
func (r *reader) write(b []byte, size int) {
	if len(b) != size || string(b) != r.source[r.at:r.at+size] {
		r.units = append(r.units, unit{r.text.Len(), len(b), r.at, r.at + size})
	}
	r.text.Write(b)
	if len(b) > 0 && b[0] < utf8.RuneSelf {
		for _, c := range b {
			r.low.WriteByte(lower(c))
		}
	} else {
		char, _ := utf8.DecodeRune(b)
		if small := utf8.AppendRune(nil, unicode.ToLower(char)); len(small) == len(b) {
			b = small
		}
		r.low.Write(b)
	}
	r.at += size
}

// plain returns what is left of a decomposition without its accents, if that is plain text.
func plain(decoded []byte) ([]byte, bool) {
	if len(decoded) == 0 {
		return nil, false
	}
	_, first := utf8.DecodeRune(decoded)
	ascii, accents := true, true
	for i := 0; i < len(decoded); {
		char, size := utf8.DecodeRune(decoded[i:])
		ascii = ascii && char < utf8.RuneSelf
		accents = accents && (i == 0 || isAccent(char))
		i += size
	}
	switch {
	case ascii:
		return decoded, true
	case accents:
		return decoded[:first], true
	}
	return nil, false
}

// hidden reports whether nobody sees the character, or it only changes the one before it.
func hidden(r rune) bool {
	return isAccent(r) || r == '\u115f' || r == '\u1160' || r == '\u3164' || r == '\uffa0' ||
		unicode.In(r, unicode.Cf, unicode.Variation_Selector)
}

func isAccent(r rune) bool { return r >= '\u0300' && r <= '\u036f' }

// alike returns the plain character for a dash, a quote or a full stop; 0 for others.
func alike(r rune) byte {
	switch r {
	case '\u2010', '\u2011', '\u2012', '\u2013', '\u2014', '\u2015', '\u2212':
		return '-'
	case '\u2018', '\u2019', '\u201a', '\u201b':
		return '\''
	case '\u201c', '\u201d', '\u201e', '\u201f', '\u00ab', '\u00bb', '\u300c', '\u300d', '\u300e', '\u300f':
		return '"'
	case '\u3002':
		return '.'
	case '\u3001':
		return ','
	case '\u2028', '\u2029', '\u0085':
		return '\n'
	}
	return 0
}

// add notes a find.
func (v *view) add(class Class, at span, confidence Confidence) {
	v.finds = append(v.finds, find{at, class, confidence})
}

// leaks returns what was found, in order. Secrets that overlap become one, of the class that
// says most; an address in a secret is none of its own.
func (v *view) leaks() []Leak {
	slices.SortStableFunc(v.finds, func(a, b find) int { return a.start - b.start })
	var secrets, all []find
	for _, f := range v.finds {
		if f.class.Secret() {
			secrets = join(secrets, f)
		}
	}
	for _, f := range v.finds {
		for len(secrets) > 0 && secrets[0].start < f.end {
			all = append(all, secrets[0])
			secrets = secrets[1:]
		}
		if !f.class.Secret() && (len(all) == 0 || all[len(all)-1].end <= f.start) {
			all = append(all, f)
		}
	}
	var leaks []Leak
	for _, f := range append(all, secrets...) {
		leaks = append(leaks, Leak{f.class, v.begins(f.start), v.ends(f.end), f.confidence})
	}
	return leaks
}

// join adds a secret to those before it, or makes it one with the last where they overlap.
func join(list []find, f find) []find {
	if len(list) == 0 || f.start >= list[len(list)-1].end {
		return append(list, f)
	}
	last := &list[len(list)-1]
	last.end = max(last.end, f.end)
	if weight(f.class) < weight(last.class) {
		last.class, last.confidence = f.class, f.confidence
	}
	return list
}

// weight orders classes: where two are right, the one that says more about what to do is told.
func weight(c Class) int {
	order := []Class{Key, GitHubToken, Token, ResetLink, Seed, RecoveryCode, Password, Email, Phone}
	return slices.Index(order, c)
}

// begins returns where in the source the character at a place of the view begins.
func (v *view) begins(at int) int {
	from, _ := v.origin(at)
	for from > 0 && from < len(v.source) && !utf8.RuneStart(v.source[from]) {
		from--
	}
	return from
}

// ends returns where in the source the character before a place of the view ends.
func (v *view) ends(at int) int {
	_, to := v.origin(at - 1)
	for to < len(v.source) && !utf8.RuneStart(v.source[to]) {
		to++
	}
	return to
}

func (v *view) origin(at int) (from, to int) {
	i := sort.Search(len(v.units), func(i int) bool { return v.units[i].begin > at }) - 1
	if i < 0 {
		return at, at + 1
	}
	u := v.units[i]
	if at < u.begin+u.size {
		return u.from, u.to
	}
	from = u.to + at - u.begin - u.size
	return from, from + 1
}
