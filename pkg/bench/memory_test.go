//go:build linux && !race

package bench

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
)

// asProgram makes this test program one that ServeMemory belongs to.
const asProgram = "TUNEBOOK_TEST_BENCH"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		if err := ServeMemory(context.Background(), os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// What steps hold is what the plan and the optimizer say; the runtime takes some more. Full tuning has the base beside the copy
// of it that moves, LoRA has not.
func TestResidentIsWhatIsPlanned(t *testing.T) {
	t.Setenv(asProgram, "1")
	o := Options{Match: "d128", Methods: "full,lora", Rounds: 1, Seconds: 0.001, Program: []string{os.Args[0]}}
	results, err := Adapt(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		want := float64(r.Bytes)
		if r.Method == "full" {
			want += 4 * float64(r.Params)
		}
		t.Logf("%s: planned %.1f MB, resident %.1f MB", r.Method, want/1e6, float64(r.Resident)/1e6)
		if float64(r.Resident) < 0.85*want || float64(r.Resident) > 1.25*want {
			t.Errorf("%s: %d bytes are resident, want about %.0f", r.Method, r.Resident, want)
		}
	}
}

// The other side is asked for the memory of each variant that runs, in a process of its own, and the least counts.
func TestMemoryOfTheOtherSide(t *testing.T) {
	t.Setenv(asProgram, "1")
	ctx := context.Background()
	o := Options{Models: []Model{little}, Methods: "dora", Rounds: 1, Seconds: 0.001, Program: []string{os.Args[0]}}
	plain, err := o.withDefaults(1)
	if err != nil {
		t.Fatal(err)
	}
	first, err := plain.adapted(ctx, little, methods()[2])
	if err != nil {
		t.Fatal(err)
	}
	if err := first.step(ctx); err != nil {
		t.Fatal(err)
	}
	o.Torch = program(t, hello+fmt.Sprintf(`while read line; do
  case "$line" in
  *prepare*) echo '{"variant": "b", "tried": {"a": 2, "b": 1, "c": "no compiler"}, "params": %d, "trained": %d, "loss": %g, "norm": %g}';;
  *memory*'"only":"a"'*'"method":"dora","library":"peft","rank":8,"alpha":16,"reduction":16,"adapter":'*) echo '{"bytes": 300}';;
  *memory*'"only":"b"'*) echo '{"bytes": 500}';;
  *memory*) echo '{"error": "asked for a variant that does not run"}';;
  *) echo '{"times": [1]}';;
  esac
done
`, first.count(), first.fit.Trainable(), first.first, first.norm))
	results, err := Adapt(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	r := results[0]
	if r.Torch == nil || r.Torch.Resident != 300 || len(r.Torch.Residents) != 2 || r.Torch.Library != "peft" || r.Torch.MemoryOver != 300/float64(r.Resident) {
		t.Errorf("%+v", r.Torch)
	}
}

func TestOrdersOfMemoryThatMakeNoSense(t *testing.T) {
	for text, want := range map[string]string{"": "reads an order from standard input", `{"Method": "magic"}`: `no method contains \"magic\"`} {
		var out strings.Builder
		err := ServeMemory(context.Background(), strings.NewReader(text), &out)
		if said := fmt.Sprint(err, out.String()); !strings.Contains(said, want) {
			t.Errorf("%q: %s, want something with %q", text, said, want)
		}
	}
}
