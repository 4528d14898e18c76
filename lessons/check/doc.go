// Package check marks the exercises of the lessons. A check that fails stops its cell with a message that says what is
// off and where to look, and never with the answer; one that passes shows what held.
//
// A check is a list of tests that [All] goes through. A test asks for one kind of answer and knows the usual mistakes, each
// with the hint that helps whoever made it:
//
//   - [Number], a value within a tolerance; [Between], any value of a range
//   - [List], whole numbers in order; [Numbers], values in order, each within a tolerance
//   - [Text], words; [Choice], one of several answers
//   - [Function], a function that the learner writes
//
// An answer is compared with the right one, then with the untouched exercise, then with the mistakes in their order; the
// first that fits decides the message, and an answer that fits nothing is told what can be told without giving the right
// one away. Messages are in the language of the notebook.
//
// A cell that stops earns no points in nbgrader and one that does not earns all, so the same check serves a learner alone
// and a teacher. What a learner has tried and done is noted in a journal on this machine; see [Begin].
package check
