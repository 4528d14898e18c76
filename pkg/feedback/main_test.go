package feedback

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
)

// childVotes makes the test binary a rater who votes on and on: file|rater|votes.
const childVotes = "TUNEBOOK_TEST_VOTES"

func TestMain(m *testing.M) {
	if job := os.Getenv(childVotes); job != "" {
		part := strings.Split(job, "|")
		var n int
		if _, err := fmt.Sscan(part[2], &n); err != nil {
			panic(err)
		}
		p, err := Open(part[0], Options{Rater: part[1]})
		if err == nil {
			_, err = p.Collect(ctx, items(n), &eager{})
		}
		fmt.Println("end", err)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// eager is a person who answers at once, and says on standard output which vote has been taken: that the next question has come
// is the word that the vote before is kept.
type eager struct{ before string }

func (e *eager) Put(_ context.Context, q Question) (Answer, error) {
	if e.before != "" {
		fmt.Println("kept", e.before)
	}
	e.before = strings.TrimPrefix(q.Prompt, "Question ")
	return Ranked([]int{1}, []int{0, 2}), nil
}
