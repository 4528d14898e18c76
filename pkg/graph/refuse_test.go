package graph

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// shelf makes nodes for the tables below and remembers them, since errors must name them.
type shelf struct {
	g    *Graph
	made []*Node
}

func (s *shelf) x(shape ...int) *Node {
	n := s.g.Input("x", shape...)
	s.made = append(s.made, n)
	return n
}

func (s *shelf) i(n int) *Node {
	node := s.g.Ints("i", n)
	s.made = append(s.made, node)
	return node
}

// bad has calls that each constructor must refuse.
var bad = map[string]map[string]func(s *shelf) *Node{
	"Add": {
		"sizes":    func(s *shelf) *Node { return Add(s.x(2, 3), s.x(2, 4)) },
		"ranks":    func(s *shelf) *Node { return Add(s.x(6), s.x(2, 3)) },
		"scalar":   func(s *shelf) *Node { return Add(s.x(1), s.x()) },
		"integers": func(s *shelf) *Node { return Add(s.i(3), s.i(3)) },
		"nil":      func(s *shelf) *Node { return Add(nil, s.x(1)) },
		"nils":     func(*shelf) *Node { return Add(nil, nil) },
	},
	"Scale": {
		"integers": func(s *shelf) *Node { return Scale(s.i(3), 2) },
		"nil":      func(*shelf) *Node { return Scale(nil, 2) },
	},
	"Mean": {
		"integers": func(s *shelf) *Node { return Mean(s.i(3)) },
		"nil":      func(*shelf) *Node { return Mean(nil) },
	},
	"MaskedMean": {
		"matrix":        func(s *shelf) *Node { return MaskedMean(s.x(3, 2), s.i(3)) },
		"rows":          func(s *shelf) *Node { return MaskedMean(s.x(3), s.i(2)) },
		"float targets": func(s *shelf) *Node { return MaskedMean(s.x(3), s.x(3)) },
		"integers":      func(s *shelf) *Node { return MaskedMean(s.i(3), s.i(3)) },
		"nil":           func(s *shelf) *Node { return MaskedMean(s.x(3), nil) },
	},
	"SquaredError": {
		"rows":     func(s *shelf) *Node { return SquaredError(s.x(3, 2), s.x(2, 2)) },
		"width":    func(s *shelf) *Node { return SquaredError(s.x(3, 2), s.x(3, 3)) },
		"vector":   func(s *shelf) *Node { return SquaredError(s.x(3), s.x(3)) },
		"integers": func(s *shelf) *Node { return SquaredError(s.x(3, 1), s.i(3)) },
		"nil":      func(s *shelf) *Node { return SquaredError(s.x(3, 2), nil) },
	},
	"CosineDistance": {
		"rows":     func(s *shelf) *Node { return CosineDistance(s.x(3, 2), s.x(2, 2)) },
		"integers": func(s *shelf) *Node { return CosineDistance(s.i(3), s.x(3, 1)) },
		"nil":      func(*shelf) *Node { return CosineDistance(nil, nil) },
	},
	"GELU": {
		"integers": func(s *shelf) *Node { return GELU(s.i(3)) },
		"nil":      func(*shelf) *Node { return GELU(nil) },
	},
	"GELUTanh": {
		"integers": func(s *shelf) *Node { return GELUTanh(s.i(3)) },
		"nil":      func(*shelf) *Node { return GELUTanh(nil) },
	},
	"ReLU": {
		"integers": func(s *shelf) *Node { return ReLU(s.i(3)) },
		"nil":      func(*shelf) *Node { return ReLU(nil) },
	},
	"SiLU": {
		"integers": func(s *shelf) *Node { return SiLU(s.i(3)) },
		"nil":      func(*shelf) *Node { return SiLU(nil) },
	},
	"Tanh": {
		"integers": func(s *shelf) *Node { return Tanh(s.i(3)) },
		"nil":      func(*shelf) *Node { return Tanh(nil) },
	},
	"EmbeddingWith": {
		"width":          func(s *shelf) *Node { return EmbeddingWith(s.x(3, 2), s.x(2, 3), s.i(2)) },
		"vector":         func(s *shelf) *Node { return EmbeddingWith(s.x(3, 2), s.x(2), s.i(2)) },
		"floats for ids": func(s *shelf) *Node { return EmbeddingWith(s.x(3, 2), s.x(3, 2), s.x(2)) },
		"nil table":      func(s *shelf) *Node { return EmbeddingWith(s.x(3, 2), nil, s.i(2)) },
		"nil ids":        func(s *shelf) *Node { return EmbeddingWith(s.x(3, 2), s.x(3, 2), nil) },
	},
	"RoPEFrom": {
		"negative": func(s *shelf) *Node { return RoPEFrom(s.x(2, 4), s.i(2), Rotation{1, 8, 10}, -1) },
		"rows":     func(s *shelf) *Node { return RoPEFrom(s.x(2, 4), s.i(3), Rotation{1, 8, 10}, 2) },
		"nil":      func(s *shelf) *Node { return RoPEFrom(nil, s.i(2), Rotation{1, 8, 10}, 2) },
	},
	"Fuse": {
		"key":      func(s *shelf) *Node { return Fuse(s.x(2, 3), []*Node{s.x(2, 4)}, []*Node{s.x(2, 3)}) },
		"value":    func(s *shelf) *Node { return Fuse(s.x(2, 3), []*Node{s.x(2, 3)}, []*Node{s.x(3, 3)}) },
		"vectors":  func(s *shelf) *Node { return Fuse(s.x(3), []*Node{s.x(3)}, []*Node{s.x(3)}) },
		"alone":    func(s *shelf) *Node { return Fuse(s.x(2, 3), nil, nil) },
		"unequal":  func(s *shelf) *Node { return Fuse(s.x(2, 3), []*Node{s.g.Input("k", 2, 3)}, nil) },
		"integers": func(s *shelf) *Node { return Fuse(s.i(2), []*Node{s.i(2)}, []*Node{s.i(2)}) },
		"nil":      func(s *shelf) *Node { return Fuse(s.x(2, 3), []*Node{nil}, []*Node{s.x(2, 3)}) },
	},
	"PrefixAttention": {
		"rows": func(s *shelf) *Node {
			return PrefixAttention(s.x(3, 4), s.x(4, 4), s.x(4, 4), s.x(2, 4), s.x(2, 4), nil, heads(1, 4, 2, 2, 2))
		},
		"width": func(s *shelf) *Node {
			return PrefixAttention(s.x(4, 4), s.x(4, 4), s.x(4, 4), s.x(2, 2), s.x(2, 4), nil, heads(1, 4, 2, 2, 2))
		},
		"values": func(s *shelf) *Node {
			return PrefixAttention(s.x(4, 4), s.x(4, 4), s.x(4, 4), s.x(2, 4), s.x(3, 4), s.i(4), heads(1, 4, 2, 2, 2))
		},
		"segments": func(s *shelf) *Node {
			return PrefixAttention(s.x(4, 4), s.x(4, 4), s.x(4, 4), s.x(2, 4), s.x(2, 4), s.i(3), heads(1, 4, 2, 2, 2))
		},
		"nil": func(s *shelf) *Node {
			return PrefixAttention(s.x(4, 4), s.x(4, 4), s.x(4, 4), nil, s.x(2, 4), nil, heads(1, 4, 2, 2, 2))
		},
	},
	"SwiGLU": {
		"sizes":    func(s *shelf) *Node { return SwiGLU(s.x(2, 3), s.x(3, 2)) },
		"integers": func(s *shelf) *Node { return SwiGLU(s.x(3), s.i(3)) },
		"nil":      func(s *shelf) *Node { return SwiGLU(s.x(3), nil) },
	},
	"Linear": {
		"inner":        func(s *shelf) *Node { return Linear(s.x(2, 3), s.x(3, 2), nil) },
		"vector":       func(s *shelf) *Node { return Linear(s.x(3), s.x(2, 3), nil) },
		"three ranks":  func(s *shelf) *Node { return Linear(s.x(1, 2, 3), s.x(2, 3), nil) },
		"bias":         func(s *shelf) *Node { return Linear(s.x(2, 3), s.x(4, 3), s.x(3)) },
		"bias matrix":  func(s *shelf) *Node { return Linear(s.x(2, 3), s.x(4, 3), s.x(1, 4)) },
		"integers":     func(s *shelf) *Node { return Linear(s.i(3), s.x(4, 3), nil) },
		"integer bias": func(s *shelf) *Node { return Linear(s.x(2, 3), s.x(4, 3), s.i(4)) },
		"nil":          func(s *shelf) *Node { return Linear(s.x(2, 3), nil, nil) },
	},
	"ScaleColumns": {
		"width":    func(s *shelf) *Node { return ScaleColumns(s.x(2, 3), s.x(2), nil, nil) },
		"vector":   func(s *shelf) *Node { return ScaleColumns(s.x(3), s.x(3), nil, nil) },
		"lengths":  func(s *shelf) *Node { return ScaleColumns(s.x(2, 3), s.x(3), s.x(2), nil) },
		"bias":     func(s *shelf) *Node { return ScaleColumns(s.x(2, 3), s.x(3), nil, s.x(1, 3)) },
		"integers": func(s *shelf) *Node { return ScaleColumns(s.x(2, 3), s.i(3), nil, nil) },
		"nil":      func(s *shelf) *Node { return ScaleColumns(s.x(2, 3), nil, nil, nil) },
	},
	"ScaleRows": {
		"rows":     func(s *shelf) *Node { return ScaleRows(s.x(2, 3), s.x(3)) },
		"vector":   func(s *shelf) *Node { return ScaleRows(s.x(3), s.x(3)) },
		"integers": func(s *shelf) *Node { return ScaleRows(s.x(2, 3), s.i(2)) },
		"nil":      func(s *shelf) *Node { return ScaleRows(s.x(2, 3), nil) },
	},
	"LowRankNorms": {
		"rank":     func(s *shelf) *Node { return LowRankNorms(s.x(2, 3), s.x(3, 3), s.x(3, 2), s.x(3), 1) },
		"b":        func(s *shelf) *Node { return LowRankNorms(s.x(2, 3), s.x(2, 2), s.x(2, 3), s.x(3), 1) },
		"squares":  func(s *shelf) *Node { return LowRankNorms(s.x(2, 3), s.x(2, 2), s.x(3, 2), s.x(2), 1) },
		"integers": func(s *shelf) *Node { return LowRankNorms(s.x(2, 3), s.x(2, 2), s.x(3, 2), s.i(3), 1) },
		"nil":      func(s *shelf) *Node { return LowRankNorms(s.x(2, 3), nil, s.x(3, 2), s.x(3), 1) },
	},
	"LinearNF4": {
		"codes":        func(s *shelf) *Node { return LinearNF4(s.x(2, 3), s.i(3), s.x(1), nil, 5) },
		"scales":       func(s *shelf) *Node { return LinearNF4(s.x(2, 3), s.i(2), s.x(2), nil, 5) },
		"bias":         func(s *shelf) *Node { return LinearNF4(s.x(2, 3), s.i(2), s.x(1), s.x(4), 5) },
		"no outputs":   func(s *shelf) *Node { return LinearNF4(s.x(2, 3), s.i(2), s.x(1), nil, 0) },
		"vector":       func(s *shelf) *Node { return LinearNF4(s.x(3), s.i(2), s.x(1), nil, 5) },
		"float codes":  func(s *shelf) *Node { return LinearNF4(s.x(2, 3), s.x(2), s.x(1), nil, 5) },
		"integer bias": func(s *shelf) *Node { return LinearNF4(s.x(2, 3), s.i(2), s.x(1), s.i(5), 5) },
		"nil":          func(s *shelf) *Node { return LinearNF4(s.x(2, 3), nil, s.x(1), nil, 5) },
	},
	"RMSNorm": {
		"width":    func(s *shelf) *Node { return RMSNorm(s.x(2, 3), s.x(2), 0) },
		"vector":   func(s *shelf) *Node { return RMSNorm(s.x(3), s.x(3), 0) },
		"matrix":   func(s *shelf) *Node { return RMSNorm(s.x(2, 3), s.x(1, 3), 0) },
		"integers": func(s *shelf) *Node { return RMSNorm(s.x(2, 3), s.i(3), 0) },
		"nil":      func(s *shelf) *Node { return RMSNorm(nil, s.x(3), 0) },
	},
	"LayerNorm": {
		"width":        func(s *shelf) *Node { return LayerNorm(s.x(2, 3), s.x(2), nil, 0) },
		"vector":       func(s *shelf) *Node { return LayerNorm(s.x(3), s.x(3), nil, 0) },
		"bias":         func(s *shelf) *Node { return LayerNorm(s.x(2, 3), s.x(3), s.x(2), 0) },
		"bias matrix":  func(s *shelf) *Node { return LayerNorm(s.x(2, 3), s.x(3), s.x(1, 3), 0) },
		"integers":     func(s *shelf) *Node { return LayerNorm(s.i(3), s.x(3), nil, 0) },
		"integer bias": func(s *shelf) *Node { return LayerNorm(s.x(2, 3), s.x(3), s.i(3), 0) },
		"nil":          func(s *shelf) *Node { return LayerNorm(s.x(2, 3), nil, nil, 0) },
	},
	"Embedding": {
		"vector":         func(s *shelf) *Node { return Embedding(s.x(3), s.i(2)) },
		"floats for ids": func(s *shelf) *Node { return Embedding(s.x(3, 2), s.x(2)) },
		"integers":       func(s *shelf) *Node { return Embedding(s.i(3), s.i(2)) },
		"nil table":      func(s *shelf) *Node { return Embedding(nil, s.i(2)) },
		"nil ids":        func(s *shelf) *Node { return Embedding(s.x(3, 2), nil) },
	},
	"RoPE": {
		"rows":     func(s *shelf) *Node { return RoPE(s.x(2, 4), s.i(3), Rotation{1, 8, 10}) },
		"vector":   func(s *shelf) *Node { return RoPE(s.x(4), s.i(4), Rotation{1, 8, 10}) },
		"odd":      func(s *shelf) *Node { return RoPE(s.x(2, 3), s.i(2), Rotation{1, 8, 10}) },
		"odd head": func(s *shelf) *Node { return RoPE(s.x(2, 6), s.i(2), Rotation{2, 8, 10}) },
		"heads":    func(s *shelf) *Node { return RoPE(s.x(2, 4), s.i(2), Rotation{0, 8, 10}) },
		"context":  func(s *shelf) *Node { return RoPE(s.x(2, 4), s.i(2), Rotation{1, 0, 10}) },
		"base":     func(s *shelf) *Node { return RoPE(s.x(2, 4), s.i(2), Rotation{1, 8, 0}) },
		"floats":   func(s *shelf) *Node { return RoPE(s.x(2, 4), s.x(2), Rotation{1, 8, 10}) },
		"integers": func(s *shelf) *Node { return RoPE(s.i(2), s.i(2), Rotation{1, 8, 10}) },
		"nil":      func(s *shelf) *Node { return RoPE(s.x(2, 4), nil, Rotation{1, 8, 10}) },
	},
	"Dropout": {
		"rate one":      func(s *shelf) *Node { return Dropout(s.x(4), s.i(3), 1) },
		"rate negative": func(s *shelf) *Node { return Dropout(s.x(4), s.i(3), -0.1) },
		"rate NaN":      func(s *shelf) *Node { return Dropout(s.x(4), s.i(3), math.NaN()) },
		"short key":     func(s *shelf) *Node { return Dropout(s.x(4), s.i(2), 0.1) },
		"zero, no key":  func(s *shelf) *Node { return Dropout(s.x(4), s.i(2), 0) },
		"floats":        func(s *shelf) *Node { return Dropout(s.x(4), s.x(3), 0.1) },
		"integers":      func(s *shelf) *Node { return Dropout(s.i(4), s.i(3), 0.1) },
		"nil":           func(s *shelf) *Node { return Dropout(s.x(4), nil, 0.1) },
	},
	"Attention": {
		"rows":     func(s *shelf) *Node { return Attention(s.x(3, 4), s.x(4, 4), s.x(4, 4), nil, heads(1, 4, 2, 2, 2)) },
		"keys":     func(s *shelf) *Node { return Attention(s.x(4, 4), s.x(4, 2), s.x(4, 4), nil, heads(1, 4, 2, 2, 2)) },
		"values":   func(s *shelf) *Node { return Attention(s.x(4, 4), s.x(4, 4), s.x(4, 2), nil, heads(1, 4, 2, 2, 2)) },
		"groups":   func(s *shelf) *Node { return Attention(s.x(4, 6), s.x(4, 4), s.x(4, 4), nil, heads(1, 4, 3, 2, 2)) },
		"no heads": func(s *shelf) *Node { return Attention(s.x(4, 6), s.x(4, 4), s.x(4, 4), nil, heads(1, 4, 0, 2, 2)) },
		"zero":     func(s *shelf) *Node { return Attention(s.x(4, 6), s.x(4, 4), s.x(4, 4), nil, AttentionShape{}) },
		"negative": func(s *shelf) *Node { return Attention(s.x(4, 4), s.x(4, 4), s.x(4, 4), nil, heads(-1, -4, 2, 2, 2)) },
		"segments": func(s *shelf) *Node {
			return Attention(s.x(4, 4), s.x(4, 4), s.x(4, 4), s.i(3), heads(1, 4, 2, 2, 2))
		},
		"floats": func(s *shelf) *Node {
			return Attention(s.x(4, 4), s.x(4, 4), s.x(4, 4), s.x(4), heads(1, 4, 2, 2, 2))
		},
		"integers": func(s *shelf) *Node { return Attention(s.i(4), s.x(4, 4), s.x(4, 4), nil, heads(1, 4, 2, 2, 2)) },
		"nil":      func(s *shelf) *Node { return Attention(s.x(4, 4), s.x(4, 4), nil, nil, heads(1, 4, 2, 2, 2)) },
	},
	"LinearCrossEntropy": {
		"width":           func(s *shelf) *Node { return LinearCrossEntropy(s.x(2, 3), s.x(5, 4), s.i(2), nil) },
		"vector":          func(s *shelf) *Node { return LinearCrossEntropy(s.x(3), s.x(5, 3), s.i(1), nil) },
		"targets":         func(s *shelf) *Node { return LinearCrossEntropy(s.x(2, 3), s.x(5, 3), s.i(3), nil) },
		"float targets":   func(s *shelf) *Node { return LinearCrossEntropy(s.x(2, 3), s.x(5, 3), s.x(2), nil) },
		"weights":         func(s *shelf) *Node { return LinearCrossEntropy(s.x(2, 3), s.x(5, 3), s.i(2), s.x(3)) },
		"weight matrix":   func(s *shelf) *Node { return LinearCrossEntropy(s.x(2, 3), s.x(5, 3), s.i(2), s.x(2, 1)) },
		"integer weights": func(s *shelf) *Node { return LinearCrossEntropy(s.x(2, 3), s.x(5, 3), s.i(2), s.i(2)) },
		"nil head":        func(s *shelf) *Node { return LinearCrossEntropy(s.x(2, 3), nil, s.i(2), nil) },
		"nil targets":     func(s *shelf) *Node { return LinearCrossEntropy(s.x(2, 3), s.x(5, 3), nil, nil) },
	},
	"LinearLogProb": {
		"width":         func(s *shelf) *Node { return LinearLogProb(s.x(2, 3), s.x(5, 4), s.i(2)) },
		"vector":        func(s *shelf) *Node { return LinearLogProb(s.x(3), s.x(5, 3), s.i(1)) },
		"targets":       func(s *shelf) *Node { return LinearLogProb(s.x(2, 3), s.x(5, 3), s.i(3)) },
		"float targets": func(s *shelf) *Node { return LinearLogProb(s.x(2, 3), s.x(5, 3), s.x(2)) },
		"nil":           func(s *shelf) *Node { return LinearLogProb(s.x(2, 3), nil, s.i(2)) },
	},
	"LinearEntropy": {
		"width":    func(s *shelf) *Node { return LinearEntropy(s.x(2, 3), s.x(5, 4)) },
		"vector":   func(s *shelf) *Node { return LinearEntropy(s.x(3), s.x(5, 3)) },
		"integers": func(s *shelf) *Node { return LinearEntropy(s.x(2, 3), s.i(3)) },
		"nil":      func(s *shelf) *Node { return LinearEntropy(s.x(2, 3), nil) },
	},
	"LinearDivergence": {
		"width": func(s *shelf) *Node {
			return LinearDivergence(s.x(2, 3), s.x(5, 4), s.x(2, 4), s.x(5, 4), Divergence{})
		},
		"teacher width": func(s *shelf) *Node {
			return LinearDivergence(s.x(2, 3), s.x(5, 3), s.x(2, 4), s.x(5, 3), Divergence{})
		},
		"rows": func(s *shelf) *Node {
			return LinearDivergence(s.x(2, 3), s.x(5, 3), s.x(3, 3), s.x(5, 3), Divergence{})
		},
		"vocabulary": func(s *shelf) *Node {
			return LinearDivergence(s.x(2, 3), s.x(5, 3), s.x(2, 3), s.x(6, 3), Divergence{})
		},
		"vector":   func(s *shelf) *Node { return LinearDivergence(s.x(2, 3), s.x(5, 3), s.x(3), s.x(5, 3), Divergence{}) },
		"integers": func(s *shelf) *Node { return LinearDivergence(s.x(2, 3), s.x(5, 3), s.i(2), s.x(5, 3), Divergence{}) },
		"kind": func(s *shelf) *Node {
			return LinearDivergence(s.x(2, 3), s.x(5, 3), s.x(2, 3), s.x(5, 3), Divergence{Kind: 3})
		},
		"beta": func(s *shelf) *Node {
			return LinearDivergence(s.x(2, 3), s.x(5, 3), s.x(2, 3), s.x(5, 3), Divergence{Kind: JensenShannon, Beta: 1})
		},
		"temperature": func(s *shelf) *Node {
			return LinearDivergence(s.x(2, 3), s.x(5, 3), s.x(2, 3), s.x(5, 3), Divergence{Temperature: -1})
		},
		"infinite temperature": func(s *shelf) *Node {
			return LinearDivergence(s.x(2, 3), s.x(5, 3), s.x(2, 3), s.x(5, 3), Divergence{Temperature: math.Inf(1)})
		},
		"nil": func(s *shelf) *Node { return LinearDivergence(s.x(2, 3), s.x(5, 3), s.x(2, 3), nil, Divergence{}) },
	},
	"CrossEntropy": {
		"vector":        func(s *shelf) *Node { return CrossEntropy(s.x(3), s.i(3), nil) },
		"scalar":        func(s *shelf) *Node { return CrossEntropy(s.x(), s.i(1), nil) },
		"targets":       func(s *shelf) *Node { return CrossEntropy(s.x(2, 3), s.i(3), nil) },
		"weights":       func(s *shelf) *Node { return CrossEntropy(s.x(2, 3), s.i(2), s.x(1)) },
		"float targets": func(s *shelf) *Node { return CrossEntropy(s.x(2, 3), s.x(2), nil) },
		"integers":      func(s *shelf) *Node { return CrossEntropy(s.i(2), s.i(2), nil) },
		"nil":           func(s *shelf) *Node { return CrossEntropy(nil, s.i(2), nil) },
		"nil targets":   func(s *shelf) *Node { return CrossEntropy(s.x(2, 3), nil, nil) },
	},
}

