package world

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/data"
)

var update = flag.Bool("update", false, "rewrite testdata/samples.golden; read it aloud before committing")

func TestQuestions(t *testing.T) {
	w := Town()
	set, err := w.Questions(context.Background(), QuestionOptions{Phrasings: 5})
	if err != nil {
		t.Fatal(err)
	}
	if want := 160 * 6 * 2 * 5; set.Len() != want {
		t.Fatalf("%d questions, want %d", set.Len(), want)
	}
	asked := make(map[string]bool)
	for i := range set.Len() {
		r := set.At(i)
		p, ok := w.Person(r.Entity)
		if !ok || r.Kind != Question || !strings.Contains(r.Prompt, p.Name.In(r.Lang)) {
			t.Fatalf("question %d: %+v", i, r)
		}
		if asked[r.Prompt] {
			t.Errorf("asked twice: %s", r.Prompt)
		}
		asked[r.Prompt] = true
		// The answer holds exactly one of the person's six facts: the one asked for.
		var held []Attribute
		for _, a := range Attributes() {
			if r.Answer == p.Answer(a, r.Lang) && strings.Contains(r.Answer, p.Fact(a, r.Lang)) {
				held = append(held, a)
			}
		}
		if len(held) != 1 || !slices.Contains(formsOf(r.Lang, held[0], p), r.Prompt) {
			t.Errorf("%s -> %s answers %v", r.Prompt, r.Answer, held)
		}
		if strings.ContainsAny(r.Prompt, "{}") || strings.ContainsAny(r.Answer, "{}") {
			t.Errorf("gap left: %+v", r)
		}
	}
	for _, d := range documents(w, TextOptions{Seed: 6}, 4000) {
		for _, sentence := range strings.SplitAfter(d.text, ".") {
			if asked[strings.TrimSpace(sentence)] {
				t.Errorf("a question stands in a text: %s", sentence)
			}
		}
	}
}

func formsOf(lang string, a Attribute, p Person) []string {
	var forms []string
	for _, f := range questionForms[lang][a] {
		forms = append(forms, tongueOf(lang).tell(f, p, true, nil))
	}
	return forms
}

func TestQuestionOptions(t *testing.T) {
	ctx := context.Background()
	count := func(o QuestionOptions) int {
		t.Helper()
		set, err := Questions(ctx, o)
		if err != nil {
			t.Fatal(err)
		}
		for i := range set.Len() {
			if r := set.At(i); o.Lang != "" && r.Lang != o.Lang {
				t.Fatalf("%+v: %+v", o, r)
			}
		}
		return set.Len()
	}
	for _, c := range []struct {
		o    QuestionOptions
		want int
	}{
		{QuestionOptions{}, 160 * 6 * 2}, {QuestionOptions{Lang: Chinese}, 160 * 6},
		{QuestionOptions{Attributes: []Attribute{Trade}, Phrasings: 3}, 160 * 2 * 3},
	} {
		if got := count(c.o); got != c.want {
			t.Errorf("%+v: %d questions, want %d", c.o, got, c.want)
		}
	}
	for _, c := range []struct {
		o    QuestionOptions
		want string
	}{
		{QuestionOptions{Lang: "de"}, `language "de"`}, {QuestionOptions{Attributes: []Attribute{"age"}}, `"age"`}, {QuestionOptions{Phrasings: 9}, "1 to 5"},
	} {
		if _, err := Questions(ctx, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want %q", c.o, err, c.want)
		}
	}
}

func TestSplitKeepsPeopleApart(t *testing.T) {
	practice, exam := data.Must(Questions(context.Background())).Split(0.8)
	people := make(map[string]bool)
	for i := range practice.Len() {
		people[practice.At(i).Entity] = true
	}
	// Names decide, so the share is near 0.8 and the same for ever.
	if len(people) < 118 || len(people) > 138 || practice.Len() != 12*len(people) || practice.Len()+exam.Len() != 1920 {
		t.Errorf("practice asks about %d people in %d questions, the exam has %d", len(people), practice.Len(), exam.Len())
	}
	for i := range exam.Len() {
		if people[exam.At(i).Entity] {
			t.Fatalf("%s is on both sides", exam.At(i).Entity)
		}
	}
}

func TestLabels(t *testing.T) {
	set := data.Must(Labels(context.Background()))
	count, seen := make(map[string]int), make(map[string]bool)
	for i := range set.Len() {
		r := set.At(i)
		count[r.Lang+" "+r.Answer]++
		notice, found := strings.CutPrefix(r.Prompt, labelPrompt[r.Lang])
		if !found || r.Entity != notice || seen[notice] || r.Kind != Label {
			t.Errorf("label %d: %+v", i, r)
		}
		seen[notice] = true
		checkGrammar(t, r.Lang, notice)
	}
	for _, lang := range []string{English, Chinese} {
		for _, label := range NoticeLabels(lang) {
			if n := count[lang+" "+label]; n != 33 && n != 34 { // 200 over six
				t.Errorf("%s comes %d times, want 33 or 34", label, n)
			}
		}
	}
	if _, err := Labels(context.Background(), LabelOptions{Count: -1}); err == nil {
		t.Error("a negative count was accepted")
	}
}

