package graph

import (
	"math"
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
	"Exp": {
		"integers": func(s *shelf) *Node { return Exp(s.i(3)) },
		"nil":      func(*shelf) *Node { return Exp(nil) },
	},
	"Log": {
		"integers": func(s *shelf) *Node { return Log(s.i(3)) },
		"nil":      func(*shelf) *Node { return Log(nil) },
	},
	"Sigmoid": {
		"integers": func(s *shelf) *Node { return Sigmoid(s.i(3)) },
		"nil":      func(*shelf) *Node { return Sigmoid(nil) },
	},
	"LogSigmoid": {
		"integers": func(s *shelf) *Node { return LogSigmoid(s.i(3)) },
		"nil":      func(*shelf) *Node { return LogSigmoid(nil) },
	},
	"Square": {
		"integers": func(s *shelf) *Node { return Square(s.i(3)) },
		"nil":      func(*shelf) *Node { return Square(nil) },
	},
	"Log1mExp": {
		"integers": func(s *shelf) *Node { return Log1mExp(s.i(3)) },
		"nil":      func(*shelf) *Node { return Log1mExp(nil) },
	},
	"Positive": {
		"integers": func(s *shelf) *Node { return Positive(s.i(3)) },
		"nil":      func(*shelf) *Node { return Positive(nil) },
	},
	"Sub": {
		"shapes":   func(s *shelf) *Node { return Sub(s.x(3), s.x(2)) },
		"integers": func(s *shelf) *Node { return Sub(s.x(3), s.i(3)) },
		"nil":      func(s *shelf) *Node { return Sub(s.x(3), nil) },
	},
	"Mul": {
		"shapes":   func(s *shelf) *Node { return Mul(s.x(3), s.x(2)) },
		"integers": func(s *shelf) *Node { return Mul(s.x(3), s.i(3)) },
		"nil":      func(s *shelf) *Node { return Mul(s.x(3), nil) },
	},
	"Min": {
		"shapes":   func(s *shelf) *Node { return Min(s.x(3), s.x(2)) },
		"integers": func(s *shelf) *Node { return Min(s.x(3), s.i(3)) },
		"nil":      func(s *shelf) *Node { return Min(s.x(3), nil) },
	},
	"Max": {
		"shapes":   func(s *shelf) *Node { return Max(s.x(3), s.x(2)) },
		"integers": func(s *shelf) *Node { return Max(s.x(3), s.i(3)) },
		"nil":      func(s *shelf) *Node { return Max(s.x(3), nil) },
	},
	"Clamp": {
		"bounds":   func(s *shelf) *Node { return Clamp(s.x(3), 2, 1) },
		"integers": func(s *shelf) *Node { return Clamp(s.i(3), 0, 1) },
		"nil":      func(*shelf) *Node { return Clamp(nil, 0, 1) },
	},
	"Shift": {
		"nowhere":  func(s *shelf) *Node { return Shift(s.x(3), math.NaN()) },
		"integers": func(s *shelf) *Node { return Shift(s.i(3), 1) },
		"nil":      func(*shelf) *Node { return Shift(nil, 1) },
	},
	"Everywhere": {
		"no scalar": func(s *shelf) *Node { return Everywhere(s.x(3), 2) },
		"integers":  func(s *shelf) *Node { return Everywhere(s.i(3), 2) },
		"nil":       func(*shelf) *Node { return Everywhere(nil, 2) },
	},
	"SumBy": {
		"matrix":       func(s *shelf) *Node { return SumBy(s.x(3, 2), s.i(3), 2) },
		"rows":         func(s *shelf) *Node { return SumBy(s.x(3), s.i(2), 2) },
		"float groups": func(s *shelf) *Node { return SumBy(s.x(3), s.x(3), 2) },
		"no groups":    func(s *shelf) *Node { return SumBy(s.x(3), s.i(3), 0) },
		"integers":     func(s *shelf) *Node { return SumBy(s.i(3), s.i(3), 2) },
		"nil":          func(s *shelf) *Node { return SumBy(s.x(3), nil, 2) },
	},
	"Reshape": {
		"size":     func(s *shelf) *Node { return Reshape(s.x(3, 2), 5) },
		"negative": func(s *shelf) *Node { return Reshape(s.x(3, 2), -3, -2) },
		"integers": func(s *shelf) *Node { return Reshape(s.i(3), 3) },
		"nil":      func(*shelf) *Node { return Reshape(nil, 3) },
	},
	"Sum": {
		"integers": func(s *shelf) *Node { return Sum(s.i(3)) },
		"nil":      func(*shelf) *Node { return Sum(nil) },
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
var written = map[string]string{"LinearEntropy": "entropy", "LinearDivergence": "divergence", "MaskedMean": "masked-mean", "SquaredError": "squared-error", "CosineDistance": "cosine-distance", "GELU": "gelu", "GELUTanh": "gelu-tanh", "SwiGLU": "swiglu", "RMSNorm": "rmsnorm", "RoPE": "rope", "RoPEFrom": "rope", "ReLU": "relu", "SiLU": "silu", "Tanh": "tanh", "EmbeddingWith": "embedding", "PrefixAttention": "attention", "LinearCrossEntropy": "cross-entropy", "CrossEntropy": "cross-entropy", "LinearLogProb": "log-probability", "LogSigmoid": "log-sigmoid", "SumBy": "sum-by"}
