package leak

import "strings"

const (
	maxDigits     = 15 // ITU-T E.164
	shortAbroad   = 9  // digits after "+"
	shortNational = 7
	maxNumber     = 30 // bytes of a number, as it is written
	phoneReaches  = 4  // words between the word for a phone and the number
)

// phones finds phone numbers: those with a country code, and any after its word.
func (v *view) phones() {
	for at := 0; at < len(v.text); at++ {
		if v.text[at] == '+' && at+1 < len(v.text) && !isAlnum(v.before(at)) && v.before(at) != '.' && v.before(at) != '+' {
			if n := v.number(at + 1); n.digits >= shortAbroad && v.text[at+1] != '0' && n.digits <= maxDigits && !n.dated {
				v.add(Phone, span{at, n.end}, Certain)
				at = n.end
			}
		}
	}
	until := 0
	for i, w := range v.words {
		if w.start >= until && isPhoneWord(v.low[w.start:w.end]) {
			until = v.phoneAfter(i)
		}
	}
}

// number is a row of digits with separators.
type number struct {
	end, digits int
	groups      int
	dots        int
	dated       bool // a date, a time, an address or a version
}

// number reads what could be a phone number at a place.
func (v *view) number(at int) number {
	n := number{end: at}
	group, sizes := 0, []int(nil)
	p := at
	for p < len(v.text) && p-at < maxNumber {
		c := v.text[p]
		if isDigit(c) {
			n.digits++
			group++
			n.end = p + 1
		} else {
			if strings.IndexByte(" -.()/", c) < 0 || v.isTwice(p) {
				break
			}
			if c == '.' {
				n.dots++
			}
			if group > 0 {
				sizes = append(sizes, group)
			}
			group = 0
		}
		p++
	}
	v.steps += p - at + 1
	if group > 0 {
		sizes = append(sizes, group)
	}
	n.groups = len(sizes)
	n.dated = isDate(sizes) || n.dots == 3 && n.groups == 4 || p < len(v.text) && (isWord(v.text[p]) || v.text[p] == ':') || n.dots > 0 && n.digits < shortAbroad
	return n
}

// isTwice reports whether a separator follows another one, but for a bracket.
func (v *view) isTwice(p int) bool {
	c, before := v.text[p], v.before(p)
	if c == '(' || c == ')' || before == '(' || before == ')' || isDigit(before) {
		return false
	}
	return c == before || c != ' ' && before != ' '
}

// isDate reports whether groups of digits are year, month and day, in any order.
func isDate(sizes []int) bool {
	if len(sizes) < 3 {
		return false
	}
	a, b, c := sizes[0], sizes[1], sizes[2]
	return a == 4 && b <= 2 && c <= 2 || a <= 2 && b <= 2 && c == 4 && len(sizes) != 4
}

// phoneAfter looks for a number after the word for a phone, and returns up to where it has read.
func (v *view) phoneAfter(i int) int {
	at := v.words[i].end
	for range phoneReaches {
		at = v.run(at, 6, func(c byte) bool { return !isWord(c) && isNoLineEnd(c) && c != '#' && c != barrier })
		if at < len(v.text) && isDigit(v.text[at]) {
			n := v.number(at)
			if n.digits >= shortNational && n.digits <= maxDigits && !n.dated && v.before(at) != 'v' {
				if v.before(at) == '(' {
					at--
				}
				v.add(Phone, span{at, n.end}, Likely)
				return n.end
			}
		}
		next := v.run(at, 16, isWord)
		if next == at {
			return 0
		}
		at = next
	}
	return 0
}

func isPhoneWord(low string) bool {
	switch low {
	case "phone", "telephone", "tel", "mobile", "cell", "cellphone", "call", "whatsapp", "sms", "phonenumber", "phone_number", "telegram", "signal",
		"telefono", "movil", "celular", "telefon", "handy", "mobil", "rufnummer", "portable", "appeler", "telefone", "telemovel", "cellulare",
		"telefoon", "telefonnummer", "handynummer", "numero", "телефон", "телефона", "тел", "мобильныи", "номер":
		return true
	}
	return low[0] >= 0x80 && hasAny(low, "电话", "手机", "電話", "手機", "携帯", "전화", "휴대폰")
}
