// Package data turns records (a question and its answer, a dialogue, running text) into batches that a model trains
// on: token ids, targets with the prompt masked, positions, segments of packed sequences.
//
// Cells write
//
//	practice, exam := data.Must(world.Questions(ctx)).Split(0.8)
//
// and no person stands on both sides.
package data
