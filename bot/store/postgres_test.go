package store

import (
	"testing"

	"github.com/recoverybot/recoverybot/bot/store/pgtest"
	"github.com/recoverybot/recoverybot/bot/store/storetest"
)

func TestConformanceOnPostgreSQL(t *testing.T) {
	server := pgtest.New(t)
	storetest.Run(t, func(t *testing.T) storetest.Store { return openAt(t, server.Empty(t)) })
}
