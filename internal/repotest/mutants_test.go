package repotest

import (
	"os"
	"testing"
)

// TestMutants finds a mutant that does not fit the code any more; whether tests notice it says .ci/mutants.
func TestMutants(t *testing.T) {
	found, err := Mutants(os.DirFS(top))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		t.Error(f)
	}
}

// TestMutantsOfTestdata finds what is wrong with the mutants in testdata/mutants.txtar.
func TestMutantsOfTestdata(t *testing.T) {
	c := readCase(t, "mutants")
	found, err := Mutants(c.files)
	if err != nil {
		t.Fatal(err)
	}
	c.check(t, found)
}
