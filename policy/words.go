package policy

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Negations are the words by which a text denies what it names: "I did not
// lose my phone". They are phrases like those of KindRule.
//
// A phrase that means a kind or a registry does not count where one of Words
// stands at most four words before it in the same clause: "my account was not
// hacked". A clause ends with a line, with . ! ? ; : or a comma, and at one of
// Ends: "not hacked, but locked out". A phrase that has one of Words in itself
// always counts ("no longer have access").
//
// One of Abilities between the two takes the denial back: who does not
// remember a password, or has no access to a device, has lost it. So does one
// right before it ("I can not use 2FA"). Where Words has several words, as in
// "still have access to", nothing takes them back.
type Negations struct {
	Words     []string
	Abilities []string
	Ends      []string
}

// denialReach is how many words may stand between a negation and what it
// denies.
const denialReach = 4

// wordRole is what a phrase is for.
type wordRole int

const (
	kindWord wordRole = iota
	registryWord
	negationWord
	abilityWord
	endWord
)

// word is a phrase with a space at its end.
type word struct {
	phrase string
	role   wordRole
	at     int  // place of the kind or the registry in the policy's order
	length int  // in words
	denies bool // there is a negation in it
}

// wordIndex has the phrases by their first word, the longest first, so that a
// text is read once, however many phrases there are.
type wordIndex map[string][]word

func (r *Rules) wordIndex() wordIndex {
	x := wordIndex{}
	n := r.Negations
	for at, k := range r.Kinds {
		x.add(kindWord, at, k.Words)
	}
	if len(r.Registries) > 1 {
		for at, reg := range r.Registries {
			x.add(registryWord, at, append(reg.called(), reg.Words...))
		}
	}
	x.add(negationWord, 0, n.Words)
	x.add(abilityWord, 0, n.Abilities)
	x.add(endWord, 0, n.Ends)
	x.order(n.Words)
	return x
}

// order puts the longest phrases first, and marks those that have a negation in
// themselves.
func (x wordIndex) order(negations []string) {
	for _, words := range x {
		slices.SortStableFunc(words, func(a, b word) int { return cmp.Compare(len(b.phrase), len(a.phrase)) })
		for i, w := range words {
			words[i].denies = w.role <= registryWord && slices.ContainsFunc(negations, func(no string) bool {
				return strings.Contains(" "+w.phrase, " "+no+" ")
			})
		}
	}
}

// called returns the registry's key, name and site as phrases. Without the site,
// "test.pypi.org" would name PyPI alone.
func (reg Registry) called() []string {
	_, site, _ := strings.Cut(reg.URL, "://")
	called := []string{phrase(reg.Key), phrase(reg.Name), phrase(site)}
	return slices.DeleteFunc(called, func(p string) bool { return p == "" })
}

func (x wordIndex) add(role wordRole, at int, phrases []string) {
	for _, p := range phrases {
		first, _, _ := strings.Cut(p, " ")
		x[first+" "] = append(x[first+" "], word{
			phrase: p + " ", role: role, at: at, length: strings.Count(p, " ") + 1,
		})
	}
}

// noRegistry and severalRegistries are what heard.registry is where the text
// does not tell which one is meant.
const (
	noRegistry        = -1
	severalRegistries = -2
)

// heard is what a text names and does not deny.
type heard struct {
	kinds    uint64 // a bit for each kind, by its place in the policy's order
	registry int    // place of the only registry that is named
}

// listener reads the words of a text, one after the other.
type listener struct {
	index wordIndex
	heard heard

	denied bool // a negation reaches here
	firm   bool // and no ability takes it back
	since  int  // words since its end; below 0 inside it
	able   bool // the word before was an ability

	// The last phrase of each role that was heard: how much of the text was
	// left at its start and at its end. What lies inside it is not heard again.
	start, end [registryWord + 1]int
}

// listen returns what the texts name and do not deny. No phrase reaches from
// one into the next.
func (r *Rules) listen(title, reason string) heard {
	l := listener{index: r.words, heard: heard{registry: noRegistry}}
	l.end[kindWord], l.end[registryWord] = math.MaxInt, math.MaxInt
	for rest := clauses(title + "\n" + reason)[1:]; rest != ""; {
		n := strings.IndexByte(rest, ' ') + 1
		l.word(rest, rest[:n])
		rest = rest[n:]
	}
	return l.heard
}

