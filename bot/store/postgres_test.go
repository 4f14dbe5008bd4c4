package store

import (
	"testing"

	"github.com/recoverybot/recoverybot/bot/store/storetest"
)

func TestConformanceOnPostgreSQL(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Store { return openAt(t, tables(t)) })
}
