// Package token turns text into token ids and back.
//
// A [Tokenizer] is a byte-level BPE: text is cut into words by a fixed rule,
// every word starts as its UTF-8 bytes, and learned merges join neighbours
// until no merge applies (Sennrich et al., arXiv:1508.07909; over bytes:
// Radford et al., "Language Models are Unsupervised Multitask Learners", 2019).
// Since every byte has a token, every text can be encoded, in any language, and
// Decode(Encode(s)) == s holds for every string, valid UTF-8 or not.
//
// [Train] learns a vocabulary from text. [Load] and [Parse] read Hugging Face's
// tokenizer.json; [Tokenizer.JSON] writes it. The ids are those of the Python
// package "tokenizers": testdata holds vectors made with it, and the script.
//
// Special tokens such as <|eos|> are never parsed from text. A question that
// contains the characters "<|eos|>" becomes ordinary tokens, so nobody can forge
// the end of a turn by typing it. Only code puts special tokens into a sequence:
// see [Tokenizer.ChatPrompt].
package token