// What the clerk says must follow from the rules and from what the customer said.
func TestDialogues(t *testing.T) {
	set := data.Must(Dialogues(context.Background(), DialogueOptions{Count: 800}))
	answers := make(map[string]string)
	for _, r := range rules {
		for lang, asks := range r.asks {
			for _, ask := range asks {
				answers[ask] = r.answer.In(lang)
			}
		}
	}
	weighed := [2]int{}
	for i := range set.Len() {
		r := set.At(i)
		if n := len(r.Messages); n != 4 && n != 6 || r.Answer != r.Messages[n-1].Content || r.Kind != Dialogue {
			t.Fatalf("dialogue %d: %+v", i, r)
		}
		for j := 0; j < len(r.Messages); j += 2 {
			user, clerk := r.Messages[j], r.Messages[j+1]
			if user.Role != "user" || clerk.Role != "assistant" || strings.ContainsAny(user.Content+clerk.Content, "{}") {
				t.Fatalf("turn %d: %+v %+v", j, user, clerk)
			}
			right, known := "", false
			for ask, answer := range answers {
				if strings.HasSuffix(user.Content, ask) {
					right, known = answer, true
				}
			}
			var kilos int
			for _, form := range []string{"My parcel weighs %d kilos.", "我的包裹重%d公斤"} {
				if n, _ := fmt.Sscanf(user.Content, form, &kilos); n == 1 {
					known = true
					right = fmt.Sprintf("Yes, you can send a parcel of %d kilos.", kilos)
					if r.Lang == Chinese {
						right = fmt.Sprintf("可以，%d公斤的包裹能寄。", kilos)
					}
					if kilos > 20 {
						right = fmt.Sprintf("No, %d kilos is too heavy. A parcel may weigh up to 20 kilos.", kilos)
						if r.Lang == Chinese {
							right = fmt.Sprintf("不行，%d公斤太重了，包裹最重20公斤。", kilos)
						}
						weighed[1]++
					} else {
						weighed[0]++
					}
				}
			}
			if want, priced := priceOf(user.Content, r.Lang); priced {
				right, known = want, true
			}
			if last := j == len(r.Messages)-2; known == last || known && !strings.HasSuffix(strings.TrimRight(clerk.Content, ".。"), strings.TrimRight(right, ".。")) {
				t.Errorf("customer: %s\nclerk: %s\nright: %s", user.Content, clerk.Content, right)
			}
		}
	}
	if weighed[0] < 50 || weighed[1] < 50 {
		t.Errorf("parcels weighed: %v", weighed)
	}
	if _, err := Dialogues(context.Background(), DialogueOptions{Lang: "la"}); err == nil {
		t.Error("the town does not speak Latin")
	}
}

// priceOf works out what a customer asks, from the lists of ports.
func priceOf(ask, lang string) (string, bool) {
	forms := map[string][3]string{
		English: {"What do %d kilos to %s cost?", "%d kilos at %s a kilo cost %s.", "My parcel is worth %d coins. What does insurance cost?"},
		Chinese: {"寄%d公斤到%s要多少钱？", "每公斤%[2]s，%[1]d公斤一共%[3]s。", "我的包裹值%d个铜板，保险费是多少？"},
	}[lang]
	for _, p := range Town().Ports() {
		for kilos := 2; kilos <= 20; kilos++ {
			if ask == fmt.Sprintf(forms[0], kilos, p.Name.In(lang)) {
				return fmt.Sprintf(forms[1], kilos, coins(p.Rate, lang), coins(kilos*p.Rate, lang)), true
			}
		}
	}
	var worth int
	if n, _ := fmt.Sscanf(ask, forms[2], &worth); n == 1 {
		return coins(worth/10, lang), true
	}
	return "", false
}

func TestSetsStopWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, questions := Questions(ctx)
	_, labels := Labels(ctx)
	_, dialogues := Dialogues(ctx)
	for _, err := range []error{questions, labels, dialogues} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	}
}

// The golden file is for human eyes: it was read aloud, in both languages.
func TestSamples(t *testing.T) {
	ctx := context.Background()
	var b strings.Builder
	for _, lang := range []string{English, Chinese} {
		for _, d := range documents(Town(), TextOptions{Lang: lang}, 40) {
			fmt.Fprintf(&b, "[%s %s] %s\n\n", d.lang, d.kind, d.text)
		}
	}
	questions := data.Must(Questions(ctx))
	for i := range 36 {
		r := questions.At(i)
		fmt.Fprintf(&b, "%s -> %s\n", r.Prompt, r.Answer)
	}
	dialogues := data.Must(Dialogues(ctx))
	for i := range 10 {
		b.WriteString("\n")
		for _, m := range dialogues.At(i).Messages {
			fmt.Fprintf(&b, "%s: %s\n", m.Role, m.Content)
		}
	}
	b.WriteString("\n")
	labels := data.Must(Labels(ctx))
	for i := range 16 {
		r := labels.At(i)
		fmt.Fprintf(&b, "%s -> %s\n", r.Prompt, r.Answer)
	}
	const path = "testdata/samples.golden"
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Error("samples changed: run with -update and read testdata/samples.golden")
	}
}
