// Package base holds the embedded base model: a decoder of 2.8 million parameters that was pre-trained, by this project's
// own engine, on the papers of the made-up town of pkg/world in English and Chinese.
//
// It has read and never been asked anything: it continues text, it does not answer. How it was made and what it can do
// stands in weights/report.json, and for people in weights/README.md: the recipe, the curve, perplexity by language, facts
// known and facts that no text told, twenty samples, and what three hundred steps of SFT make of it.
//
//	tunebook base report               # what stands there
//	tunebook base train --out DIR      # makes it anew, in twenty minutes on two cores with AVX-512
//
// [Untrained] is its smaller twin for lessons that train from scratch: random weights, the same tokenizer.
package base

//go:generate go run github.com/tunebook/tunebook base train --out weights --force
