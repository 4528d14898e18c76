package session

import "testing"

// TestEachGoroutineRunsItsOwnCode starts many goroutines from one place while earlier ones end. Each must run once, with
// the variables of its own iteration.
func TestEachGoroutineRunsItsOwnCode(t *testing.T) {
	for name, begin := range map[string]string{
		"go":                  "wait.Add(1); go func() { defer wait.Done(); ran[i]++ }()",
		"go with an argument": "wait.Add(1); go func(n int) { defer wait.Done(); ran[n]++ }(i)",
		"wait group":          "wait.Go(func() { ran[i]++ })",
		"a variable":          "f := func() { ran[i]++ }; wait.Go(f)",
	} {
		t.Run(name, func(t *testing.T) {
			s := newSession(t)
			got := output(s, `wrong := 0
for range 1000 {
	var wait sync.WaitGroup
	ran := make([]int, 20)
	for i := range ran { `+begin+` }
	wait.Wait()
	for _, n := range ran { if n != 1 { wrong++ } }
}
wrong`)
			if got != "0" {
				t.Errorf("%s goroutines of 20000 ran not once", got)
			}
		})
	}
}
