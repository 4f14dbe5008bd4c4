// Package bot is the loop of recoverybot.
package bot
