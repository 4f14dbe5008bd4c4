//go:build !race

package policy

import (
	"testing"
	"testing/fstest"
)

// handful is a policy with some texts of its own in two languages.
func handful(tb testing.TB) ([]byte, fstest.MapFS) {
	tb.Helper()
	files := testForms(tb)
	files["texts/a.md"] = &fstest.MapFile{Data: []byte(`{{define "hello"}}Hi{{with .Mention}} {{.}}{{end}}{{end}}
{{define "beware"}}We are the Octo team. We never ask for a password, a code or money.{{end}}
{{define "kind-lost-2fa" -}}
{{template "quicker" .}}

- Search for recovery codes.{{with .Links.Codes}} [How to use a code]({{.}}).{{end}}
- Do you work at a company? Your colleagues may be owners of the project too.
{{- end}}
{{define "closing"}}**Next:** when you answer, it is our turn.{{with .Close}} Without an answer we close this on {{.}}.{{end}}{{end}}
{{define "ask-detail"}}Please tell us more in a comment.{{end}}`)}
	files["texts/es/a.md"] = &fstest.MapFile{Data: []byte(`{{define "hello"}}Buenas{{with .Mention}} {{.}}{{end}}{{end}}
{{define "beware"}}Somos el equipo Octo. Nunca pedimos una contraseña, un código o dinero.{{end}}
{{define "closing"}}**Después:** después de tu respuesta nos toca a nosotros.{{with .Close}} Sin respuesta cerramos esto el {{.}}.{{end}}{{end}}`)}
	return append(storyPolicy(tb), "languages: [en, es]\ntexts: texts\n"...), files
}

// BenchmarkHandfulOfTexts loads a policy with some texts of its own in two languages. The aim is 300 ms of CPU.
func BenchmarkHandfulOfTexts(b *testing.B) {
	src, files := handful(b)
	for b.Loop() {
		if _, err := ParseRules(src, files); err != nil {
			b.Fatal(err)
		}
	}
}
