// Package feedback collects what people think of a model's answers, and keeps it. Candidates appear side by side, a rater ranks or
// scores them, and every vote is on the disk before the next question is asked: who, when, what was shown in which order, and what
// the rater said.
//
// A cell gives it the functions of the notebook; the package knows no Jupyter:
//
//	poll, err := feedback.Open("votes.jsonl", feedback.Options{Rater: "ann"})
//	sitting, err := poll.Collect(ctx, items, feedback.Prompt{Ask: display.Ask, Show: display.Display})
//	pairs, err := poll.Ballots().Pairs() // for a reward model or DPO
//
// Whoever answers is an [Asker], one question in, one answer out: [Prompt] is a person at the keyboard, [Simulated] is a rater with
// known noise, and buttons would be a third. Running the cell again goes on with what is missing. [Merge] joins the files of
// several people, and [Ballots.Agreement] says how far they agree.
package feedback
