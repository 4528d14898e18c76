// Package model holds Llama-style decoders: RMSNorm, rotary positions, grouped-query attention, SwiGLU.
//
// A Model is a Config, named parameters and a tokenizer. Build writes it as a graph to train; Generate, Answer and
// Logits run it directly on the kernels with a cache of keys and values; a Decoder does so again and again. Files are in
// Hugging Face's layout.
//
// B, T, D and V are batch, tokens, width and vocabulary.
package model
