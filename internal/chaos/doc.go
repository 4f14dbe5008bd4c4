// Chaos lets everything go wrong around the bot, and looks whether it matters.
package main
