package yamlfile_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
)

// edited replaces each text of the list `a` by its length, and adds `k: v` to each mapping of it behind `n`.
func edited(src string) (out string, refused int) {
	e := yamlfile.NewEditor([]byte(src))
	count := func(ok bool) {
		if !ok {
			refused++
		}
	}
	e.File.Root().Object(map[string]func(yamlfile.Node){"a": func(n yamlfile.Node) {
		n.List(func(_ int, item yamlfile.Node) {
			if item.IsObject() {
				item.Entries(func(_ string, _, value yamlfile.Node) { count(e.Add(item, value, []string{"k: v", "l: w"})) })
				return
			}
			count(e.Replace(item, "NEW", item.Text()))
		})
	}})
	return string(e.Bytes()), refused
}

func TestEditor(t *testing.T) {
	for _, tt := range []struct{ name, src, want string }{
		{"nothing", "a: []  # c", "a: []  # c"},
		{"plain and quoted", "a: [x, 'it''s', \"q\\\"\", é]", "a: [NEW, NEW, NEW, NEW]  # x, it's, q\", é"},
		{"after wide letters", "a: [é, x] # ü\n", "a: [NEW, NEW] # ü (é, x)\n"},
		{"spaces behind", "a:\n  - x  \n  - z\t\n", "a:\n  - NEW  # x  \n  - NEW  # z\t\n"},
		{"CRLF and a byte order mark", "\ufeffa:\r\n- x\r\n", "\ufeffa:\r\n- NEW  # x\r\n"},
		{"CR alone", "a:\r- x\r", "a:\r- NEW  # x\r"},
		{"flow mapping", "a: [{n: x}, {\"n\": 'y' }]\n", "a: [{n: x, k: v, l: w}, {\"n\": 'y', k: v, l: w }]\n"},
		{"block mapping", "a:\n- n: x # c\n-   n: y", "a:\n- n: x # c\n  k: v\n  l: w\n-   n: y\n    k: v\n    l: w"},
		{"folded value in a block", "a:\n- n: >-\n    x\n", "a:\n- k: v\n  l: w\n  n: >-\n    x\n"},
		{"value over lines in a flow", "a: [{n: \"x\n  y\"}]\n", "a: [{k: v, l: w, n: \"x\n  y\"}]\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, refused := edited(tt.src)
			if diff := cmp.Diff(tt.want, got); diff != "" || refused > 0 {
				t.Errorf("%d refused (-want +got):\n%s", refused, diff)
			}
			if err := yamlfile.Read([]byte(got)).Err(); err != nil {
				t.Errorf("the result cannot be read: %v\n%s", err, got)
			}
		})
	}
}

// TestEditorRefuses: what it cannot place, it leaves.
func TestEditorRefuses(t *testing.T) {
	for _, src := range []string{"a:\n- |-\n  x\n", "a: [\"x\n  y\"]\n", "a: [1]\n"} {
		got, refused := edited(src)
		if !strings.HasSuffix(src, "[1]\n") && got != src {
			t.Errorf("%q became %q", src, got)
		}
		if refused != 1 {
			t.Errorf("%q: %d refused, want 1", src, refused)
		}
	}
	if got, _ := edited("a: [\n"); got != "a: [\n" {
		t.Errorf("a file that cannot be read became %q", got)
	}
}

func FuzzEditor(f *testing.F) {
	for _, seed := range []string{"a: [x]", "a:\n- n: 'x' # c\r\n", "\ufeffa: [\"\\\"\", {n: é}]", "a:\n- >\n x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		got, _ := edited(src)
		if len(got) < len(src)/2 && !strings.Contains(got, "NEW") {
			t.Errorf("%q became %q", src, got)
		}
	})
}
