//go:build unix

package feedback

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// child starts a rater in a process of its own.
func child(t *testing.T, path, rater string, votes int, pause time.Duration) (*exec.Cmd, io.Closer, *bufio.Scanner) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), exe)
	c.Env = append(os.Environ(), fmt.Sprintf("%s=%s|%s|%d|%s", childVotes, path, rater, votes, pause))
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := c.StdinPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return c, in, bufio.NewScanner(out)
}

// A process that collects is killed by SIGKILL, wherever it is, five times on one file: every vote that was acknowledged before is
// there, none is there twice, and the next process asks for the rest.
func TestKilledWhileCollecting(t *testing.T) {
	const votes = 4000
	path := file0(t)
	kept := map[string]bool{}
	for round := range 5 {
		c, _, out := child(t, path, "ann", votes, 0)
		for range 3 + 5*round {
			if !out.Scan() || !strings.HasPrefix(out.Text(), "kept ") {
				t.Fatalf("round %d: it says %q", round, out.Text())
			}
			kept[strings.TrimPrefix(out.Text(), "kept ")] = true
		}
		time.Sleep(time.Duration(137*round) * time.Microsecond)
		if err := c.Process.Kill(); err != nil { // SIGKILL
			t.Fatal(err)
		}
		for out.Scan() { // said before it died
			if !strings.HasPrefix(out.Text(), "kept ") {
				t.Fatalf("round %d: it ended by itself: %q", round, out.Text())
			}
			kept[strings.TrimPrefix(out.Text(), "kept ")] = true
		}
		_ = c.Wait()
		if state := c.ProcessState.String(); !strings.Contains(state, "killed") {
			t.Fatalf("it ended by itself: %s", state)
		}
		in := map[string]int{}
		p := open(t, path, Options{})
		for _, b := range p.Ballots() {
			in[strings.TrimPrefix(b.Item.ID, "q")]++
			if d := cmp.Diff([][]int{{b.Order[1]}, {b.Order[0], b.Order[2]}}, b.Ranking); d != "" {
				t.Errorf("round %d: %s", round, d)
			}
		}
		for item, n := range in {
			if n != 1 {
				t.Errorf("round %d: the vote on %s is there %d times", round, item, n)
			}
		}
		for item := range kept {
			if in[item] == 0 {
				t.Errorf("round %d: the vote on %s was acknowledged and is lost", round, item)
			}
		}
		if len(in) > len(kept)+1+round { // a kill may come between a vote and the word that it is kept
			t.Errorf("round %d: %d votes, %d acknowledged", round, len(in), len(kept))
		}
		if notes := p.Warnings(); notes != nil && !strings.HasPrefix(notes[0], "the last line was torn") {
			t.Errorf("round %d: %q", round, notes)
		}
	}
	n := len(open(t, path, Options{}).Ballots())
	s, k := collect(t, open(t, path, Options{}), n+2, "1 2 3", "1 2 3")
	if s.Known != n || s.Voted != 2 || len(k.asked) != 2 {
		t.Errorf("%d votes, then %+v, asked %d times", n, s, len(k.asked))
	}
}

// Two processes write to one file at once: every vote of both is there, whole and once.
func TestTwoWriters(t *testing.T) {
	const votes = 80
	path := file0(t)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	ann, begin, said := child(t, path, "ann", votes, 200*time.Microsecond)
	ben, start, too := child(t, path, "ben", votes, 200*time.Microsecond)
	for _, out := range []*bufio.Scanner{said, too} {
		if !out.Scan() || out.Text() != "ready" {
			t.Fatalf("it says %q", out.Text())
		}
	}
	begin.Close()
	start.Close()
	for _, out := range []*bufio.Scanner{said, too} {
		last := ""
		for out.Scan() {
			last = out.Text()
		}
		if last != "end <nil>" {
			t.Errorf("it ended with %q", last)
		}
	}
	for _, c := range []*exec.Cmd{ann, ben} {
		if err := c.Wait(); err != nil {
			t.Error(err)
		}
	}
	all, warnings, err := Load(ctx, path)
	if err != nil || warnings != nil || len(all) != 2*votes {
		t.Fatalf("%d votes, %v, %v", len(all), warnings, err)
	}
	turns := 0
	for i := range all[1:] {
		if all[i].Rater != all[i+1].Rater {
			turns++
		}
	}
	if turns < 2 {
		t.Errorf("the writers took %d turns: they were not there at once", turns+1)
	}
	if a, b := all.Current().By("ann"), all.Current().By("ben"); len(a) != votes || len(b) != votes {
		t.Errorf("%d and %d count, want %d of each", len(a), len(b), votes)
	}
}
