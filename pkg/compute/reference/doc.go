// Package reference holds every operator as plain float64 loops, forward and backward: the slow truth.
//
// The fast kernels of compute/cpu are compared with it, the stock gorgonia machine runs it, and its own gradients are
// compared with finite differences. Shapes are written as in compute/cpu. Run computes what a compute.Op describes.
package reference
