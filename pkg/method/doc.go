// Package method says why weights move: each method is one file that names its paper, turns records into examples and
// makes the loss out of a model's outputs. It never imports the training loop, nor does one method import another.
package method
