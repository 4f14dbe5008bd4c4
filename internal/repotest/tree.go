package repotest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Tree is a repository in memory. It is not changed after [Load], so rules may read it concurrently.
type Tree struct {
	Go   []*File // Go files, without test data and generated files, sorted by path
	Text []Text  // all text files outside test data, Go files too, sorted by path

	unread []string // the paths of test data and of files that are no text
	fset   *token.FileSet
}

// File is one parsed Go file.
type File struct {
	Path string
	Dir  string // of Path; "." at the top
	Test bool   // the name ends in _test.go
	AST  *ast.File
	Src  []byte

	tree *Tree
}

// Text is one file as it lies on disk.
type Text struct {
	Path string
	Data []byte
}

// Load reads the repository below fsys. Version control, test data, vendored code and files that are
// not text are left out. A Go file that does not parse is an error.
func Load(fsys fs.FS) (*Tree, error) {
	t := &Tree{fset: token.NewFileSet()}
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{".git", "vendor", "node_modules"}, d.Name()):
			return fs.SkipDir
		case !d.Type().IsRegular():
			return nil
		case slices.Contains(strings.Split(path.Dir(p), "/"), "testdata"):
			t.unread = append(t.unread, p)
			return nil
		}
		data, err := fs.ReadFile(fsys, p)
		if err != nil {
			return err
		}
		return t.add(p, data)
	})
	if err != nil {
		return nil, fmt.Errorf("reading the repository: %w", err)
	}
	return t, nil
}

func (t *Tree) add(p string, data []byte) error {
	if bytes.IndexByte(data, 0) >= 0 { // a binary, such as a local database
		t.unread = append(t.unread, p)
		return nil
	}
	t.Text = append(t.Text, Text{p, data})
	if path.Ext(p) != ".go" {
		return nil
	}
	f, err := parser.ParseFile(t.fset, p, data, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	if ast.IsGenerated(f) {
		return nil
	}
	t.Go = append(t.Go, &File{Path: p, Dir: path.Dir(p), Test: strings.HasSuffix(p, "_test.go"), AST: f, Src: data, tree: t})
	return nil
}

// Dirs returns the folders that hold Go files which are no tests, sorted.
func (t *Tree) Dirs() []string {
	var dirs []string
	for _, f := range t.Go {
		if !f.Test {
			dirs = append(dirs, f.Dir)
		}
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

// find returns the text file at p, and whether there is one.
func (t *Tree) find(p string) (Text, bool) {
	i := slices.IndexFunc(t.Text, func(x Text) bool { return x.Path == p })
	if i < 0 {
		return Text{}, false
	}
	return t.Text[i], true
}

// has reports whether there is a file or a folder at p, whatever is in it.
func (t *Tree) has(p string) bool {
	return p == "." || slices.ContainsFunc(t.Text, func(x Text) bool { return within(x.Path, p) }) ||
		slices.ContainsFunc(t.unread, func(x string) bool { return within(x, p) })
}

func (f *File) line(p token.Pos) int { return f.tree.fset.Position(p).Line }

func (f *File) finding(n ast.Node, name, text string) Finding {
	return Finding{Path: f.Path, Line: f.line(n.Pos()), Name: name, Text: text}
}

// imported is one import of a file.
type imported struct {
	spec *ast.ImportSpec
	path string
	name string // as used in the file, judged by the path's last element where it is not given
}

func (f *File) imports() []imported {
	var list []imported
	for _, spec := range f.AST.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser has refused it already
		}
		name := path.Base(p)
		if name == "v2" {
			name = path.Base(path.Dir(p))
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		list = append(list, imported{spec, p, name})
	}
	return list
}

// use is one mention of a name of another package, such as time.Now.
type use struct {
	node ast.Node
	pkg  string // the import path
	name string
}

// uses returns the mentions of names of imported packages, in the order of the text. A local variable
// that hides a package of the standard library is taken for the package: don't do that.
func (f *File) uses() []use {
	paths := map[string]string{}
	for _, im := range f.imports() {
		paths[im.name] = im.path
	}
	var list []use
	ast.Inspect(f.AST, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && paths[x.Name] != "" {
			list = append(list, use{sel, paths[x.Name], sel.Sel.Name})
		}
		return true
	})
	return list
}

// within reports whether dir, or a file, is root or lies below it.
func within(dir, root string) bool {
	return dir == root || strings.HasPrefix(dir, root+"/")
}
