package policy

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
)

// plainText is what may stand in YAML without quotes, if it is no word of
// another meaning. Anything else is quoted.
var plainText = regexp.MustCompile(`\A[A-Za-z0-9](?:[A-Za-z0-9 ._/@()'+#-]|:[A-Za-z0-9/])*\z`)

// quote returns a text as YAML on one line, for any place.
func quote(text string) string {
	if plainText.MatchString(text) {
		read := ""
		f := yamlfile.Read([]byte("[" + text + "]"))
		f.Root().List(func(_ int, n yamlfile.Node) { read = n.Text() })
		if read == text && f.Err() == nil {
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
