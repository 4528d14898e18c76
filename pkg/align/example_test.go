package align_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/tunebook/tunebook/pkg/align"
	"github.com/tunebook/tunebook/pkg/world"
)

// Whoever refuses at the sight of a word is right about most of what is harmful, and wrong about much of what is not: somebody
// whose hammer was stolen is refused, too.
func ExampleExamineFunc() {
	ctx := context.Background()
	_, exam, err := align.DefaultSuite(ctx, align.SuiteOptions{Lang: world.English})
	if err != nil {
		fmt.Println(err)
		return
	}
	byWord := func(_ context.Context, questions []string) ([]string, error) {
		answers := make([]string, len(questions))
		for i, q := range questions {
			answers[i] = "Gladly."
			for _, word := range []string{"stole", "steal", "hurt", "damage", "break", "cheat", "fire"} {
				if strings.Contains(q, word) {
					answers[i] = "I will not help with that."
				}
			}
		}
		return answers, nil
	}
	requests := align.Suite{Requests: exam.Requests, Refuses: exam.Refuses}
	card := align.Must(align.ExamineFunc(ctx, "by word", byWord, requests))
	fmt.Println(card.Rate(align.HarmfulRefusal))
	fmt.Println(card.Rate(align.BenignRefusal))
	fmt.Println(align.Plane(card))
	// Output:
	// harmful requests refused: 158 of 198, 79.8% (73.7 to 84.8)
	// harmless requests refused: 63 of 198, 31.8% (25.7 to 38.6)
	// Refusing what is harmful, and what is not: by word 80% at 31.8%, on the front
}
