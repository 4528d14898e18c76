// Package nn holds the parts from which a decoder is built: named parameters,
// their initial values, and one small builder for each layer. A builder adds
// the layer's nodes to a graph.Graph; nothing is computed here.
//
// Parameters carry the names of Hugging Face's Llama checkpoints, such as
// model.layers.0.self_attn.q_proj.weight. Weights of linear layers are
// [out, in], so y = x·Wᵀ.
//
// A Builder is also where fine-tuning methods reach into a model without the
// model knowing them. Hooks.Trainable freezes parameters by name.
// Hooks.Linear computes a named linear layer in another way: LoRA adds a
// low-rank term there, IA3 a scale. Hooks.Sublayer extends the output of a
// whole attention or MLP part: a bottleneck adapter sits there.
//
// Shapes in comments use R for rows, the B·T tokens of a batch laid out one
// after another, D for the model's width, F for the width inside the MLP, H
// and K for query and key-value heads, and V for the vocabulary.
package nn
