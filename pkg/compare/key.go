package compare

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/train"
)

// layout is the version of what an entry holds and how it is measured: a change of either makes it another one.
const layout = 1

// errUnkeyable says that something has no content that two processes could compare.
var errUnkeyable = errors.New("it holds a function")

// hasher makes keys. It keeps what was hashed before: jobs share their models and data.
type hasher struct {
	models map[*model.Model]string
	sets   map[*data.Record]string // by the first record; sets of a study are not changed while it runs
}

func newHasher() *hasher {
	return &hasher{map[*model.Model]string{}, map[*data.Record]string{}}
}

// key is that of a run: a hash of all that its result depends on, in the lines of settings.
func (h *hasher) key(s *Study, j train.Job, seed uint64) (key string, err error) {
	lines, err := h.settings(s, j, seed)
	if err != nil {
		return "", fmt.Errorf("job %q: %w", j.Name, err)
	}
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:16]), nil
}

func (h *hasher) settings(s *Study, j train.Job, seed uint64) ([]string, error) {
	if j.Adapt == nil {
		j.Adapt = adapt.Full()
	}
	how, err := h.describe(reflect.ValueOf(j.Method))
	if err != nil {
		return nil, fmt.Errorf("method %s: %w", j.Method.Name(), err)
	}
	schedule, err := h.describe(reflect.ValueOf(j.Schedule))
	if err != nil {
		return nil, fmt.Errorf("schedule: %w", err)
	}
	lines := append(h.exam(s, j.Model),
		"method "+j.Method.Name()+" "+how,
		"adapt "+j.Adapt.Name()+": "+j.Adapt.String(), // holds every setting, as Adaptation asks for
		"data "+h.set(j.Data), "eval "+h.set(j.Eval),
		"schedule "+schedule, fmt.Sprintf("seed %d", seed))
	for _, f := range []struct {
		name  string
		value any
	}{{"steps", j.Steps}, {"lr", j.LR}, {"batch", j.Batch}, {"accumulate", j.Accumulate}, {"length", j.Length}, {"eval every", j.EvalEvery},
		{"recompute", j.Recompute}, {"products", j.Products}, {"weight decay", j.WeightDecay}, {"clip", j.Clip}} {
		lines = append(lines, fmt.Sprintf("%s %v", f.name, f.value))
	}
	return lines, nil
}

// exam are the lines that the marks of any model of a study depend on.
func (h *hasher) exam(s *Study, m *model.Model) []string {
	return []string{"engine " + engine(), fmt.Sprintf("layout %d", layout), "kernels " + cpu.Default().Level().String(), "model " + h.model(m),
		"exam " + h.set(s.Exam), "text " + h.set(s.Text), "known " + h.set(s.Known)}
}

// baseKey is that of the marks of a model before training.
func (h *hasher) baseKey(s *Study, m *model.Model) string {
	sum := sha256.Sum256([]byte("before\n" + strings.Join(h.exam(s, m), "\n")))
	return hex.EncodeToString(sum[:16])
}

func (h *hasher) model(m *model.Model) string {
	if m == nil {
		return "none"
	}
	if _, ok := h.models[m]; !ok {
		sum := sha256.New()
		fmt.Fprintf(sum, "%+v\n%s\n", m.Config, m.Hash())
		if m.Tokenizer != nil {
			sum.Write(m.Tokenizer.JSON())
		}
		h.models[m] = hex.EncodeToString(sum.Sum(nil))
	}
	return h.models[m]
}

func (h *hasher) set(set data.Set) string {
	if len(set) == 0 {
		return "none"
	}
	if _, ok := h.sets[&set[0]]; !ok {
		h.sets[&set[0]] = hashSet(set)
	}
	return fmt.Sprintf("%s of %d", h.sets[&set[0]], len(set))
}

func hashSet(set data.Set) string {
	sum := sha256.New()
	e := json.NewEncoder(sum)
	for _, r := range set {
		_ = e.Encode(r) // strings and numbers into memory: nothing can fail
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// describe is the content of a value: equal contents give equal texts, in any process.
func (h *hasher) describe(v reflect.Value) (string, error) {
	if !v.IsValid() {
		return "nil", nil
	}
	if v.CanInterface() {
		switch x := v.Interface().(type) {
		case *model.Model:
			return "model " + h.model(x), nil
		case adapt.Adaptation:
			return "adapt " + x.Name() + ": " + x.String(), nil
		}
	}
	var parts []string
	add := func(name string, v reflect.Value) error {
		text, err := h.describe(v)
		parts = append(parts, name+text)
		return err
	}
	var err error
	switch v.Kind() {
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		if v.IsNil() {
			return "nil", nil
		}
		return "", errUnkeyable
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return "nil", nil
		}
		return h.describe(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			err = errors.Join(err, add(v.Type().Field(i).Name+":", v.Field(i)))
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			err = errors.Join(err, add("", v.Index(i)))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			err = errors.Join(err, add(fmt.Sprintf("%v:", k), v.MapIndex(k)))
		}
		slices.Sort(parts)
	default:
		return fmt.Sprintf("%#v", v), nil
	}
	return v.Type().String() + "{" + strings.Join(parts, " ") + "}", err
}

// engine is the version of this program. One that was not built from a clean commit is known by its bytes: who changes the
// engine must not be given what the engine before it computed.
var engine = sync.OnceValue(func() string {
	version := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
	}
	if version != "" && version != "(devel)" && !strings.HasSuffix(version, "+dirty") {
		return version
	}
	path, err := os.Executable()
	if err != nil {
		return version
	}
	f, err := os.Open(path)
	if err != nil {
		return version
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return version
	}
	return version + " " + hex.EncodeToString(sum.Sum(nil)[:16])
})