// names of operators as errors write them.
var written = map[string]string{"LinearEntropy": "entropy", "LinearDivergence": "divergence", "MaskedMean": "masked-mean", "SquaredError": "squared-error", "CosineDistance": "cosine-distance", "GELU": "gelu", "GELUTanh": "gelu-tanh", "SwiGLU": "swiglu", "RMSNorm": "rmsnorm", "RoPE": "rope", "RoPEFrom": "rope", "ReLU": "relu", "SiLU": "silu", "Tanh": "tanh", "EmbeddingWith": "embedding", "PrefixAttention": "attention", "LinearCrossEntropy": "cross-entropy", "CrossEntropy": "cross-entropy", "LinearLogProb": "log-probability"}

// A mistake gives an error that names the operator, the shapes and the nodes; building goes on, and whoever asks later
// gets the first mistake.
func TestBadShapes(t *testing.T) {
	constructors, _ := declared(t)
	for _, name := range constructors {
		if len(bad[name]) == 0 {
			t.Errorf("%s has no bad shapes in this table", name)
		}
	}
	for constructor, calls := range bad {
		for title, call := range calls {
			t.Run(constructor+"/"+title, func(t *testing.T) {
				s := &shelf{g: New()}
				ok := Mean(s.g.Input("ok", 2))
				out := call(s)
				err := s.g.Err()
				if len(s.made) == 0 { // all nil: there is no graph to blame
					err = out.graph.Err()
				}
				if err == nil {
					t.Fatal("no error")
				}
				name := written[constructor]
				if name == "" {
					name = strings.ToLower(constructor)
				}
				if !strings.HasPrefix(err.Error(), "graph: "+name) {
					t.Errorf("%q does not begin with the operator, %s", err, name)
				}
				if missing := strings.Contains(err.Error(), "is nil"); missing != strings.HasPrefix(title, "nil") {
					t.Errorf("%q", err)
				} else if !missing {
					for _, n := range s.made {
						if !strings.Contains(err.Error(), n.String()) {
							t.Errorf("%q does not name %v", err, n)
						}
					}
				}
				if len(s.made) == 0 {
					return
				}
				for range 2 { // sticky: what comes after is built on sand
					out = Scale(Add(out, s.g.Input("later", 3)), 2)
				}
				Linear(out, out, Embedding(out, out))
				CrossEntropy(out, out, out)
				if again := s.g.Err(); !errors.Is(again, err) {
					t.Errorf("the first error was replaced by %v", again)
				}
				if _, again := s.g.Grad(ok, out); !errors.Is(again, err) {
					t.Errorf("Grad answers %v", again)
				}
				if _, again := s.g.Compile(Options{}, ok); !errors.Is(again, err) {
					t.Errorf("Compile answers %v", again)
				}
			})
		}
	}
}

