package data

import (
	"errors"
	"fmt"

	"github.com/tunebook/tunebook/pkg/token"
)

// Ignore is the label of a token that is not trained on, as in PyTorch.
const Ignore = -100

// Example is one tokenized record. Labels[i] is what the model should predict after IDs[0..i], or Ignore.
type Example struct {
	IDs, Labels []int

	// Starts are where further texts begin in an example of several, such as a chosen and a rejected answer, in order. Each text
	// is read by itself, and all texts of an example stand in one batch.
	Starts []int `json:",omitempty"`
	// Tokens are numbers that a method's loss reads at every token, such as advantages: as many as IDs, by name.
	Tokens map[string][]float32 `json:",omitempty"`
	// Numbers are those that it reads once for an example, such as what a reference model thinks of a pair, by name.
	Numbers map[string]float32 `json:",omitempty"`
}

// Trained counts the tokens with a label.
func (e Example) Trained() (n int) {
	for _, label := range e.Labels {
		if label != Ignore {
			n++
		}
	}
	return n
}

// Texts are where each text of the example begins and ends in IDs: one, and one more for each of Starts.
func (e Example) Texts() [][2]int {
	list := make([][2]int, 0, 1+len(e.Starts))
	from := 0
	for _, at := range e.Starts {
		list, from = append(list, [2]int{from, at}), at
	}
	return append(list, [2]int{from, len(e.IDs)})
}

// check refuses an example that does not fit a row, or itself.
func (e Example) check(length int) error {
	if len(e.IDs) > length {
		return fmt.Errorf("has %d tokens, rows have %d: %w", len(e.IDs), length, ErrTooLong)
	}
	if len(e.Labels) != len(e.IDs) {
		return fmt.Errorf("has %d tokens and %d labels: want as many", len(e.IDs), len(e.Labels))
	}
	for name, values := range e.Tokens {
		if len(values) != len(e.IDs) {
			return fmt.Errorf("has %d tokens and %d numbers called %s: want as many", len(e.IDs), len(values), name)
		}
	}
	for _, text := range e.Texts() {
		if text[0] >= text[1] && len(e.Starts) > 0 {
			return fmt.Errorf("has %d tokens and texts that begin at %v: want rising numbers within it", len(e.IDs), e.Starts)
		}
	}
	return nil
}

// Errors of Encode, wrapped with the record.
var (
	ErrNoPrompt = errors.New("the record has an answer but no prompt")
	ErrNoAnswer = errors.New("the record has no answer to train on")
	ErrTooLong  = errors.New("the record is longer than the context")
)

// EncodeOptions changes what is trained on.
type EncodeOptions struct {
	TrainOnPrompt bool // also predict the prompt
	MaxLength     int  // the model's context; zero means no limit
	Truncate      bool // cut a record that is too long instead of refusing it
}

// Encode turns a record into tokens: <|bos|> <|user|> prompt <|assistant|> answer <|eos|>. Labels are set on the answer
// and its <|eos|>, so that the model learns to stop; the prompt is masked. Text is <|bos|> text <|eos|>, all of it
// trained on.
func Encode(tok *token.Tokenizer, r Record, o EncodeOptions) (Example, error) {
	var e Example
	add := func(train bool, ids ...int) {
		for _, id := range ids {
			// What this token is, the one before it should have predicted.
			if n := len(e.Labels); n > 0 {
				if train {
					e.Labels[n-1] = id
				}
			}
			e.IDs, e.Labels = append(e.IDs, id), append(e.Labels, Ignore)
		}
	}
	add(false, tok.BOS())
	switch {
	case r.Text != "":
		add(true, tok.Encode(r.Text)...)
		add(true, tok.EOS())
	case len(r.Messages) > 0:
		if err := messages(tok, r, o, add); err != nil {
			return Example{}, err
		}
	default:
		if r.Prompt == "" {
			return Example{}, fmt.Errorf("data: %s: %w", describe(r), ErrNoPrompt)
		}
		if r.Answer == "" {
			return Example{}, fmt.Errorf("data: %s: %w", describe(r), ErrNoAnswer)
		}
		add(false, tok.User())
		add(o.TrainOnPrompt, tok.Encode(r.Prompt)...)
		add(o.TrainOnPrompt, tok.Assistant())
		add(true, tok.Encode(r.Answer)...)
		add(true, tok.EOS())
	}
	if o.MaxLength > 0 && len(e.IDs) > o.MaxLength {
		if !o.Truncate {
			return Example{}, fmt.Errorf("data: %s: %w: %d tokens, the context holds %d: shorten it, or set Truncate", describe(r), ErrTooLong, len(e.IDs), o.MaxLength)
		}
		e.IDs, e.Labels = e.IDs[:o.MaxLength], e.Labels[:o.MaxLength]
		e.Labels[o.MaxLength-1] = Ignore
	}
	return e, nil
}

func messages(tok *token.Tokenizer, r Record, o EncodeOptions, add func(bool, ...int)) error {
	answered := false
	for i, m := range r.Messages {
		role, ok := map[string]int{"user": tok.User(), "assistant": tok.Assistant(), "system": tok.System()}[m.Role]
		if !ok {
			return fmt.Errorf("data: %s: message %d has role %q: want user, assistant or system", describe(r), i, m.Role)
		}
		if m.Role == "assistant" && i == 0 {
			return fmt.Errorf("data: %s: %w", describe(r), ErrNoPrompt)
		}
		add(o.TrainOnPrompt, role)
		train := m.Role == "assistant" || o.TrainOnPrompt
		add(train, tok.Encode(m.Content)...)
		if m.Role == "assistant" {
			add(true, tok.EOS())
			answered = true
		}
	}
	if !answered {
		return fmt.Errorf("data: %s: %w", describe(r), ErrNoAnswer)
	}
	return nil
}

// describe names a record by its beginning.
func describe(r Record) string {
	text := []rune(r.Prompt + r.Text + r.Answer)
	if len(r.Messages) > 0 {
		text = []rune(r.Messages[0].Content)
	}
	if len(text) > 40 {
		text = append(text[:40], '…')
	}
	return fmt.Sprintf("record %q", string(text))
}
