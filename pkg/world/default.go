package world

import (
	"context"

	"github.com/tunebook/tunebook/pkg/data"
)

// These are short for the methods of the default town, [Town]. They take at most
// one options value; without one, the documented defaults hold.

// Text returns texts of the default town: see [World.Text].
func Text(ctx context.Context, o ...TextOptions) (data.Set, error) {
	return Town().Text(ctx, one(o))
}

// Questions asks about the people of the default town: see [World.Questions].
func Questions(ctx context.Context, o ...QuestionOptions) (data.Set, error) {
	return Town().Questions(ctx, one(o))
}

// Dialogues holds talks in the default town: see [World.Dialogues].
func Dialogues(ctx context.Context, o ...DialogueOptions) (data.Set, error) {
	return Town().Dialogues(ctx, one(o))
}

// Labels shows notices of the default town: see [World.Labels].
func Labels(ctx context.Context, o ...LabelOptions) (data.Set, error) {
	return Town().Labels(ctx, one(o))
}

func one[T any](options []T) T {
	if len(options) == 0 {
		var none T
		return none
	}
	return options[0]
}