func TestNodesOfAnotherGraph(t *testing.T) {
	g, other := New(), New()
	Add(g.Input("mine", 2), other.Input("theirs", 2))
	if err := g.Err(); err == nil || !strings.Contains(err.Error(), "add") || !strings.Contains(err.Error(), "theirs") {
		t.Errorf("error %v", err)
	}
	if _, err := New().Compile(Options{}, other.Input("theirs", 2)); err == nil || !strings.Contains(err.Error(), "theirs") {
		t.Errorf("error %v", err)
	}
}

func TestBadLeaves(t *testing.T) {
	for name, c := range map[string]struct {
		make func(g *Graph) *Node
		want string
	}{
		"zero":        {func(g *Graph) *Node { return g.Input("leaf", 2, 0) }, "[2 0]"},
		"negative":    {func(g *Graph) *Node { return g.Input("leaf", -1) }, "[-1]"},
		"no tensor":   {func(g *Graph) *Node { return g.Param("leaf", nil) }, "nil"},
		"no constant": {func(g *Graph) *Node { return g.Constant("leaf", nil) }, "nil"},
		"short": {func(g *Graph) *Node {
			return g.Param("leaf", &compute.Tensor{Shape: []int{2, 2}, Data: make([]float32, 3)})
		}, "needs 4 values, got 3"},
		"empty":       {func(g *Graph) *Node { return g.Param("leaf", compute.New(0)) }, "[0]"},
		"no integers": {func(g *Graph) *Node { return g.Ints("leaf", 0) }, "0 integers"},
	} {
		g := New()
		c.make(g)
		if err := g.Err(); err == nil || !strings.Contains(err.Error(), "leaf") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with leaf and %q", name, err, c.want)
		}
	}
}

