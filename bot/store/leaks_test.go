package store

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/parser/leak"
	"github.com/recoverybot/recoverybot/policy"
)

// A database from before leaks were looked for keeps its deliveries, in which
// nothing was found, and can be opened again.
func TestLeaksMigration(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.db")
	s := openReal(t, path, nil)
	add(t, s, "one", noon())
	exec(t, s, "DELETE FROM bun_migrations WHERE name = '"+leaksMigration().Name+"'")
	exec(t, s, "ALTER TABLE delivery DROP COLUMN leaks")
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = openReal(t, path, nil)
	}
	defer s.Close()
	d := someDelivery("one", noon())
	w, _, err := s.Begin(t.Context(), d.Ref.CaseKey, noon())
	if err != nil || w.Delivery == nil || w.Delivery.GUID != d.GUID || w.Delivery.Leaks != nil {
		t.Errorf("got %+v, %v; want the delivery without leaks", w.Delivery, err)
	}
	add(t, s, "two", noon())
}

// What is stored of a find is its class and place. A value that is none of
// ours is an error, and no delivery without leaks.
func TestPacked(t *testing.T) {
	found := []policy.Leaked{{Class: leak.Token, In: policy.InTitle}, {Class: leak.Email, In: policy.InComment, Comment: 7}}
	const want = `[{"class":"token","in":"title"},{"class":"email","in":"comment","comment":7}]`
	if got := packed(found); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	got, err := unpacked(want)
	if diff := cmp.Diff(found, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	const edited = `[{"class":"token","in":"comment","comment":7,"novelty":"fresh"}]`
	fresh := []policy.Leaked{{Class: leak.Token, In: policy.InComment, Comment: 7, Novelty: policy.Fresh}}
	if got := packed(fresh); got != edited {
		t.Errorf("got %s\nwant %s", got, edited)
	}
	if got, err := unpacked(edited); err != nil || !cmp.Equal(got, fresh) {
		t.Errorf("got %+v, %v; want %+v", got, err, fresh)
	}
	var before []struct { // what a version read that knew no novelty, and may run beside this one
		Class, In string
		Comment   int64
	}
	if err := json.Unmarshal([]byte(edited), &before); err != nil || len(before) != 1 || before[0].Comment != 7 {
		t.Errorf("an older version reads %+v, %v", before, err)
	}
	if got := packed(nil); got != "" {
		t.Errorf("nothing is stored as %q", got)
	}
	if d, err := (&deliveryRow{Leaks: "{"}).delivery(bot.Ref{}); err == nil {
		t.Errorf("damaged, and read as %+v", d)
	}
}
