// Package bot is the loop of recoverybot: what came in becomes a decision, and
// a decision becomes changes on GitHub. It is also the tour of the program.
//
// # Goals
//
// People who are locked out of a registry account ask for help in a public
// issue. The bot takes the work around such a request off the one person who
// decides, and is never the weak spot: it holds no credential of the registry,
// it executes nothing on what it does not know, and it keeps no text that a
// user wrote. In one sentence: text becomes a Form; a Form, an Event and a
// time become a Decision; a Decision becomes rows in one transaction; rows
// become changes on GitHub. Only the first two steps think, and they are pure.
// Only the last two can fail, and they can be repeated.
//
// # From below
//
// Package parser turns text into values: an issue form and an issue body into
// a Form, a comment into a Command, what somebody typed into an account name.
// It never fails: what it cannot read it reports.
//
// Package policy holds the rules (recovery.yml) and the only function that
// decides, Rules.Decide: a Request, an Event and a time in, a Memory, Effects
// and Reasons out. Who may do what, which state follows, what a person reads
// and when the clock rings are all there, and nowhere else. Its tables are
// table (events) and runners (commands); its texts are Markdown templates over
// a Text of closed types.
//
// This package declares what the loop needs, as Store and GitHub, and runs it.
// A unit of work of a case is workOnce: Begin takes the oldest open delivery,
// look reads the issue afresh (and a command's comment again), gather fetches
// the facts that the policy names, Decide decides, Commit stores everything in
// one transaction. No transaction is open across the network. A unit of work
// of an installation is drainOnce: one call of one effect, marked as begun
// before it is made, so that a process that finds it begun looks first whether
// it was made. Step does one unit of any kind, for tests and the demo; the job
// engine calls StepCase and Drain.
//
// Around it are the adapters, which never import each other: bot/webhook
// stores deliveries before it answers, bot/github speaks to GitHub, bot/store
// keeps everything in SQLite with River as the job engine. bot/bottest is a
// stateful fake GitHub with faults on demand, and the stories that the demo
// and the tests play. The command recoverybot wires them.
//
// # What holds
//
// Deciding again changes nothing (settled). Before WakeAt time alone changes
// nothing (woken). Making an effect twice is making it once (idempotent). What
// the bot shares with people it touches only on a change of state or by a
// command (owned and shared). What was done comes from the event, how things
// are from a fresh snapshot (said and seen). A command runs only if its comment
// is unedited, and once (approval is of a text). Killed anywhere, the next
// process ends in the same place (crash anywhere). Each is a test.
package bot
