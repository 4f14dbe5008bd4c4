// Chaos lets everything go wrong around the bot, and looks whether it matters.
//
//	go run ./internal/chaos -database postgres -events 10000 -issues 1000
//
// People act on many issues at once, by scripts that chance writes from a seed.
// First they do it in a calm run: one process, nothing goes wrong. Then they do the
// same again while calls to GitHub fail in every way, replicas and PostgreSQL are
// killed by kill -9, and webhooks come twice, late, again or never. In the end both
// runs must be equal: labels, open or closed, the texts of all comments, reactions,
// what the bot did on each issue, and the rows of the audit log. A thing that was lost
// or done twice is a difference.
//
// GitHub is the fake of bot/bottest, in this process; the bot is the real program.
//
// # Why both runs can be equal
//
// A person reads the bot's answer before the next act on the same issue: when the calm run
// looked like this after an act, the other run must come to look like it, too, and
// the database must hold no open work for the issue. A wait has an end (-patience).
//
// What can make another history of the same acts, and no harm, is kept out of the scripts:
//
//   - GitHub tells times in whole seconds. Nobody acts in the same second in which the bot
//     has done something on the issue.
//   - Acts that come together, so that they may arrive in any order, have one effect at most.
//   - Only such webhooks get lost for good as a reconcile pass can find again: not edits (it
//     sees the text, and not that the author did something), not reopenings (it does not see
//     by whom), not what leaves nothing to wait for. They are doubled, late and sent again.
//   - A fault never says "you may not" or "there is no such thing": the bot is right to believe it.
//
// And what says only who brought the news is not compared: dates, ids, the forecast (it is made
// of how long things took), and in the audit log whether the webhook of an opening,
// edit, closing or label came first, or the reconcile pass. The order of comments is compared
// among ours, and among those of people.
package main