// Random nodes into every constructor: it refuses them with an error, or what it makes runs and differentiates.
func TestAnyShapesAreRefusedOrRun(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	var pick func(fitting ...int) *Node // mostly of a shape that fits; one dimension below zero asks for Ints
	size := func() int { return max(rng.IntN(40)-36, 0)*-1 + 1 + rng.IntN(3) }
	calls := map[string]func(a, b, c int) *Node{
		"Add":          func(a, b, _ int) *Node { return Add(pick(a, b), pick(a, b)) },
		"Scale":        func(a, b, _ int) *Node { return Scale(pick(a, b), 2) },
		"Mean":         func(a, b, _ int) *Node { return Mean(pick(a, b)) },
		"GELU":         func(a, b, _ int) *Node { return GELU(pick(a, b)) },
		"GELUTanh":     func(a, b, _ int) *Node { return GELUTanh(pick(a, b)) },
		"SwiGLU":       func(a, b, _ int) *Node { return SwiGLU(pick(a, b), pick(a, b)) },
		"Linear":       func(a, b, c int) *Node { return Linear(pick(a, b), pick(c, b), pick(c)) },
		"ScaleColumns": func(a, b, _ int) *Node { return ScaleColumns(pick(a, b), pick(b), pick(b), pick(b)) },
		"ScaleRows":    func(a, b, _ int) *Node { return ScaleRows(pick(a, b), pick(a)) },
		"LowRankNorms": func(a, b, c int) *Node {
			return ScaleColumns(pick(a, b), pick(b), LowRankNorms(pick(c, b), pick(c, c), pick(b, c), pick(b), 0.1), nil)
		},
		"LinearNF4": func(a, b, c int) *Node { return LinearNF4(pick(a, b), pick(-(c*b+7)/8), pick(1), pick(c), c) },
		"RMSNorm":   func(a, b, _ int) *Node { return RMSNorm(pick(a, b), pick(b), 1e-3) },
		"LayerNorm": func(a, b, _ int) *Node { return LayerNorm(pick(a, b), pick(b), pick(b), 1e-3) },
		"Embedding": func(a, b, c int) *Node { return Embedding(pick(a, b), pick(-c)) },
		"RoPE":      func(a, b, c int) *Node { return RoPE(pick(a, 2*b*c), pick(-a), Rotation{b, size(), 10}) },
		"Dropout":   func(a, b, _ int) *Node { return Dropout(pick(a, b), pick(-3), 0.5) },
		"Attention": func(a, b, c int) *Node {
			return Attention(pick(2*a, 2*c*b), pick(2*a, c*b), pick(2*a, c*b), pick(-2*a), heads(2, a, 2*c, c, b))
		},
		"LinearCrossEntropy": func(a, b, c int) *Node { return LinearCrossEntropy(pick(a, b), pick(c, b), pick(-a), pick(a)) },
		"LinearLogProb":      func(a, b, c int) *Node { return LinearLogProb(pick(a, b), pick(c, b), pick(-a)) },
		"LinearEntropy":      func(a, b, c int) *Node { return LinearEntropy(pick(a, b), pick(c, b)) },
		"LinearDivergence": func(a, b, c int) *Node {
			return LinearDivergence(pick(a, b), pick(c, b), pick(a, c), pick(c, c), Divergence{Kind: cpu.DivergenceKind(rng.IntN(3))})
		},
		"CrossEntropy": func(a, b, _ int) *Node { return CrossEntropy(pick(a, b), pick(-a), pick(a)) },
		"ReLU":         func(a, b, _ int) *Node { return ReLU(pick(a, b)) },
		"SiLU":         func(a, b, _ int) *Node { return SiLU(pick(a, b)) },
		"Tanh":         func(a, b, _ int) *Node { return Tanh(pick(a, b)) },
		"Fuse": func(a, b, _ int) *Node {
			return Fuse(pick(a, b), []*Node{pick(a, b), pick(a, b)}, []*Node{pick(a, b), pick(a, b)})
		},
		"EmbeddingWith": func(a, b, c int) *Node { return EmbeddingWith(pick(a, b), pick(c, b), pick(-c)) },
		"RoPEFrom":      func(a, b, c int) *Node { return RoPEFrom(pick(a, 2*b*c), pick(-a), Rotation{b, size(), 10}, c) },
		"PrefixAttention": func(a, b, c int) *Node {
			return PrefixAttention(pick(2*a, 2*c*b), pick(2*a, c*b), pick(2*a, c*b), pick(b, c*b), pick(b, c*b), pick(-2*a), heads(2, a, 2*c, c, b))
		},
		"MaskedMean":     func(a, _, _ int) *Node { return MaskedMean(pick(a), pick(-a)) },
		"SquaredError":   func(a, b, _ int) *Node { return SquaredError(pick(a, b), pick(a, b)) },
		"CosineDistance": func(a, b, _ int) *Node { return CosineDistance(pick(a, b), pick(a, b)) },
	}
	constructors, _ := declared(t)
	for _, name := range constructors {
		call := calls[name]
		if call == nil {
			t.Errorf("%s is not tried with random shapes", name)
			continue
		}
		ran := 0
		for range 500 {
			g := New()
			var floats []*Node
			pick = func(fitting ...int) *Node {
				switch k := rng.IntN(16); {
				case k == 0:
					return nil
				case k == 1:
					return g.Ints("i", 1+rng.IntN(3))
				case k == 2:
					fitting = []int{1 + rng.IntN(3), 1 + rng.IntN(3), 1}[:rng.IntN(4)]
				case k == 3 && len(floats) > 0:
					return floats[rng.IntN(len(floats))]
				case len(fitting) == 1 && fitting[0] < 0:
					return g.Ints("i", -fitting[0])
				}
				n := g.Input("x", fitting...)
				floats = append(floats, n)
				return n
			}
			out := call(size(), size(), size())
			if g.Err() != nil || out.graph != g {
				continue
			}
			ran++
			loss := Mean(out)
			moving := map[*Node]bool{}
			markMoving(loss, moving)
			floats = slices.DeleteFunc(floats, func(n *Node) bool { return !moving[n] })
			slices.SortFunc(floats, func(a, b *Node) int { return int(a.n.ID() - b.n.ID()) })
			grads, err := g.Grad(loss, slices.Compact(floats)...)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			m, err := g.Compile(Options{}, append(grads, loss)...)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if err := m.Run(context.Background()); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if ran < 10 || ran > 490 {
			t.Errorf("%s: %d of 500 random calls fitted: one side is hardly tried", name, ran)
		}
	}
}

// Values that do not fit an input are refused before anything is copied.
func TestSetRefuses(t *testing.T) {
	g := New()
	x, ids := g.Input("x", 2, 3), g.Ints("ids", 2)
	y := Embedding(x, ids)
	m, err := g.Compile(Options{}, y)
	if err != nil {
		t.Fatal(err)
	}
	foreign := New()
	for name, c := range map[string]struct {
		err  error
		want []string
	}{
		"too few floats":      {m.SetFloats(x, make([]float32, 5)), []string{"x", "[2 3]", "5"}},
		"floats for integers": {m.SetFloats(ids, make([]float32, 2)), []string{"ids"}},
		"floats for computed": {m.SetFloats(y, make([]float32, 6)), []string{"embedding"}},
		"integers for floats": {m.SetInts(x, make([]int32, 6)), []string{"x"}},
		"too many integers":   {m.SetInts(ids, make([]int32, 3)), []string{"ids", "2", "3"}},
		"out of range":        {m.SetInts(ids, []int32{1, 2}), []string{"ids[1] is 2", "embedding", "0 to 1"}},
		"nil floats":          {m.SetFloats(nil, nil), []string{"nil"}},
		"nil integers":        {m.SetInts(nil, nil), []string{"nil"}},
		"foreign floats":      {m.SetFloats(foreign.Input("far", 1), []float32{1}), []string{"far", "another graph"}},
		"foreign integers":    {m.SetInts(foreign.Ints("far", 1), []int32{1}), []string{"far", "another graph"}},
	} {
		for _, want := range c.want {
			if c.err == nil || !strings.Contains(c.err.Error(), want) {
				t.Errorf("%s: error %v, want one with %q", name, c.err, want)
			}
		}
	}
	if ids.ints[0] != 0 {
		t.Error("a refused SetInts changed the values")
	}
}

func ExampleGraph_Err() {
	g := New()
	Linear(g.Input("x", 2, 3), g.Input("w", 4, 5), nil)
	fmt.Println(g.Err())
	_, err := g.Compile(Options{}, g.Input("other", 1))
	fmt.Println(errors.Is(err, g.Err()))
	// Output:
	// graph: linear(x [2 3], w [4 5]): want x (rows, in) and w (out, in), got [2 3] and [4 5]
	// true
}
