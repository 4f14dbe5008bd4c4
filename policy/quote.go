package policy

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
)

// plainText is what may stand in YAML without quotes, in a list or not, if it
// is no word of another meaning. Anything else is quoted.
var plainText = regexp.MustCompile(`\A[A-Za-z][A-Za-z0-9 ._/@()'+-]*\z`)

// quote returns a text as YAML on one line.
func quote(text string) string {
	if plainText.MatchString(text) && strings.TrimSpace(text) == text {
		f := yamlfile.Read([]byte(text))
		if f.Root().Text() == text && f.Err() == nil {
			return text
		}
	}
	for _, r := range text {
		if !unicode.IsPrint(r) {
			b, _ := json.Marshal(text) //nolint:errchkjson // a string is never refused
			return string(b)
		}
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}
