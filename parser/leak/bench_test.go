package leak

import (
	"strings"
	"testing"
)

// BenchmarkScan reads what nearly every delivery has: a filled form, and
// comments in which there is nothing to find.
func BenchmarkScan(b *testing.B) {
	story := strings.Repeat("I got a new phone and the old one was wiped before I could move the authenticator over. ", 6)
	for name, text := range map[string]string{
		"form": "### PyPI Username\n\njbber\n\n### Reason for request\n\n" + story +
			"\n\n### Recovery Codes\n\n- [x] I never had recovery codes for this account, or I have lost them\n\n" +
			"### Code of Conduct\n\n- [x] I agree to follow the Code of Conduct of this project\n\n" +
			"### Acknowledgement\n\n- [x] I understand that this may take a significant amount of time\n",
		"comment": "I have added the line to the description of my repository now: see there. Is there anything else that you need?",
		"empty":   "",
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				Scan(text)
			}
		})
	}
}
