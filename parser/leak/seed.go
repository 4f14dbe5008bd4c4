package leak

import "strings"

const (
	shortSeed   = 16 // base32 characters: 80 bits
	seedReaches = 40 // bytes after its words
	maxGroup    = 8  // characters of a seed that is written in groups
	maxGroups   = 16
)

// seeds finds the secrets of authenticator apps.
func (v *view) seeds() {
	until := 0
	for i, w := range v.words {
		if w.start < until {
			continue
		}
		if v.low[w.start:w.end] == "otpauth" {
			until = v.otpauth(w)
			continue
		}
		if end := v.seedWord(i); end > 0 {
			until = v.seedAfter(end)
		}
	}
}

// otpauth finds a URI like otpauth://totp/…?secret=…, and what apps export. It returns up to where it has read.
func (v *view) otpauth(w span) int {
	at := v.run(w.end, 16, func(c byte) bool { return isLower(c) || c == '-' })
	if !strings.HasPrefix(v.text[at:], "://") {
		return 0
	}
	end := v.run(at, maxRun, isLink)
	low := v.low[at:end]
	for _, name := range []string{"secret=", "data="} {
		i := strings.Index(low, name)
		if i < 0 {
			continue
		}
		begin := at + i + len(name)
		stop := v.run(begin, maxRun, isURL64)
		if m := v.makeup(v.text[begin:stop]); stop-begin >= 8 && m.distinct > 4 {
			v.add(Seed, span{w.start, end}, Certain)
			return end
		}
	}
	return end
}

// isLink reports whether a character can be part of a link.
func isLink(c byte) bool {
	switch c {
	case '"', '\'', '<', '>', '`', '|':
		return false
	}
	return isVisible(c)
}

// seedAfter looks for base32 after the words for a seed, and returns up to where it has read.
func (v *view) seedAfter(at int) int {
	stop := min(len(v.text), at+seedReaches)
	for at < stop {
		begin := v.run(at, seedReaches, func(c byte) bool { return !isAlnum(c) && c != barrier })
		end := v.base32(begin)
		if end > begin {
			v.add(Seed, span{begin, end}, Certain)
			return end
		}
		at = v.run(begin, seedReaches, isWord)
		if at == begin {
			return at
		}
	}
	return 0
}

// base32 returns where the secret ends that begins at a place, in one piece or in groups; the place where none does.
func (v *view) base32(at int) int {
	if at >= len(v.text) || isAlnum(v.before(at)) {
		return at
	}
	set := isBase32
	if isLower(v.text[at]) {
		set = isLow32
	}
	end, size, groups := at, 0, 0
	for p := at; groups < maxGroups; {
		q := v.run(p, maxValue, set)
		if q == p || q < len(v.text) && isWord(v.text[q]) || groups > 0 && q-p > maxGroup || q-p < 4 && groups == 0 {
			break
		}
		end, size, groups = q, size+q-p, groups+1
		if c := v.after(q); c != ' ' && c != '-' || q-p > maxGroup || isLower(v.text[p]) && q-p != 4 {
			break
		}
		p = q + 1
	}
	m := v.makeup(v.text[at:end])
	grouped := groups > 1 || m.lower > 0
	if size < shortSeed || m.distinct < fewInShort+1 || grouped && m.digits == 0 || m.letters() == 0 {
		return at
	}
	return v.run(end, 6, func(c byte) bool { return c == '=' })
}

// seedWord returns where the words for a seed end that begin with a word; 0 where they do not.
func (v *view) seedWord(i int) int {
	w := v.words[i]
	switch low := v.low[w.start:w.end]; low {
	case "secret", "setup", "totp", "otp", "2fa", "mfa", "authenticator", "authentication", "manual", "entry", "app", "two", "factor", "provisioning":
		return v.oneOf(i, 1, "key", "secret", "seed", "code", "token")
	case "clave", "cle", "chave", "chiave", "codigo":
		for skip := 1; skip <= 2; skip++ {
			if end := v.oneOf(i, skip, "secreta", "secrete", "segreta", "totp",
				"configuracion", "configuration", "configuracao", "configurazione"); end > 0 { //nolint:misspell // Spanish, as a view has it
				return end
			}
		}
	case "секретныи":
		return v.oneOf(i, 1, "ключ")
	case "geheimer", "geheimen":
		return v.oneOf(i, 1, "schlussel")
	case "totp_secret", "totpsecret", "otp_secret", "otpsecret", "totp_key", "secret_key", "secretkey", "geheimschlussel", "einrichtungsschlussel", "密钥", "密鑰",
		"シークレットキー", "セットアップキー", "비밀키":
		return w.end
	}
	return 0
}
