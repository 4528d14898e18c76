package nn

import (
	"math/rand/v2"

	"github.com/tunebook/tunebook/pkg/compute"
)

// Normal draws a tensor from a normal distribution of mean zero.
func Normal(rng *rand.Rand, std float64, shape ...int) *compute.Tensor {
	t := compute.New(shape...)
	for i := range t.Data {
		t.Data[i] = float32(std * rng.NormFloat64())
	}
	return t
}

// Uniform draws a tensor evenly from [-limit, limit).
func Uniform(rng *rand.Rand, limit float64, shape ...int) *compute.Tensor {
	t := compute.New(shape...)
	for i := range t.Data {
		t.Data[i] = float32(limit * (2*rng.Float64() - 1))
	}
	return t
}

// Constant fills a tensor with one value: 1 for the weight of a norm, 0 for
// whatever must leave the model unchanged at first.
func Constant(value float32, shape ...int) *compute.Tensor {
	t := compute.New(shape...)
	for i := range t.Data {
		t.Data[i] = value
	}
	return t
}
