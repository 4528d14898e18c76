// Package model holds Llama-style decoders: RMSNorm, rotary positions, grouped-query attention, SwiGLU.
//
// A Model is a Config, named parameters and a tokenizer. Build writes it as a graph to train; Generate, Answer and
// Logits run it directly on the kernels with a cache of keys and values; a Decoder does so again and again. Files are in
// Hugging Face's layout. Extras are what a model computes beside its plain weights, adapters at sublayers, keys and values or
// embeddings in front of the text: Build, Decoder and files respect them, and a MixedDecoder has several on one set of weights.
//
// B, T, D and V are batch, tokens, width and vocabulary.
package model
