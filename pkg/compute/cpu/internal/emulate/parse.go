package emulate

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// Program is a parsed assembly file.
type Program struct {
	functions map[string]*function
	constants map[string][]byte
}

type function struct {
	name   string
	steps  []step
	labels map[string]int
}

// step is one instruction, its operands in the order of the Go assembler: the destination last.
type step struct {
	op   string
	args []operand
	line int
	run  func(*machine, []operand) error
	to   int // where a jump goes
}

type kind int

const (
	general   kind = iota // a general register
	vector                // X, Y or Z
	immediate             // a number
	memory                // disp(base)(index*scale)
	argument              // a parameter on the stack
	constant              // a value of the data section
	label
)

type operand struct {
	kind        kind
	reg, lanes  int
	value       uint64 // immediate, displacement or offset
	index       int    // -1 for none
	scale       uint64
	symbol      string
	constantRef []byte
}

// Parse reads a file that avo wrote. It fails on anything it does not know, so nothing is skipped silently.
func Parse(r io.Reader) (*Program, error) {
	p := &Program{functions: map[string]*function{}, constants: map[string][]byte{}}
	var f *function
	var raw []byte // of an instruction that is written as bytes, so far
	scan := bufio.NewScanner(r)
	for n := 1; scan.Scan(); n++ {
		text := strings.TrimSpace(scan.Text())
		word, rest, _ := strings.Cut(text, " ")
		switch {
		case text == "", strings.HasPrefix(text, "//"), strings.HasPrefix(text, "#"), word == "GLOBL":
		case word == "TEXT":
			name := strings.TrimPrefix(strings.SplitN(rest, "(", 2)[0], "·")
			f = &function{name: name, labels: map[string]int{}}
			p.functions[name] = f
		case word == "DATA":
			if err := p.data(rest); err != nil {
				return nil, fmt.Errorf("emulate: line %d: %w", n, err)
			}
		case f == nil:
			return nil, fmt.Errorf("emulate: line %d: %q stands outside a function", n, text)
		case strings.HasSuffix(text, ":"):
			f.labels[strings.TrimSuffix(text, ":")] = len(f.steps)
		case word == "LONG" || word == "WORD":
			var err error
			if raw, err = appendRaw(raw, word, rest); err != nil {
				return nil, fmt.Errorf("emulate: line %d: %w", n, err)
			}
			if word == "WORD" {
				s, err := decode(raw, n)
				if err != nil {
					return nil, fmt.Errorf("emulate: line %d: %w", n, err)
				}
				f.steps, raw = append(f.steps, s), nil
			}
		default:
			s, err := parseStep(word, rest, n)
			if err != nil {
				return nil, fmt.Errorf("emulate: line %d: %w", n, err)
			}
			f.steps = append(f.steps, s)
		}
	}
	if err := scan.Err(); err != nil {
		return nil, fmt.Errorf("emulate: %w", err)
	}
	return p, p.link()
}

// data reads name<>+offset(SB)/4, $value.
func (p *Program) data(text string) error {
	m := dataLine.FindStringSubmatch(text)
	if m == nil {
		return fmt.Errorf("data %q is not four bytes of a constant", text)
	}
	value, err := strconv.ParseUint(m[3], 0, 32)
	if err != nil {
		return fmt.Errorf("data %q: %w", text, err)
	}
	for i := range 4 {
		p.constants[m[1]] = append(p.constants[m[1]], byte(value>>(8*i)))
	}
	return nil
}

var (
	dataLine     = regexp.MustCompile(`^(\w+)<>\+(\d+)\(SB\)/4, \$(\w+)$`)
	argumentText = regexp.MustCompile(`^\w+\+(\d+)\(FP\)$`)
	constantText = regexp.MustCompile(`^(\w+)<>\+(\d+)\(SB\)$`)
	memoryText   = regexp.MustCompile(`^(-?\d+)?\((\w+)\)(?:\((\w+)\*(\d)\))?$`)
)

func parseStep(op, rest string, line int) (step, error) {
	s := step{op: op, line: line, run: operations[op]}
	if s.run == nil && !jumps[op] && op != "RET" {
		return s, fmt.Errorf("unknown instruction %s", op)
	}
	if rest = strings.TrimSpace(rest); rest == "" {
		return s, nil
	}
	for _, text := range strings.Split(rest, ",") {
		o, err := parseOperand(strings.TrimSpace(text), jumps[op])
		if err != nil {
			return s, err
		}
		s.args = append(s.args, o)
	}
	return s, nil
}

func parseOperand(text string, jump bool) (operand, error) {
	o := operand{index: -1, symbol: text}
	if jump {
		o.kind = label
		return o, nil
	}
	if n, ok := generalRegister(text); ok {
		o.reg = n
		return o, nil
	}
	if lanes := map[byte]int{'X': 4, 'Y': 8, 'Z': 16}[text[0]]; lanes > 0 {
		n, err := strconv.Atoi(text[1:])
		o.kind, o.reg, o.lanes = vector, n, lanes
		return o, err
	}
	if number, ok := strings.CutPrefix(text, "$"); ok {
		n, err := strconv.ParseUint(number, 0, 64)
		o.kind, o.value = immediate, n
		return o, err
	}
	if m := argumentText.FindStringSubmatch(text); m != nil {
		n, err := strconv.ParseUint(m[1], 10, 64)
		o.kind, o.value = argument, n
		return o, err
	}
	if m := constantText.FindStringSubmatch(text); m != nil {
		n, err := strconv.ParseUint(m[2], 10, 64)
		o.kind, o.symbol, o.value = constant, m[1], n
		return o, err
	}
	return parseMemory(text)
}

func parseMemory(text string) (operand, error) {
	o := operand{kind: memory, index: -1}
	m := memoryText.FindStringSubmatch(text)
	if m == nil {
		return o, fmt.Errorf("unknown operand %q", text)
	}
	if m[1] != "" {
		n, err := strconv.ParseInt(m[1], 10, 64)
		if err != nil {
			return o, err
		}
		o.value = uint64(n)
	}
	var ok bool
	if o.reg, ok = generalRegister(m[2]); !ok {
		return o, fmt.Errorf("unknown base register in %q", text)
	}
	if m[3] == "" {
		return o, nil
	}
	if o.index, ok = generalRegister(m[3]); !ok {
		return o, fmt.Errorf("unknown index register in %q", text)
	}
	scale, err := strconv.ParseUint(m[4], 10, 64)
	o.scale = scale
	return o, err
}

func generalRegister(text string) (int, bool) {
	for i, name := range []string{"AX", "CX", "DX", "BX", "SP", "BP", "SI", "DI", "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15"} {
		if name == text {
			return i, true
		}
	}
	return 0, false
}

// link resolves labels and constants.
func (p *Program) link() error {
	for _, f := range p.functions {
		for i := range f.steps {
			s := &f.steps[i]
			for k := range s.args {
				o := &s.args[k]
				switch o.kind {
				case label:
					to, ok := f.labels[o.symbol]
					if !ok {
						return fmt.Errorf("emulate: line %d: no label %s in %s", s.line, o.symbol, f.name)
					}
					s.to = to
				case constant:
					c, ok := p.constants[o.symbol]
					if !ok {
						return fmt.Errorf("emulate: line %d: no constant %s", s.line, o.symbol)
					}
					o.constantRef = c[o.value:]
				}
			}
		}
	}
	return nil
}
