// Package store keeps deliveries, cases, effects and the audit log in a
// database, and runs the jobs that work on them. Store implements bot.Store.
//
// The database is SQLite or PostgreSQL: Options.Database says which. What
// belongs to one alone is in sqlite.go and postgres.go, all other statements
// are plain SQL that both understand. On SQLite every change goes through one
// writer connection in a transaction that takes the write lock at its start;
// reads use a second pool. A transaction makes no call outside itself: with
// one writer connection such a call would wait for itself. On PostgreSQL any
// number of processes share the database, and a transaction takes the lock of
// the rows that it decides by: a case's row, an installation's row, the head
// of the audit log, in this order.
//
// River is the job engine. A job says only "look at this case" or "look at
// this installation": there is at most one open job for each, the tables
// say what is to be done, and a job that runs once too often finds nothing.
// So that no call to look is lost, a job ends in the same transaction that
// finds nothing left to do, and whoever adds something to do inserts the job
// in the same transaction, or makes one that waits for later ready.
//
// Deliveries come many at once, and each waits for the disk. AddDelivery
// stores those that come while a transaction runs together in the next one
// (intake.go, group.go). It does not insert their jobs, which would cost more
// than they do: it leaves a row of wake, in the same transaction, and Dispatch
// makes jobs of many such rows (dispatch.go). Whoever is killed between has
// left the row.
//
// Times are integers, microseconds since 1970 UTC; 0 is no time. A row of
// delivery or outbox is open while its done_at is 0.
//
// No text of a user is stored: the types of package bot have no room for one.
package store
