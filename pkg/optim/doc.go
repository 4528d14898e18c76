// Package optim moves weights: AdamW, learning-rate schedules, clipping by the global norm.
package optim
