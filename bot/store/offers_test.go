package store

import (
	"path/filepath"
	"testing"

	"github.com/recoverybot/recoverybot/bot"
)

// A database from before gets the column and keeps its rows, and the bit comes
// back as it was stored, whichever way it was stored.
func TestOfferMigration(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.db")
	s := openReal(t, path, nil)
	add(t, s, "one", noon())
	exec(t, s, "DELETE FROM bun_migrations WHERE name = '"+offerMigration().Name+"'")
	exec(t, s, "ALTER TABLE delivery DROP COLUMN offer")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openReal(t, path, nil)
	defer s.Close()
	var rows []deliveryRow
	if err := s.db.NewSelect().Model(&rows).Scan(t.Context()); err != nil || len(rows) != 1 || rows[0].Offer {
		t.Fatalf("got %+v, %v", rows, err)
	}
	d, err := rows[0].delivery(bot.Ref{})
	if err != nil {
		t.Fatal(err)
	}
	d.Offer = true
	row := newDelivery(*d, 1)
	back, err := row.delivery(bot.Ref{})
	if err != nil || !row.Offer || !back.Offer || row.values()[13] != true {
		t.Errorf("the bit is lost: %+v, %v", row, err)
	}
}
