// Package checkpoint reads and writes the files in which models travel:
// safetensors for weights and Hugging Face's config.json for the shape of a
// Llama-family decoder. No other package touches these formats.
//
// A file from outside is not trusted. The header is checked before a byte of
// data is allocated: offsets must tile the data exactly, names must be unique,
// shapes must match their byte counts, and no allocation exceeds what the file
// itself holds. Every error names the file and, where there is one, the tensor.
//
// Files are written beside their final name and renamed into place, so a
// reader, or a crash, never meets half a file.
//
// The safetensors layout is eight bytes of little-endian header length N, N
// bytes of JSON that map each name to {dtype, shape, data_offsets}, and the
// data, row-major and without gaps.
package checkpoint
