package nn

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"

	"github.com/tunebook/tunebook/pkg/compute"
)

// Params is an ordered set of named tensors. The zero value is empty and
// ready to use. The order is that of Add, and is part of what Hash covers.
type Params struct {
	names   []string
	tensors map[string]*compute.Tensor
}

// Add appends a tensor. A name can be taken only once.
func (p *Params) Add(name string, t *compute.Tensor) error {
	if name == "" || t == nil {
		return fmt.Errorf("nn: parameter %q needs a name and a tensor", name)
	}
	if _, taken := p.tensors[name]; taken {
		return fmt.Errorf("nn: parameter %q is there already", name)
	}
	if p.tensors == nil {
		p.tensors = map[string]*compute.Tensor{}
	}
	p.names = append(p.names, name)
	p.tensors[name] = t
	return nil
}

// Get returns the tensor itself, not a copy, or nil if there is none of that
// name.
func (p *Params) Get(name string) *compute.Tensor { return p.tensors[name] }

// Names lists the names in order.
func (p *Params) Names() []string { return slices.Clone(p.names) }

// Len is the number of tensors.
func (p *Params) Len() int { return len(p.names) }

// Count is the number of numbers in all tensors.
func (p *Params) Count() int {
	n := 0
	for _, t := range p.tensors {
		n += len(t.Data)
	}
	return n
}

// Clone copies every tensor, so that changing the copy leaves p alone.
func (p *Params) Clone() *Params {
	c := &Params{names: slices.Clone(p.names), tensors: make(map[string]*compute.Tensor, len(p.names))}
	for name, t := range p.tensors {
		c.tensors[name] = t.Clone()
	}
	return c
}

// Hash is the hexadecimal SHA-256 of all names, shapes and numbers, bit for
// bit: equal hashes mean the same weights.
func (p *Params) Hash() string {
	h := sha256.New()
	var b []byte
	for _, name := range p.names {
		t := p.tensors[name]
		// Lengths come first, so that no two different sets spell the same bytes.
		b = binary.LittleEndian.AppendUint64(b[:0], uint64(len(name)))
		b = append(b, name...)
		b = binary.LittleEndian.AppendUint64(b, uint64(len(t.Shape)))
		for _, n := range t.Shape {
			b = binary.LittleEndian.AppendUint64(b, uint64(n))
		}
		h.Write(b)
		for part := range slices.Chunk(t.Data, 1<<12) {
			b = b[:0]
			for _, x := range part {
				b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
			}
			h.Write(b)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// String summarises the set in one line.
func (p *Params) String() string {
	return fmt.Sprintf("%d tensors, %d parameters", p.Len(), p.Count())
}
