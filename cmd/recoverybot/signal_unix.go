//go:build unix

package main

import (
	"os"
	"syscall"

	"github.com/recoverybot/recoverybot/bot"
)

// modeSignals are the signals by which the mode is made stricter, with it.
func modeSignals() map[os.Signal]bot.Mode {
	return map[os.Signal]bot.Mode{syscall.SIGUSR1: bot.ModeReadOnly, syscall.SIGUSR2: bot.ModeStop}
}
