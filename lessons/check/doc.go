// Package check marks the exercises of the lessons. A check that fails stops its cell with a message that says what is
// off and where to look, and never with the answer; one that passes shows what held.
//
// A cell that stops earns no points in nbgrader and one that does not earns all, so the same check serves a learner alone
// and a teacher. [Number] compares with a tolerance, [List] item by item; both know the usual mistakes by their [Trap].
package check
