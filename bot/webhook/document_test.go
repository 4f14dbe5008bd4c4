package webhook

import (
	"os"
	"strings"
	"testing"
)

// TestAnswersAreExplained: GitHub shows our answers to the operator, who reads docs/operate.md.
func TestAnswersAreExplained(t *testing.T) {
	src, err := os.ReadFile("../../docs/operate.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(src)
	for _, r := range Reasons() {
		verb := strings.TrimSuffix(r.Line(), string(r))
		if !strings.Contains(doc, "`"+r.Line()+"`") && (!strings.Contains(doc, "`"+string(r)+"`") || !strings.Contains(doc, "`"+verb)) {
			t.Errorf("docs/operate.md does not explain the answer %q", r.Line())
		}
	}
}
