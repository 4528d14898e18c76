// Package method says why weights move: each method is one file that names its paper, turns records into examples and
// makes the loss out of a model's outputs. It never imports the training loop, nor does one method import another.
//
//   - [Causal] is pre-training, [SFT] fine-tuning on answers.
//   - [Distill] brings a student's probabilities near a teacher's, and its hidden states where asked for; [SequenceLevel] lets the
//     teacher write what the student is fine-tuned on; in [OnPolicy] the student writes, and the teacher judges each token.
//     [Agree] says how near a student has come.
//   - [DPO] and its kinds, [ORPO] and [SimPO] learn from pairs of a chosen and a rejected answer, [KTO] from single answers that
//     were liked or not; in [OnlineDPO] the model writes the pairs.
//
// A method that takes more than the model that trains, such as a teacher, is [Assisted].
package method
