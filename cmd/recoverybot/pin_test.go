package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestReplaceFile: the mode stays, and nothing is left beside the file.
func TestReplaceFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "recovery.yml")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(path, []byte("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil || string(data) != "new" || info.Mode().Perm() != 0o640 {
		t.Errorf("the file has %q and the mode %v (%v), want \"new\" and 0640", data, info.Mode(), err)
	}
	if err := replaceFile(filepath.Join(dir, "nowhere"), nil); err == nil {
		t.Error("a file that does not exist was replaced")
	}
	all, err := os.ReadDir(dir)
	if err != nil || len(all) != 1 {
		t.Errorf("beside the file: %v, %v", all, err)
	}
}
