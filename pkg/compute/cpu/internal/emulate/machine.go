package emulate

import (
	"encoding/binary"
	"fmt"
	"math"
	"unsafe"
)

type machine struct {
	general [16]uint64
	vectors [32][16]uint32
	frame   [256]byte
	zero    bool // the flags that the kernels use
	carry   bool
	allowed [][]float32
}

// Functions are the names of what the file defines.
func (p *Program) Functions() []string {
	var names []string
	for name := range p.functions {
		names = append(names, name)
	}
	return names
}

// Call runs a function whose parameters are *float32, uintptr and float32 values. allowed are the only slices it may
// touch; with none, memory is not checked. It returns the number of instructions.
func (p *Program) Call(name string, allowed [][]float32, parameters ...any) (int, error) {
	f := p.functions[name]
	if f == nil {
		return 0, fmt.Errorf("emulate: there is no function %s", name)
	}
	m := &machine{allowed: allowed}
	m.poison()
	if err := m.arguments(parameters); err != nil {
		return 0, fmt.Errorf("emulate: %s: %w", name, err)
	}
	for at, count := 0, 0; ; count++ {
		if at >= len(f.steps) {
			return count, fmt.Errorf("emulate: %s runs past its end", name)
		}
		s := &f.steps[at]
		at++
		switch {
		case s.op == "RET":
			return count, m.finished(f)
		case jumps[s.op]:
			if m.taken(s.op) {
				at = s.to
			}
			continue
		}
		if err := s.run(m, s.args); err != nil {
			return count, fmt.Errorf("emulate: %s line %d, %s: %w", name, s.line, s.op, err)
		}
	}
}

// poison fills the registers, so that a kernel that forgets to clear one gives nonsense.
func (m *machine) poison() {
	for i := range m.vectors {
		for j := range m.vectors[i] {
			m.vectors[i][j] = math.Float32bits(float32(math.NaN()))
		}
	}
	for i := range m.general {
		m.general[i] = 0xdead0000dead0000
	}
}

// finished checks the rule of the Go ABI that a function leaves the upper halves of the registers clear.
func (m *machine) finished(f *function) error {
	for i := range 16 {
		for j := 4; j < 16; j++ {
			if m.vectors[i][j] != 0 && f.uses(i) {
				return fmt.Errorf("emulate: %s returns without VZEROUPPER", f.name)
			}
		}
	}
	return nil
}

func (f *function) uses(vectorRegister int) bool {
	for _, s := range f.steps {
		for _, o := range s.args {
			if o.kind == vector && o.reg == vectorRegister {
				return true
			}
		}
	}
	return false
}

// arguments lays the parameters out as a Go caller does.
func (m *machine) arguments(parameters []any) error {
	at := 0
	for _, v := range parameters {
		switch v := v.(type) {
		case float32:
			binary.LittleEndian.PutUint32(m.frame[at:], math.Float32bits(v))
			at += 4
		case uintptr:
			at = (at + 7) &^ 7
			binary.LittleEndian.PutUint64(m.frame[at:], uint64(v))
			at += 8
		case *float32:
			at = (at + 7) &^ 7
			binary.LittleEndian.PutUint64(m.frame[at:], uint64(uintptr(unsafe.Pointer(v))))
			at += 8
		default:
			return fmt.Errorf("a parameter of type %T", v)
		}
	}
	return nil
}

func (m *machine) address(o operand) uint64 {
	a := m.general[o.reg] + o.value
	if o.index >= 0 {
		a += m.general[o.index] * o.scale
	}
	return a
}

// at gives the n floats at an address, if the kernel may touch them.
func (m *machine) at(o operand, n int) ([]uint32, error) {
	address := uintptr(m.address(o))
	ok := len(m.allowed) == 0
	for _, s := range m.allowed {
		if len(s) == 0 {
			continue
		}
		start := uintptr(unsafe.Pointer(&s[0]))
		ok = ok || (address >= start && address+uintptr(4*n) <= start+uintptr(4*len(s)))
	}
	if !ok {
		return nil, fmt.Errorf("%d floats at %s are outside the slices given", n, o.symbol)
	}
	// The address was computed by the kernel from a pointer that the caller holds.
	return unsafe.Slice((*uint32)(*(*unsafe.Pointer)(unsafe.Pointer(&address))), n), nil
}

// load gives n lanes of a vector source.
func (m *machine) load(o operand, n int) ([16]uint32, error) {
	var v [16]uint32
	switch o.kind {
	case vector:
		copy(v[:n], m.vectors[o.reg][:n])
	case memory:
		from, err := m.at(o, n)
		copy(v[:], from)
		return v, err
	case argument:
		for i := range n {
			v[i] = binary.LittleEndian.Uint32(m.frame[int(o.value)+4*i:])
		}
	case constant:
		if len(o.constantRef) < 4*n {
			return v, fmt.Errorf("constant %s has no %d lanes", o.symbol, n)
		}
		for i := range n {
			v[i] = binary.LittleEndian.Uint32(o.constantRef[4*i:])
		}
	default:
		return v, fmt.Errorf("%s is no vector source", o.symbol)
	}
	return v, nil
}

// store writes a whole register; the lanes above are cleared, as VEX and EVEX instructions do.
func (m *machine) store(o operand, v [16]uint32) {
	clear(v[o.lanes:])
	m.vectors[o.reg] = v
}

func (m *machine) integer(o operand) (uint64, error) {
	switch o.kind {
	case general:
		return m.general[o.reg], nil
	case immediate:
		return o.value, nil
	case argument:
		return binary.LittleEndian.Uint64(m.frame[o.value:]), nil
	}
	return 0, fmt.Errorf("%s is no integer source", o.symbol)
}
