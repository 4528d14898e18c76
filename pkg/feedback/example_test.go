package feedback_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/feedback"
	"github.com/tunebook/tunebook/pkg/world"
)

var ctx = context.Background()

// typed is a learner at the keyboard; in a notebook it is display.Ask.
func typed(lines ...string) func(string) (string, error) {
	return func(prompt string) (string, error) {
		line := lines[0]
		lines = lines[1:]
		fmt.Println(prompt + line)
		return line, nil
	}
}

func show(v any) error {
	_, err := fmt.Println(v)
	return err
}

func temporary() (path string, remove func()) {
	dir, err := os.MkdirTemp("", "votes")
	if err != nil {
		panic(err)
	}
	return filepath.Join(dir, "votes.jsonl"), func() { _ = os.RemoveAll(dir) }
}

// Two questions, of which the learner answers one, stops, and comes back.
func Example() {
	path, remove := temporary()
	defer remove()
	items := []feedback.Item{
		feedback.Answers("lamp", "Why is the lamp by the harbour red?", "It is red.", "So that ships know which side to pass."),
		feedback.Answers("bread", "When does the bakery open?", "At six.", "Find out yourself.", "At six, I think."),
	}
	for _, lines := range [][]string{{"2", "q"}, {"1 2", "3>1=2"}} {
		poll, err := feedback.Open(path, feedback.Options{Rater: "ann"})
		if err != nil {
			panic(err)
		}
		sitting, err := poll.Collect(ctx, items, feedback.Prompt{Ask: typed(lines...), Show: show})
		fmt.Println(sitting, err)
	}
	// Output:
	// Question 1 of 2
	// Why is the lamp by the harbour red?
	//   1 (a)  It is red.
	//   2 (b)  So that ships know which side to pass.
	// Best first, such as 2 1 (s skip, u undo, q stop, ? help): 2
	// Question 2 of 2
	// When does the bakery open?
	//   1 (a)  At six, I think.
	//   2 (b)  Find out yourself.
	//   3 (c)  At six.
	// Best first, such as 2 3 1 (s skip, u undo, q stop, ? help): q
	// ann: 1 answered, 1 left; stopped <nil>
	// Question 2 of 2
	// When does the bakery open?
	//   1 (a)  At six, I think.
	//   2 (b)  Find out yourself.
	//   3 (c)  At six.
	// Best first, such as 2 3 1 (s skip, u undo, q stop, ? help): 1 2
	// answer 3 is missing: name each answer once, with = between those that are equally good
	// Best first, such as 2 3 1 (s skip, u undo, q stop, ? help): 3>1=2
	// ann: 1 answered, 1 known from before; all answered <nil>
}

// A panel with known noise ranks the town's candidates; a reward model learns from the pairs, as from those of people.
func ExampleSimulated() {
	path, remove := temporary()
	defer remove()
	items, err := feedback.Items(data.Must(world.Candidates(ctx, world.CandidateOptions{Count: 40, Lang: world.English})))
	if err != nil {
		panic(err)
	}
	poll, err := feedback.Open(path, feedback.Options{})
	if err != nil {
		panic(err)
	}
	for _, rater := range world.Raters()[:3] {
		sitting, err := poll.Collect(ctx, items, feedback.Simulated{Rater: rater.Name, Prefers: rater.Prefers})
		fmt.Println(sitting, err)
	}
	pairs, err := poll.Ballots().Pairs()
	if err != nil {
		panic(err)
	}
	fmt.Println(len(pairs), "pairs") // 3 raters · 40 items · 4·3/2
	agreement, err := poll.Ballots().Agreement()
	if err != nil {
		panic(err)
	}
	fmt.Println(agreement)
	// Output:
	// careful: 40 answered; all answered <nil>
	// patient: 40 answered; all answered <nil>
	// hasty: 40 answered; all answered <nil>
	// 720 pairs
	// 40 items, 240 pairs of answers judged by two raters or more: two votes on one agree in 75% of cases, Krippendorff's α 0.49, Fleiss' κ 0.49, Kendall's W 0.71
	// rater                votes  with the majority of the others  seconds a vote
	// ───────────────────────────────────────────────────────────────────────────
	// careful (simulated)  40     85% of 176 pairs                 –
	// patient (simulated)  40     91% of 163 pairs                 –
	// hasty (simulated)    40     75% of 199 pairs                 –
}

// Files of two people: what they say about the same answers is compared.
func ExampleMerge() {
	path, remove := temporary()
	defer remove()
	item := feedback.Answers("bread", "When does the bakery open?", "At six.", "Find out yourself.", "At six, I think.")
	var files []string
	for i, line := range []string{"1 2 3", "1 2 3"} {
		name := []string{"ann", "ben"}[i]
		files = append(files, filepath.Join(filepath.Dir(path), name+".jsonl"))
		poll, err := feedback.Open(files[i], feedback.Options{Rater: name})
		if err != nil {
			panic(err)
		}
		if _, err := poll.Collect(ctx, []feedback.Item{item}, feedback.Prompt{Ask: typed(line), Show: show}); err != nil {
			panic(err)
		}
	}
	all, warnings, err := feedback.Merge(ctx, files...)
	if err != nil {
		panic(err)
	}
	agreement, err := all.Agreement()
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d ballots, %d warnings, Kendall's W %.2f\n", len(all), len(warnings), agreement.W)
	// Output:
	// Question 1 of 1
	// When does the bakery open?
	//   1 (a)  At six, I think.
	//   2 (b)  Find out yourself.
	//   3 (c)  At six.
	// Best first, such as 2 3 1 (s skip, u undo, q stop, ? help): 1 2 3
	// Question 1 of 1
	// When does the bakery open?
	//   1 (a)  Find out yourself.
	//   2 (b)  At six.
	//   3 (c)  At six, I think.
	// Best first, such as 2 3 1 (s skip, u undo, q stop, ? help): 1 2 3
	// 2 ballots, 0 warnings, Kendall's W 0.25
}
