package leak

import (
	"slices"
	"strings"
)

// code is what looks like a recovery code.
type code struct {
	span
	alone bool // its line has only codes
	weak  bool // it has no letters, as one code in two thousand
}

const (
	codeDigits  = 16
	wordReaches = 240 // bytes after the words for recovery codes in which one code is enough
	codesReach  = 60  // bytes before them
)

// recoveryCodes finds PyPI's, sixteen hexadecimal digits: two that stand alone in their lines, or one near the words.
func (v *view) recoveryCodes() {
	codes := v.codes()
	if len(codes) == 0 {
		return
	}
	alone, strong := 0, 0
	for _, c := range codes {
		if c.alone {
			alone++
		}
		if c.alone && !c.weak {
			strong++
		}
	}
	near := v.codeWords()
	for _, c := range codes {
		for len(near) > 1 && near[1].start <= c.start {
			near = near[1:]
		}
		switch {
		case c.alone && alone > 1 && strong > 0:
			v.add(RecoveryCode, c.span, Certain)
		case isNear(near, c.span) && !c.weak:
			v.add(RecoveryCode, c.span, Likely)
		}
	}
}

// isNear reports whether the first words, or the second, are near enough to a code.
func isNear(words []span, c span) bool {
	for _, w := range words[:min(2, len(words))] {
		if d := c.start - w.end; d >= 0 && d <= wordReaches {
			return true
		}
		if d := w.start - c.end; d >= 0 && d <= codesReach {
			return true
		}
	}
	return false
}

// codes lists what looks like a code, line by line.
func (v *view) codes() []code {
	if !slices.ContainsFunc(v.words, v.codePiece) {
		return nil
	}
	var list []code
	for first := 0; first < len(v.words); {
		last := first + 1
		for last < len(v.words) && !strings.ContainsAny(v.text[v.words[last-1].end:v.words[last].start], "\r\n") {
			last++
		}
		list = v.codesOfLine(list, v.words[first:last])
		first = last
	}
	return list
}

// codePiece reports whether a word has a form in which codes are written: whole, in halves or in quarters.
func (v *view) codePiece(w span) bool {
	switch w.end - w.start {
	case codeDigits, codeDigits / 2, codeDigits / 4:
		return all(v.text[w.start:w.end], isLowHex)
	}
	return false
}

func (v *view) codesOfLine(list []code, line []span) []code {
	begin, others := len(list), 0
	for i := 0; i < len(line); {
		n := v.codeAt(line, i)
		if n > 0 {
			c := code{span: span{line[i].start, line[i+n-1].end}}
			c.weak = !strings.ContainsAny(v.text[c.start:c.end], "abcdef")
			list = append(list, c)
			i += n
			continue
		}
		others += v.counts(line[i], i)
		i++
	}
	for i := begin; i < len(list); i++ {
		list[i].alone = others == 0
	}
	return list
}

// counts is 0 for what may stand beside a code: its number in a list, and the note that it was used.
func (v *view) counts(w span, i int) int {
	s := v.low[w.start:w.end]
	if i == 0 && len(s) <= 2 && all(s, isDigit) || s == "used" || s == "x" && len(s) == 1 {
		return 0
	}
	return 1
}

// codeAt returns how many words the code takes that begins with a word of a line; 0 where none does.
func (v *view) codeAt(line []span, i int) int {
	size := line[i].end - line[i].start
	n := 0
	switch size {
	case codeDigits:
		n = 1
	case codeDigits / 2:
		n = 2
	case codeDigits / 4:
		n = 4
	}
	if n == 0 || i+n > len(line) {
		return 0
	}
	var said []byte
	between := byte(0)
	for k := range n {
		w := line[i+k]
		if w.end-w.start != size {
			return 0
		}
		if k > 0 {
			gap := v.text[line[i+k-1].end:w.start]
			if len(gap) != 1 || gap != " " && gap != "-" || k > 1 && gap[0] != between {
				return 0
			}
			between = gap[0]
		}
		said = append(said, v.text[w.start:w.end]...)
	}
	if !v.isCode(string(said)) || v.hasNeighbour(line, i, n) {
		return 0
	}
	return n
}

