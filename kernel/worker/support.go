package worker

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"reflect"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/traefik/yaegi/interp"

	"github.com/tunebook/tunebook/kernel/display"
)

// supportPath is the import path of what lowered code calls.
const supportPath = "tunebook/runtime"

// support is the package that lowered code imports; the text that calls it is written by kernel/session/lower.
func (e *engine) support() interp.Exports {
	symbols := map[string]reflect.Value{
		"Methods": reflect.ValueOf((*display.Methods)(nil)),
		"Stdin":   reflect.ValueOf(io.Reader(&question{e})),
	}
	for name, f := range map[string]any{
		"Show": e.show, "ShowResults": e.showResults, "Display": display.Display, "At": e.trace.at, "Context": e.context, "GoroutinePanic": e.goroutinePanic, "SetVariable": e.setVariable,
		"Sleep": e.sleep, "Wait": e.wait, "Lock": e.lock, "ReadLock": e.readLock,
		"Scan": e.scan, "Scanln": e.scanln, "Scanf": e.scanf,
		"Use": use, "Clear": clearValue, "Decode": decode, "Shift": shift, "SameChannel": sameChannel, "CloneMap": cloneMap,
		"MinFloat": math.Min, "MaxFloat": math.Max, "HasMethods": hasMethods, "Marshal": marshal, "Execute": execute,
		"String": asStringer, "Error": asError,
		"Recovered": goPanic, "Throw": e.throw, "Inside": inside, "Failure": newFailure, "Equal": equal, "ErrorIs": errorIs, "ErrorChain": errorChain, "ErrorUnwrap": errorUnwrap, "NilPanic": nilPanic, "NilPointer": nilPointer, "RangeDone": rangeDone, "NotA": notA,
		"Print": printValues, "Println": printLine, "Interface": boxed,
		"UnsafeString": unsafeString, "UnsafeStringData": unsafeStringData, "UnsafeSlice": unsafeSlice, "UnsafeSliceData": unsafeSliceData,
	} {
		symbols[name] = reflect.ValueOf(f)
	}
	return interp.Exports{supportPath + "/tb": symbols}
}

func use(any) {}

func clearValue(v any) { reflect.ValueOf(v).Clear() }

func decode(s string, i int) (rune, int) { return utf8.DecodeRuneInString(s[i:]) }

func shift(n int64) uint {
	if n < 0 {
		panic(fault("negative shift amount"))
	}
	return uint(n)
}

func sameChannel(a, b any) bool { return reflect.ValueOf(a).Pointer() == reflect.ValueOf(b).Pointer() }

func cloneMap(m any) any {
	v := reflect.ValueOf(m)
	if v.IsNil() {
		return m
	}
	c := reflect.MakeMapWithSize(v.Type(), v.Len())
	for it := v.MapRange(); it.Next(); {
		c.SetMapIndex(it.Key(), it.Value())
	}
	return c.Interface()
}

// hasMethods says whether compiled code sees methods of v, so that its assertions to interfaces can be trusted.
func hasMethods(v any) bool { return v != nil && reflect.TypeOf(v).NumMethod() > 0 }

// setVariable sets a variable of a compiled package itself; the interpreter would set a copy.
func (e *engine) setVariable(path, name string, value any) {
	p, ok := e.load(path)
	if !ok {
		panic(fmt.Errorf("no package %q", path))
	}
	v := p.Symbols[name]
	if value == nil {
		v.SetZero()
		return
	}
	v.Set(reflect.ValueOf(value).Convert(v.Type()))
}

// sleep, wait and lock are the waiting functions of the standard library that an interrupt ends early. The interpreted
// code after them is then held back by the brake.
func (e *engine) sleep(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-e.context().Done():
	}
}

func (e *engine) wait(g *sync.WaitGroup) {
	e.until(g.Wait)
}

func (e *engine) until(block func()) {
	done := make(chan struct{})
	go func() {
		block()
		close(done)
	}()
	select {
	case <-done:
	case <-e.context().Done():
	}
}

func (e *engine) lock(l sync.Locker) {
	t, ok := l.(interface{ TryLock() bool })
	if !ok {
		l.Lock()
		return
	}
	poll(e.context(), t.TryLock)
}

func (e *engine) readLock(l *sync.RWMutex) { poll(e.context(), l.TryRLock) }

// poll tries again after growing pauses: a mutex has no channel to wait on.
func poll(ctx context.Context, try func() bool) {
	for pause := time.Microsecond; !try(); pause = min(2*pause, 2*time.Millisecond) {
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
	}
}

func unsafeString(p *byte, n int) string { return unsafe.String(p, n) }

func unsafeStringData(s string) *byte { return unsafe.StringData(s) }

func unsafeSlice(p any, n int) any {
	v := reflect.ValueOf(p)
	switch {
	case v.IsNil() && n == 0:
		return reflect.Zero(reflect.SliceOf(v.Type().Elem())).Interface()
	case n < 0 || v.IsNil():
		panic(fault("unsafe.Slice: len out of range"))
	}
	return reflect.NewAt(reflect.ArrayOf(n, v.Type().Elem()), v.UnsafePointer()).Elem().Slice(0, n).Interface()
}

func unsafeSliceData(s any) any {
	v := reflect.ValueOf(s)
	return reflect.NewAt(v.Type().Elem(), v.UnsafePointer()).Interface()
}

// question is standard input: reading from it asks the learner.
type question struct{ e *engine }

func (q *question) Read(p []byte) (int, error) {
	q.e.mu.Lock()
	waiting := q.e.input
	q.e.mu.Unlock()
	if waiting == "" {
		line, err := q.e.owner.Ask("", false)
		if err != nil {
			q.e.refuse(err)
			return 0, err
		}
		waiting = line + "\n"
	}
	n := copy(p, waiting)
	q.e.mu.Lock()
	q.e.input = waiting[n:]
	q.e.mu.Unlock()
	return n, nil
}

// refuse ends the running cell because nobody can be asked. Programs seldom look at the error of a Scan, so a cell that
// went on would compute with what nobody typed.
func (e *engine) refuse(why error) {
	e.mu.Lock()
	ctx := e.ctx
	if ctx.Err() == nil && e.refused == nil {
		e.refused = why
	}
	e.mu.Unlock()
	go e.interrupt()
	<-ctx.Done()
}

func (e *engine) scan(a ...any) (int, error)   { return fmt.Fscan(&question{e}, a...) }
func (e *engine) scanln(a ...any) (int, error) { return fmt.Fscanln(&question{e}, a...) }
func (e *engine) scanf(format string, a ...any) (int, error) {
	return fmt.Fscanf(&question{e}, format, a...)
}

func printValues(a ...any) {
	var b strings.Builder
	for _, v := range a {
		b.WriteString(printed(v))
	}
	_, _ = os.Stderr.WriteString(b.String())
}

func printLine(a ...any) {
	parts := make([]string, len(a))
	for i, v := range a {
		parts[i] = printed(v)
	}
	_, _ = os.Stderr.WriteString(strings.Join(parts, " ") + "\n")
}
