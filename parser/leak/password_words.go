package leak

import "strings"

// The lists of this file are written as a view reads: in lower case and without accents.

// passwordWord returns where the word for a password ends that begins with a word, in many languages; 0 where it is
// no such word.
func (v *view) passwordWord(i int) int {
	w := v.words[i]
	low := v.low[w.start:w.end]
	switch low {
	case "password", "passwords", "passwd", "pwd", "passphrase", "passcode", "pass", "psw", "pswd",
		"contrasena", "contrasenya", "clave", "mdp", "passwort", "kennwort", "senha", "wachtwoord", "haslo", "hasło", "heslo", "jelszo",
		"losenord", "adgangskode", "passord", "salasana", "sifre", "şifre", "parola", "parole", "parool", "slaptazodis", "lozinka",
		"пароль", "пароля", "паролем", "парола", "лозинка", "συνθηματικο", "κωδικος", "סיסמה", "סיסמא":
		return w.end
	case "mot":
		return v.followed(i, "de", "passe")
	case "palavra":
		return v.followed(i, "passe")
	case "mat":
		return v.followed(i, "khau")
	case "كلمة":
		return v.followed(i, "المرور")
	case "kata":
		return v.followed(i, "sandi")
	}
	if strings.HasSuffix(low, "_password") || strings.HasSuffix(low, "_passwd") || strings.HasSuffix(low, "_pass") || strings.HasSuffix(low, "_pwd") {
		return w.end
	}
	return v.passwordWithin(w)
}

// passwordWithin is for scripts that have no spaces between words.
func (v *view) passwordWithin(w span) int {
	low := v.low[w.start:w.end]
	if low[0] < 0x80 {
		return 0
	}
	v.steps += len(low)
	for _, word := range []string{"密码", "密碼", "口令", "パスワード", "暗証番号", "비밀번호", "암호", "รหัสผ่าน", "पासवर्ड"} {
		if at := strings.Index(low, word); at >= 0 {
			return w.start + at + len(word)
		}
	}
	return 0
}

// followed returns where the last of some words ends that stand after a word, one space or hyphen apart; 0 if they do not.
func (v *view) followed(i int, words ...string) int {
	for n, want := range words {
		if i+n+1 >= len(v.words) {
			return 0
		}
		w := v.words[i+n+1]
		if v.low[w.start:w.end] != want || w.start-v.words[i+n].end > 2 {
			return 0
		}
	}
	return v.words[i+len(words)].end
}

// isNoPassword reports whether a value is a word that people write where a password could stand.
func isNoPassword(low string) bool {
	switch low {
	case "none", "n/a", "na", "no", "nope", "not", "nil", "null", "empty", "blank", "unset", "unknown", "missing", "undefined", "true", "false",
		"yes", "secret", "hidden", "redacted", "removed", "masked", "private", "xxx", "abc", "foo", "bar", "changeme", "example", "todo", "tbd", "same", "other",
		"str", "string", "bytes", "text", "int", "bool", "optional", "required", "type", "input", "field", "secretstr", "nonetype", "default", "prompt",
		"forgot", "forgotten", "lost", "reset", "resetting", "change", "changed", "changing", "recover", "recovery", "recovered", "expired", "wrong",
		"incorrect", "invalid", "failed", "fails", "failure", "error", "denied", "rejected", "accepted", "works", "working", "ok", "okay", "fine",
		"i", "im", "i'm", "ive", "i've", "my", "the", "it", "its", "it's", "is", "was", "this", "that", "a", "an", "and", "or", "but", "if", "when",
		"what", "why", "how", "where", "please", "help", "thanks", "thank", "hello", "hi", "sorry", "we", "you", "your", "can", "can't", "cannot",
		"could", "couldn't", "don't", "didn't", "doesn't", "do", "does", "did", "see", "use", "using", "used", "user", "username", "email", "e-mail",
		"login", "link", "links", "page", "manager", "managers", "policy", "form", "requests", "request", "field's", "strength", "there", "then", "so",
		"2fa", "mfa", "totp", "otp", "sha1", "sha256", "sha512", "md5", "utf8", "utf-8", "argon2", "argon2id", "bcrypt", "pbkdf2", "oauth2", "oauth",
		"1password", "keepass", "keepassxc", "bitwarden", "lastpass", "base64", "ascii", "8chars", "http2",
		"no.", "ninguna", "ninguno", "nada", "olvidada", "olvide", "perdi", "he", "la", "el", "no lo se", "aucun", "perdu", "oublie", "keines",
		"vergessen", "verloren", "nenhuma", "esqueci", "perdida.", "unuttum", "kayboldu", "zapomnialem", "nie", "vergeten", "kwijt", "esquecida", "perdida", "olvidado", "dimenticata", "nessuna", "oubliee", "нет", "забыл", "забыла", "забыт", "неверныи", "утерян":
		return true
	}
	return strings.HasPrefix(low, "http:") || strings.HasPrefix(low, "https:")
}

// isAdjective reports whether a word after "my password is" says how it is, and not what.
func isAdjective(low string) bool {
	if strings.HasSuffix(low, "ed") || strings.HasSuffix(low, "ing") || strings.HasSuffix(low, "able") || strings.HasSuffix(low, "ly") {
		return true
	}
	switch low {
	case "correct", "right", "good", "bad", "strong", "weak", "safe", "secure", "insecure", "old", "older", "new", "newer", "long", "short", "easy",
		"hard", "gone", "stolen", "unique", "random", "different", "too", "very", "still", "also", "now", "only", "always", "never", "being", "been",
		"broken", "known", "forgotten", "written", "given", "valid", "set", "kept", "sent", "lost", "stuck", "out", "up", "in", "on", "at", "from",
		"mine", "enough", "useless", "public", "leaked", "here", "needed", "all", "just", "again", "today", "yesterday", "asked", "fully", "quite",
		"correcta", "correcto", "incorrecta", "incorrecto", "segura", "valida", "buena", "correcte", "richtig", "falsch", "weg", "bekannt", "correta",
		"incorreta", "valide", "bonne", "bon", "mauvais", "sicher", "unbekannt", "abgelaufen", "nuova", "sbagliata", "corretta", "ungultig", "alt", "neu":
		return true
	}
	return false
}
