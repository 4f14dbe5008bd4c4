// Package bot is the loop of recoverybot: what came in becomes a decision, and
// a decision becomes changes on GitHub. It is also the tour of the program.
// Read it once from the top; then `go doc` on each package says more.
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
// # The core: strings and values
//
// Package parser turns text into values. ParseTemplate reads an issue form and
// says every mistake in it; Parse reads a body with it, ParseCommand a comment,
// NameRules.Clean what somebody typed as an account name. Those three never
// fail: what they cannot read they report. Package parser/leak finds secrets and
// personal data in any text, and says which bytes they take.
//
// Package policy holds the Rules (ParseRules reads recovery.yml, with
// internal/yamlfile, which keeps line and column of each mistake) and the only
// function that decides, Rules.Decide: a Request, an Event and a time in, a
// Memory, Effects and Reasons out. Who may do what, which state follows, what
// a person reads and when the clock rings are all there, and nowhere else.
// Three tables hold most of it: Commands (who may write what where), runners
// (what each command does) and table (what every other event does). Texts are
// Markdown templates in policy/texts, over a Text of closed types; what a
// registry is like, its rules for names and its links, is YAML in
// policy/presets. Before a request is ready it passes the gate: evidence, paths,
// approvals that are bound to what was approved, and time to object. `go doc` on
// package policy tells of it.
//
// # The loop
//
// This package declares what it needs from outside, as Store and GitHub, and
// has two kinds of work. The loop never thinks: it carries.
//
// One unit of a case is workOnce. Begin takes the oldest open delivery, or
// none where only the time has come. look reads the issue afresh, and a
// command's comment again; what only waits for its requester it may take from
// a list that serves all that are due in the same minute. gather fetches the
// facts that Rules.Needs names; Decide decides; Commit stores the new memory,
// the reasons, the effects and the end of the delivery, all or nothing. No
// transaction is open across the network.
//
// One unit of an installation is drainOnce: NextCall marks one call of one
// effect as begun before it is made, so that a process that finds it begun
// looks first whether it was made. Effects of one case keep their order, and a
// case that fails does not stop the others.
//
// Step does one unit of any kind, for tests and the demo; the job engine calls
// StepCase and Drain, which do many. Start looks up what is served and who we
// are. Sweep wakes what is due, by the policy's schedule. Passes reads what the
// webhooks did not bring, soon after any trouble and seldom in calm, or all that
// happens where there are none. Before a pass has read what happened while the
// bot was down, time alone decides nothing. A repository in which nothing can be
// done has a state that says so: all work there waits, and the time is given
// back. Redeliver asks GitHub to send again what it could not deliver: that
// brings what a read cannot, who did what.
//
// All keep to what GitHub allows an installation. A Budget says how much of it
// is used; it lies in the store, so that replicas share it. NextCall pays for a
// write in its own transaction, work on a case for its reads, in blocks, before
// it asks (visit). Five priorities, by what brought a piece of work about, leave a
// reserve to each other. An adapter tells by Answers what a call took, and where
// GitHub said no, everything of that installation waits; where it does not answer,
// a breaker of this process does.
//
// Facts are what no event tells. Comments that count, those of approvals and
// evidence, are read again before a request may go on, for the webhook of an
// edit may be lost. The forecast is made of how long staff took of late, which
// Commit measures at each hand-over, by kind and of nobody. A policy that
// changed wakes each open request at its new time: once, at the start, and
// without asking GitHub; `check --against` looks ahead in the same way and
// writes nothing.
//
// A Mode says what of all that may happen: run, read-only, stop, or shadow, in
// which decisions are recorded and never made. It lies in the store, which asks
// it in each transaction that begins a call or stores a decision, so that
// nothing begins after the switch was thrown. The time until run is given back.
//
// # The desk
//
// Staff may have a desk: a private repository with one issue for each request,
// which the effect Desk writes, and on which commands act on the request. A
// delivery from there (Delivery.Desk) belongs to the case whose issue it is of;
// what is decided on is the request's own issue, as ever. What is made at the
// desk is a row of its own in the outbox, under the desk's installation: trouble
// there holds up nothing that the requester reads, and a write there makes
// nothing of the request's own issue newer.
//
// A desk that everybody can read is not written to. Without one all of it works
// on the request's own issue, and an alert is a line in the log.
//
// Digest tells each desk on a schedule how all its requests stand. A row in the
// place of a case stands for the desk itself, so that the digest goes the way of
// every write: it is stored with its time in one transaction, Tell, and then
// made. Watchers of the desk hear of it by a comment on one issue.
//
// # Around it
//
// The adapters never import each other. bot/webhook checks a delivery's
// signature, keeps ids and digests of it, and answers when it is stored. Its
// mail hook learns the number of a request from a mail system, and no more.
// bot/github speaks to GitHub, with tokens for one repository and one purpose,
// and turns every failure into one of six classes. bot/store keeps everything
// in SQLite or PostgreSQL, with River as the job engine; bot/store/storetest
// says what any Store must do, and bot/store/pgtest runs throw-away servers to
// ask it of PostgreSQL. CopyTo leads from one database to the other, for backups,
// too. Every decision is a row of its audit log, in the transaction
// of the decision and hashed with the row before it; `audit verify` walks the
// chain, and `audit export` tells who let a request through, and on what.
//
// bot/bottest is a stateful fake GitHub with faults on demand, and the stories
// that the demo and the tests play; bot/bottest/contract holds GitHub's own
// description of its API, against which tests check each exchange, and
// bot/bottest/proxytest is a proxy that records what a test sends through it.
//
// The command cmd/recoverybot wires all of it, reads flags and files, and is
// the only place that names time.Now. internal/repotest checks the repository
// itself: imports, sizes, comments, links, and that the documents show commands
// that exist. internal/chaos runs the program against the fake while everything
// goes wrong, and compares the end with that of a calm run. internal/ingest
// measures how fast deliveries are taken in, internal/growth how replicas add
// up, and internal/fairness what a flood in one installation costs the others.
// internal/fire throws at the receiver what an attacker can send.
// internal/sample says how many cases the long tests try.
//
// # What holds
//
// Seven laws. Deciding again changes nothing (settled). Before WakeAt time
// alone changes nothing (woken). Making an effect twice is making it once
// (idempotent). What the bot shares with people it touches only on a change of
// state or by a command (owned and shared). What was done comes from the event,
// how things are from a fresh snapshot (said and seen). A command runs only if
// its comment is unedited, and once (approval is of a text). Killed anywhere,
// the next process ends in the same place (crash anywhere).
//
// Each is a test. The first, second and fourth are TestLaws of package policy,
// on random histories; the others are in this package: TestWriteFaults and
// TestOnce, TestReordered and TestStaleReads, TestCommandMatrix, and
// TestCrashAnywhere, which kills the process at each call of a story.
// internal/growth measures what several processes handle on one PostgreSQL. And
// .ci/mutants breaks one promise after the other, to see that a test fails.
package bot
