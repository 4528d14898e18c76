// Package base holds the embedded base model: a decoder of 1.4 million parameters that was pre-trained, by this
// project's own engine, on the papers of the made-up town of pkg/world in English and Chinese.
//
// It has read and never been asked anything: it continues text, it does not answer. The recipe, the seed, the curve and
// the perplexities stand beside the weights in weights/report.json; go generate ./pkg/base makes them anew.
package base

//go:generate go run ./make -out weights
