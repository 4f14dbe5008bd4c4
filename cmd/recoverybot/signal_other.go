//go:build !unix

package main

import (
	"os"

	"github.com/recoverybot/recoverybot/bot"
)

// modeSignals is empty: this system has no such signals.
func modeSignals() map[os.Signal]bot.Mode { return nil }
