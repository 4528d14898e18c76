package feedback

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// childVotes makes the test binary a rater who votes on and on: file|rater|votes|pause. With a pause before each vote it says that
// it is ready and waits for the end of its input.
const childVotes = "TUNEBOOK_TEST_VOTES"

func TestMain(m *testing.M) {
	if job := os.Getenv(childVotes); job != "" {
		part := strings.Split(job, "|")
		n, err := strconv.Atoi(part[2])
		if err != nil {
			panic(err)
		}
		pause, err := time.ParseDuration(part[3])
		if err != nil {
			panic(err)
		}
		p, err := Open(part[0], Options{Rater: part[1]})
		if err == nil {
			if pause > 0 {
				fmt.Println("ready")
				_, _ = io.Copy(io.Discard, os.Stdin)
			}
			_, err = p.Collect(ctx, items(n), &eager{pause: pause})
		}
		fmt.Println("end", err)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// eager is a person who answers at once, and says on standard output which vote has been taken: that the next question has come
// is the word that the vote before is kept.
type eager struct {
	before string
	pause  time.Duration
}

func (e *eager) Put(_ context.Context, q Question) (Answer, error) {
	if e.before != "" {
		fmt.Println("kept", e.before)
	}
	e.before = strings.TrimPrefix(q.Prompt, "Question ")
	time.Sleep(e.pause)
	return Ranked([]int{1}, []int{0, 2}), nil
}
