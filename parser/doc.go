// Package parser reads what people and GitHub write: issue forms, issue bodies and comments. Strings go in, values come
// out. It does no input or output, reads no clock, keeps no state, and knows nothing of what the bot wants.
//
// # Forms
//
// An issue form is a YAML file with questions. GitHub turns the answers into one Markdown text: for each question a
// heading `### LABEL`, a blank line and the answer. Nothing in it names the form, and nothing is escaped: people type
// headings, fences and HTML into their answers, edit the text by hand afterwards, and send texts that no form made.
//
//	template, err := parser.ParseTemplate(yaml)   // once; err has all mistakes with line and column
//	form := parser.Parse(template, body)          // often; never fails
//
// Parse reads a body in four steps.
//
//   - It looks for headings whose text is a label of the form, at column 0, with three number signs.
//   - It leaves out those in closed fences and HTML blocks. What opens in one answer can't close in another: a block that
//     never closes, or would swallow the only heading of a question, hides nothing. goldmark tells which openers
//     count, that is, stand in no list or quote; where no opener stands before a heading, it is not asked at all.
//   - It gives each question the section of one heading at most, in the order of the form, so that the most questions
//     have one, and then so that the most answers look as GitHub writes them: an input has one line, checkboxes have
//     their boxes, nothing stands before the first heading. If two readings are equally good, the questions on which
//     they differ are ambiguous, and have no answer. So a heading typed into a later answer never replaces an earlier
//     one, and two answers are never glued together.
//   - It reads each section by the type of its question.
//
// Both generations of GitHub's output are read: `_No response_` and `None`, `[x]` and `[X]`, boxes without brackets,
// empty fences, CRLF. Lines and columns of a Problem are 1-based, columns count characters, and both are those of the
// body as it came.
//
// Before forms there were Markdown templates, whose headings and comments people wrote over. MarkdownTemplate makes a
// Template of the lines that stood for each question, and Parse reads such a body in the same way: any of these lines
// is a heading, at most three spaces from the margin; behind a line that ends in a colon the answer may begin at once;
// and the comments and breaks around an answer are the template's. Several lines of a question may stand one below the
// other. Headings in lists count less than others.
//
// All of it takes time that grows with the length of the text: a body of 64 KiB, whatever is in it, takes a few
// milliseconds. What is not linear in itself is capped: candidates for a heading, readings of a dropdown, nesting.
//
// Template.Render is the inverse of Parse, and Detect tells which of several templates a body came from, how well it
// fits, and which comes next. That is for tools: whoever judges a request takes the form that was in force.
//
// testdata/naive shows for each rule a body that a parser does not read which splits it at every heading.
//
// # Comments
//
// ParseCommand reads a command from a comment. It is strict, for a command acts: see its grammar.
//
// # Names
//
// NameRules.Clean takes an account name out of what people type into the field for it, or says why there is none.
//
// All functions are safe for concurrent use. What they return holds text of strangers: callers must not log or store it.
package parser
