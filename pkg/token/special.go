package token

// The special tokens of this project, in id order.
// PAD and EOS differ: a model must be graded on where it stops, and never on padding.
const (
	PADToken       = "<|pad|>"
	BOSToken       = "<|bos|>"
	EOSToken       = "<|eos|>"
	UserToken      = "<|user|>"
	AssistantToken = "<|assistant|>"
	SystemToken    = "<|system|>"
)

// Specials returns the names of the special tokens that [Train] reserves by
// default. Their ids are their places in this list.
func Specials() []string {
	return []string{PADToken, BOSToken, EOSToken, UserToken, AssistantToken, SystemToken}
}

// Special returns the id of a special token.
func (t *Tokenizer) Special(name string) (id int, ok bool) {
	id, ok = t.specials[name]
	return id, ok
}

// IsSpecial says whether id is a special token, which text never yields.
func (t *Tokenizer) IsSpecial(id int) bool {
	return id >= 0 && id < len(t.special) && t.special[id]
}

func (t *Tokenizer) specialOrNone(name string) int {
	if id, ok := t.specials[name]; ok {
		return id
	}
	return -1
}

// PAD returns the id that fills unused places of a batch, or -1 where the vocabulary has none.
func (t *Tokenizer) PAD() int { return t.specialOrNone(PADToken) }

// BOS returns the id that opens every sequence, or -1 where the vocabulary has none.
func (t *Tokenizer) BOS() int { return t.specialOrNone(BOSToken) }

// EOS returns the id that ends a turn, or -1 where the vocabulary has none.
func (t *Tokenizer) EOS() int { return t.specialOrNone(EOSToken) }

// User returns the id that opens a turn of the user, or -1 where the vocabulary has none.
func (t *Tokenizer) User() int { return t.specialOrNone(UserToken) }

// Assistant returns the id that opens a turn of the assistant, or -1 where the vocabulary has none.
func (t *Tokenizer) Assistant() int { return t.specialOrNone(AssistantToken) }

// System returns the id that opens the system's instructions, or -1 where the vocabulary has none.
func (t *Tokenizer) System() int { return t.specialOrNone(SystemToken) }

// ChatPrompt returns the ids of a question up to the point where the answer starts:
//
//	<|bos|> <|user|> question <|assistant|>
//
// A special token that the vocabulary lacks is left out.
func (t *Tokenizer) ChatPrompt(question string) []int {
	ids := make([]int, 0, len(question)/2+3)
	for _, id := range []int{t.BOS(), t.User()} {
		if id >= 0 {
			ids = append(ids, id)
		}
	}
	ids = t.append(ids, question)
	if id := t.Assistant(); id >= 0 {
		ids = append(ids, id)
	}
	return ids
}
