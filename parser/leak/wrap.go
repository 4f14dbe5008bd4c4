package leak

import "strings"

// Secrets that somebody copied from a terminal or a mail come in pieces: with
// line ends, quote marks or a stray backtick between them. A piece belongs to
// the one before it if it looks like a machine made it.
const (
	maxRun     = 4096 // bytes of one piece
	maxGap     = 12   // bytes between two pieces
	maxPieces  = 64
	longPiece  = 20 // bytes of a piece that cannot be a word
	shortPiece = 4  // bytes of a piece that must hold digits
)

func isGap(c byte) bool {
	return isSpace(c) || c == '`' || c == '*' || c == '>' || c == '"' || c == '\'' || c == '\\' || c == '|' || c == '+'
}

// extend returns where a secret ends of which a piece ends at a place: it goes on over line ends and stray marks.
func (v *view) extend(end int, set func(byte) bool) int {
	for range maxPieces {
		next := v.run(end, maxGap, isGap)
		stop := v.run(next, maxRun, set)
		if next == end || !v.goesOn(span{end, next}, span{next, stop}) {
			return end
		}
		end = stop
	}
	return end
}

// goesOn reports whether a piece after a gap belongs to the secret before it.
func (v *view) goesOn(gap, piece span) bool {
	s := v.text[piece.start:piece.end]
	if len(s) < shortPiece || startsToken(s) {
		return false
	}
	m := v.makeup(s)
	if len(s) >= longPiece {
		return m.kinds() == 3 && m.distinct >= fewInLong
	}
	newLine := strings.ContainsAny(v.text[gap.start:gap.end], "\n")
	rest := v.text[piece.end:v.lineEnd(piece.end, maxGap)]
	return newLine && strings.Trim(rest, " \t\"'`*|\\") == "" && m.digits > 0 && m.letters() > 0 && m.others == 0
}

// startsToken reports whether another secret begins here.
func startsToken(s string) bool {
	for _, prefix := range []string{"pypi-", "npm_", "rubygems_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"} {
		if strings.HasPrefix(s, prefix) {
			return true
		}
	}
	return false
}

// complete is for a secret of a known length: it returns where it ends if pieces after a gap make up what is missing,
// or end if they do not.
func (v *view) complete(end, missing int, set func(byte) bool) int {
	at := end
	for range 3 {
		next := v.run(at, maxGap, isGap)
		stop := v.run(next, missing+1, set)
		piece := v.text[next:stop]
		if next == at || stop == next || stop-next > missing || startsToken(piece) || !hasDigitOrMixed(v.makeup(piece)) {
			return end
		}
		at = stop
		if missing -= stop - next; missing == 0 {
			return at
		}
	}
	return end
}

func hasDigitOrMixed(m makeup) bool { return m.digits > 0 || m.upper > 1 && m.lower > 0 }