// word takes the first word of rest.
func (l *listener) word(rest, first string) {
	if first == clauseEnd {
		l.denied, l.able = false, false
		return
	}
	denied := l.denied && l.since <= denialReach
	able, denial := false, word{}
	for _, w := range l.index[first] {
		if !strings.HasPrefix(rest, w.phrase) {
			continue
		}
		switch w.role {
		case kindWord, registryWord:
			l.phrase(w, len(rest), denied && !w.denies)
		case negationWord:
			denial = cmp.Or(denial, w)
		case abilityWord:
			able = true
		case endWord:
			l.denied = false
		}
	}
	l.deny(denial, able)
}

// deny updates what is denied from the next word on.
func (l *listener) deny(by word, able bool) {
	l.since++
	switch {
	case by.length > 1 || by.length == 1 && !l.able:
		l.denied, l.firm, l.since = true, by.length > 1, 1-by.length
	case able && !l.firm:
		l.denied = false
	}
	l.able = able
}

// phrase takes a phrase that stands where left bytes of the text are left.
func (l *listener) phrase(w word, left int, denied bool) {
	end := left - len(w.phrase)
	if end > l.end[w.role] || end == l.end[w.role] && left != l.start[w.role] {
		return // inside a longer one: "test pypi" is not "pypi"
	}
	l.start[w.role], l.end[w.role] = left, end
	switch {
	case denied:
	case w.role == kindWord:
		l.heard.kinds |= 1 << w.at
	case l.heard.registry == noRegistry || l.heard.registry == w.at:
		l.heard.registry = w.at
	default:
		l.heard.registry = severalRegistries
	}
}

// kindsOf returns the kinds that were heard, in the policy's order.
func (r *Rules) kindsOf(h heard) []Kind {
	var kinds []Kind
	for at, k := range r.Kinds {
		if h.kinds>>at&1 == 1 {
			kinds = append(kinds, k.Kind)
		}
	}
	return kinds
}

// clauseEnd is the word that stands for the end of a clause.
const clauseEnd = ". "

// clauses folds a text to its words in lower case, each between two spaces,
// and without the accents of western Europe, which people leave out. The end
// of a clause is a word of its own. "e-mail" is "email".
func clauses(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 8)
	space := true
	b.WriteByte(' ')
	for i, c := range s {
		switch {
		case unicode.IsLetter(c) || unicode.IsDigit(c):
			b.WriteRune(unaccented(unicode.ToLower(c)))
			space = false
			continue
		case strings.ContainsRune("'’´ʼ", c):
			continue
		case !space:
			b.WriteByte(' ')
			space = true
		}
		if endsClause(c, s[i:]) {
			b.WriteString(clauseEnd)
		}
	}
	if !space {
		b.WriteByte(' ')
	}
	return strings.ReplaceAll(b.String(), " e mail", " email")
}

// endsClause reports whether c, which rest begins with, ends a clause. A
// point or colon inside a word, as in "test.pypi.org", does not.
func endsClause(c rune, rest string) bool {
	switch c {
	case '\n', '!', '?', ';', ',', '。', '，', '！', '？':
		return true
	case '.', ':':
		next, _ := utf8.DecodeRuneInString(rest[1:])
		return !unicode.IsLetter(next) && !unicode.IsDigit(next)
	}
	return false
}

// unaccented returns a letter without its accent.
func unaccented(c rune) rune {
	if c < utf8.RuneSelf {
		return c
	}
	switch c {
	case 'á', 'à', 'â', 'ã', 'ä':
		return 'a'
	case 'é', 'è', 'ê', 'ë':
		return 'e'
	case 'í', 'ï':
		return 'i'
	case 'ó', 'ô', 'õ', 'ö':
		return 'o'
	case 'ú', 'ü':
		return 'u'
	case 'ñ':
		return 'n'
	case 'ç':
		return 'c'
	}
	return c
}

// phrase folds words of the policy as clauses folds a text: they have no end
// of a clause.
func phrase(s string) string {
	words := slices.DeleteFunc(strings.Fields(clauses(s)), func(w string) bool { return w+" " == clauseEnd })
	return strings.Join(words, " ")
}
