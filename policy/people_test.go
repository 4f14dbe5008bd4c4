package policy

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// things are the numbers in a memory that are no ids of people.
func things() []string {
	return []string{
		"Stage", "Told", "Reopened", "Denials", "Notices", "Revoked", "Duplicate", "DeskPosts",
		"Held.Told", "Held.Repeats", "Evidence.By.Comment", "Approvals.Comment", "Notice.Comment", "Objections.Comment",
		"Forecast.Samples", "Earlier", "Held.Earlier", "Leaks.Leaked.Comment", "Leaks.Count", "Answers.Marks", "Masks.Count",
	}
}

// numbered gives each number of a value one of its own, one element to each
// list and a value to each pointer, and returns the paths of the numbers.
type numbered struct {
	next  int64
	paths map[int64]string
}

func (n *numbered) fill(v reflect.Value, path string, depth int) {
	switch {
	case depth > 6 || v.Type() == reflect.TypeFor[time.Time]() || v.Type() == reflect.TypeFor[time.Duration]():
	case v.Kind() == reflect.Int64 || v.Kind() == reflect.Int:
		n.next++
		v.SetInt(n.next)
		n.paths[n.next] = path
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		n.fill(v.Index(0), path, depth+1)
	case v.Kind() == reflect.Pointer:
		if path == "Undo.Before" || path == "Held.Desk" || path == "Held.Digest" { // a memory again; no texts of the desk are held
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		n.fill(v.Elem(), path, depth+1)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if path != "" {
				name = path + "." + name
			}
			n.fill(v.Field(i), name, depth+1)
		}
	}
}

// TestPeople fails for a new number in a memory of which nobody says whether it
// is a person: add it to Memory.People, or to things.
func TestPeople(t *testing.T) {
	var m Memory
	n := numbered{paths: map[int64]string{}}
	n.fill(reflect.ValueOf(&m).Elem(), "", 0)
	people := map[string]bool{}
	for _, id := range m.People() {
		people[n.paths[*id]] = true
	}
	for _, path := range n.paths {
		if people[path] == slices.Contains(things(), path) {
			t.Errorf("%s is a person: %v, and a thing: %v", path, people[path], people[path])
		}
	}
	m.Undo.Before = &Memory{Approvals: []Approval{{User: 77}}}
	found := false
	for _, id := range m.People() {
		found = found || *id == 77
	}
	if !found {
		t.Error("People does not look at what /undo brings back")
	}
}

// TestMemoryFields fails for a new field of a memory: say in docs/privacy.md
// what it holds of people, and look whether closed of package store must keep it.
func TestMemoryFields(t *testing.T) {
	var got []string
	for f := range reflect.TypeFor[Memory]().Fields() {
		got = append(got, f.Name)
	}
	if d := cmp.Diff(fieldsOfMemory(), got); d != "" {
		t.Errorf("fields (-known +there are):\n%s", d)
	}
}

// fieldsOfMemory are the fields that docs/privacy.md knows.
func fieldsOfMemory() []string {
	return []string{
		"State", "Turn", "Since", "Queued", "WakeAt", "Ended", "Stage", "Reminded", "Late", "Language", "Registry",
		"SaidRegistry", "Account", "Said", "Kind", "Marks", "SaidKind", "GoesTo", "Flags", "Boxes", "Ask", "Told",
		"Reopened", "Opened", "Denials", "Intake", "Quiet", "Suggested", "Label", "Restored", "Notices", "Recent", "Receipts",
		"Held", "Mails", "Digests", "Policy", "Gate", "Snooze", "Empty", "Steps", "NewAddress", "Evidence", "Revoked",
		"Approvals", "NoVeto", "Answers", "Quorum", "Notice", "Hold", "Objections", "Duplicate", "Redirect", "Leaks",
		"Advised", "AdvisedOthers", "Masks", "Undo", "Returned", "Forecast", "DeskPosts", "DeskRecent", "Claimed", "Pairs", "Earlier", "Touched",
		"Alerted",
	}
}
