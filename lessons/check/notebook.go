package check

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Notebook checks the exercises of lesson 00.
type Notebook struct {
	Lang string // of the messages: "zh", or English; empty means that of the notebook
}

func (n Notebook) say(english, chinese string) string { return pick(n.Lang, english, chinese) }

// Characters checks how many characters a learner has counted in text. It panics with what is off.
func (n Notebook) Characters(text string, counted int) Passed {
	want := utf8.RuneCountInString(text)
	return All(Number{
		Name: n.say("the number of characters", "字符的个数"), Got: float64(counted), Want: float64(want), Within: 0.5, Lang: n.Lang,
		Traps: []Trap{
			{float64(len(text)), n.say("That is the number of bytes, which is what len counts in a string. A Chinese character takes three.",
				"这是字节数：len 对字符串数的是字节，一个汉字占三个。")},
			{float64(len(strings.Fields(text))), n.say("That is the number of words between spaces.", "这是按空格分开的词数。")},
			{float64(want - strings.Count(text, " ")), n.say("Spaces count, too.", "空格也算字符。")},
		},
		See: n.say("range over a string goes character by character, s[i] goes byte by byte.", "用 range 走一遍字符串是逐字符的，s[i] 是逐字节的。"),
	})
}

// Stops checks that a learner's function returns soon after its context is cancelled, and not before. It panics with
// what is off.
func (n Notebook) Stops(work func(context.Context) int) Passed {
	return All(stops{n, work})
}

// stops is the [Test] of Stops.
type stops struct {
	Notebook
	work func(context.Context) int
}

var (
	_ Test = stops{}

	errStopped = errors.New("interrupted by the check") // as a learner's interrupt would
)

const (
	runs = 200 * time.Millisecond // before the interrupt
	soon = 500 * time.Millisecond // after it
)

// Check runs the function, interrupts it and waits.
func (s stops) Check() error {
	see := s.say("the loop of the section “Stop it”: it looks at ctx.Err() once a turn.", "“停下来”一节里的循环：每转一圈看一次 ctx.Err()。")
	w := of(s.Lang)
	if s.work == nil {
		return w.untried(see, "%s", s.say("there is no function.", "还没有函数。"))
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	type outcome struct {
		count int
		fault any
	}
	done := make(chan outcome, 1)
	go func() {
		defer func() {
			if fault := recover(); fault != nil {
				done <- outcome{fault: fault}
			}
		}()
		done <- outcome{count: s.work(ctx)}
	}()
	early := true
	var o outcome
	select {
	case o = <-done:
	case <-time.After(runs):
		early = false
		cancel(errStopped)
		select {
		case o = <-done:
		case <-time.After(soon):
			// As the exercise leaves it.
			return w.untried(see, "%s", s.say("half a second after the interrupt it is still at work.", "打断之后过了半秒，它还在干活。"))
		}
	}
	switch {
	case o.fault != nil:
		return w.failure(see, "%s", fmt.Sprintf(s.say("the function panicked: %v.", "函数崩溃了：%v。"), o.fault))
	case early:
		return w.failure(see, "%s", s.say("it was done before anybody interrupted it. Let it count until ctx says stop.", "还没有人打断，它就结束了。让它一直数到 ctx 说停。"))
	case o.count <= 0:
		return w.failure(see, "%s", fmt.Sprintf(s.say("it stopped in time and returned %d. It should return how far it came.", "它及时停下了，却返回 %d；应该返回数到了几。"), o.count))
	}
	return nil
}

// String is what held.
func (s stops) String() string {
	return s.say("it works until it is interrupted, and then stops", "一直干到被打断，然后马上停下")
}