func (v *view) isCode(s string) bool {
	m := v.makeup(s)
	return m.digits > 0 && m.distinct >= fewInShort && all(s, isLowHex) && !strings.Contains(s, "0123456789")
}

// hasNeighbour reports whether a code is a piece of something longer: an address, a path, a fingerprint, a dump.
func (v *view) hasNeighbour(line []span, i, n int) bool {
	before, after := v.before(line[i].start), v.after(line[i+n-1].end)
	if strings.IndexByte("-./@#+%", before) >= 0 || strings.IndexByte("-/@+%", after) >= 0 {
		return true
	}
	if n < 4 {
		return false
	}
	// Groups of four: a row of other lengths than one or two codes is a fingerprint or a dump.
	row, first := 0, i
	for first > 0 && first > i-8 && v.sameGroup(line[first-1], line[first]) {
		first--
	}
	for last := first; last < len(line) && last < first+17; last++ {
		row++
		if last+1 < len(line) && !v.sameGroup(line[last], line[last+1]) {
			break
		}
	}
	return row != 4 && row != 8 || strings.HasSuffix(v.text[:line[first].start], ": ") && row == 8
}

func (v *view) sameGroup(a, b span) bool {
	v.steps++
	return b.start-a.end == 1 && a.end-a.start == 4 && b.end-b.start == 4 && all(v.low[a.start:a.end], isLowHex) && all(v.low[b.start:b.end], isLowHex)
}

// codeWords lists where people speak of recovery codes.
func (v *view) codeWords() []span {
	var list []span
	for i := range v.words {
		if end := v.codeWord(i); end > 0 {
			list = append(list, span{v.words[i].start, end})
		}
	}
	return list
}

// codeWord returns where the words for recovery codes end that begin with a word; 0 where they do not.
func (v *view) codeWord(i int) int {
	w := v.words[i]
	low := v.low[w.start:w.end]
	switch low {
	case "recovery", "backup", "rescue", "emergency", "scratch":
		return v.oneOf(i, 1, "code", "codes", "key", "keys")
	case "codigo", "codigos", "code", "codes", "codice", "codici", "kod", "kody", "код", "коды", "ma":
		for skip := 1; skip <= 2; skip++ {
			if end := v.oneOf(i, skip, "recuperacion", "respaldo", "seguridad", "recuperation", "secours", "sauvegarde", "recupero", "recuperacao",
				"backup", "reserva", "odzyskiwania", "zapasowy", "zapasowe", "восстановления", "khoi"); end > 0 {
				return end
			}
		}
	case "резервныи", "резервные", "запасные":
		return v.oneOf(i, 1, "код", "коды")
	case "kurtarma", "yedek":
		return v.oneOf(i, 1, "kodu", "kodlari", "kodları", "kod")
	case "backupcode", "backupcodes", "recoverycode", "recoverycodes", "recovery_code", "recovery_codes", "backup_code", "backup_codes", "wiederherstellungscode",
		"wiederherstellungscodes", "notfallcode", "notfallcodes", "sicherungscode", "sicherungscodes", "ersatzcodes", "herstelcode", "herstelcodes",
		"aterstallningskod", "aterstallningskoder":
		return w.end
	}
	if low[0] < 0x80 {
		return 0
	}
	v.steps += len(low)
	if hasAny(low, "恢复码", "恢复代码", "恢復碼", "备用码", "备用代码", "備用碼", "救援代码", "リカバリーコード", "回復コード", "バックアップコード", "복구코드", "백업코드") {
		return w.end
	}
	if low == "복구" || low == "백업" || low == "リカバリー" {
		return v.oneOf(i, 1, "코드", "코드는", "コード")
	}
	return 0
}

// oneOf returns where a word ends that stands some words after another and is one of a list; 0 if it is none.
func (v *view) oneOf(i, after int, list ...string) int {
	if i+after >= len(v.words) || v.words[i+after].start-v.words[i].end > 12 {
		return 0
	}
	w := v.words[i+after]
	for _, want := range list {
		if v.low[w.start:w.end] == want {
			return w.end
		}
	}
	return 0
}
