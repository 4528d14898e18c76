package kernel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/tunebook/tunebook/kernel/display"
	"github.com/tunebook/tunebook/kernel/wire"
)

// answer takes what clients say on the stdin channel.
func (k *Kernel) answer(m wire.Message) {
	if m.Header.Type != "input_reply" {
		k.log.Warn("stdin expects input_reply", "type", m.Header.Type)
		return
	}
	select {
	case k.answers <- m:
	default: // nobody asked so often
	}
}

// asker asks the client whose request is running. The cell that asks can be interrupted.
func (k *Kernel) asker(ctx context.Context, request *wire.Message, allowed bool) func(string, bool) (string, error) {
	return func(prompt string, secret bool) (string, error) {
		if !allowed {
			return "", display.ErrNoInput
		}
		k.forgetAnswers()
		k.page.flush() // what was printed before the question stands before it
		question, err := wire.New(k.id, "input_request", request, wire.InputRequest{Prompt: prompt, Password: secret})
		if err != nil {
			return "", err
		}
		question.Identities = request.Identities[:1] // clients use one identity on shell and stdin
		if err := k.put(ctx, question); err != nil {
			return "", err
		}
		for {
			select {
			case <-ctx.Done():
				return "", fmt.Errorf("kernel: interrupted while waiting for an answer to %q: %w", prompt, ctx.Err())
			case m := <-k.answers:
				var reply wire.InputReply
				if !answers(m, question) || m.Into(&reply) != nil {
					continue
				}
				return reply.Value, nil
			}
		}
	}
}

// put sends a question. A client connects its channels one after the other, so the first question may come before the
// client is there to hear it.
func (k *Kernel) put(ctx context.Context, question wire.Message) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for {
		err := k.stdin.Send(question)
		if !errors.Is(err, wire.ErrGone) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("kernel: nobody can be asked: %w", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// answers says whether m belongs to question. Some clients send no parent.
func answers(m, question wire.Message) bool {
	var parent wire.Header
	if json.Unmarshal(m.Parent, &parent) != nil {
		return false
	}
	return parent.ID == "" || parent.ID == question.Header.ID
}

// forgetAnswers drops replies to questions whose cell was interrupted.
func (k *Kernel) forgetAnswers() {
	for {
		select {
		case <-k.answers:
		default:
			return
		}
	}
}
