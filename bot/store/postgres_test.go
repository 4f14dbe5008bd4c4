package store

import (
	"testing"

	"github.com/recoverybot/recoverybot/bot/store/storetest"
)

func TestConformanceOnPostgreSQL(t *testing.T) {
	t.Parallel() // most of the time it waits for the server
	storetest.Run(t, func(t *testing.T) storetest.Store { return openAt(t, tables(t)) })
}
