//go:build unix

package compare

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// waitToBeKilled runs a study until one run is finished and the next is in the middle, says so and never ends.
func waitToBeKilled() {
	part := strings.Split(os.Getenv(killedIn), "|") // folder of the files, study's folder, apart
	c, err := ParseConfig([]byte(long), part[0])
	if err == nil {
		var s Study
		if s, err = c.Study(context.Background()); err == nil {
			s.Dir = part[1]
			if part[2] == "true" {
				exe, _ := os.Executable()
				os.Setenv(serveRuns, "1")
				s.Program = []string{exe}
			}
			_, err = Run(context.Background(), s, func(now Snapshot) {
				for _, r := range now.Runs {
					if r.Phase == Training && r.Step > 250 && r.Step < r.Steps && now.Count(Finished) > 0 {
						fmt.Println("now")
						select {}
					}
				}
			})
		}
	}
	fmt.Println("ended", err)
	os.Exit(1)
}

// A comparison that is killed by SIGKILL in the middle of a run, after a finished one, and started again ends with the report
// of one that nobody disturbed, down to the bits of the models: with runs in its own process and in others.
func TestKilledInTheMiddle(t *testing.T) {
	dir := small(t)
	want := bits(t, mustRun(t, study(t, dir, long), nil))
	for _, apart := range []bool{false, true} {
		t.Run(fmt.Sprintf("apart %v", apart), func(t *testing.T) {
			s := study(t, dir, long)
			exe, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			child := exec.CommandContext(t.Context(), exe)
			child.Env = append(os.Environ(), fmt.Sprintf("%s=%s|%s|%v", killedIn, dir, s.Dir, apart))
			out, err := child.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := child.Start(); err != nil {
				t.Fatal(err)
			}
			line, err := bufio.NewReader(out).ReadString('\n')
			if err != nil || line != "now\n" {
				t.Fatalf("it says %q, %v", line, err)
			}
			if err := child.Process.Kill(); err != nil { // SIGKILL
				t.Fatal(err)
			}
			_ = child.Wait()
			if state := child.ProcessState.String(); !strings.Contains(state, "killed") {
				t.Fatalf("it ended by itself: %s", state)
			}
			if apart { // the run's own process saves itself when nobody listens any more
				time.Sleep(300 * time.Millisecond)
				s.Program = program(t)
			}
			var count trained
			r := mustRun(t, s, count.watch)
			resumed := 0
			for _, m := range r.Methods {
				for _, run := range m.Runs {
					if run.Resumed {
						resumed++
					}
				}
			}
			if count.known == 0 || count.made == 0 || resumed != 1 {
				t.Errorf("%d known, %d trained, %d of them went on: want some of both and one", count.known, count.made, resumed)
			}
			if got := bits(t, r); got != want {
				t.Errorf("another report\n%s\nwant\n%s", got, want)
			}
			if !strings.Contains(r.String(), "went on after an interruption") {
				t.Errorf("the report does not say that a run was interrupted:\n%s", r)
			}
		})
	}
}
