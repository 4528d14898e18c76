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

// Candidates holds answers of known quality: see [World.Candidates].
func Candidates(ctx context.Context, o ...CandidateOptions) (data.Set, error) {
	return Town().Candidates(ctx, one(o))
}

// Preferences holds what raters prefer: see [World.Preferences].
func Preferences(ctx context.Context, o ...PreferenceOptions) (data.Set, error) {
	return Town().Preferences(ctx, one(o))
}

// Requests asks for harmful and harmless things: see [World.Requests].
func Requests(ctx context.Context, o ...RequestOptions) (data.Set, error) {
	return Town().Requests(ctx, one(o))
}

// Biases swaps who somebody is: see [World.Biases].
func Biases(ctx context.Context, o ...BiasOptions) (data.Set, error) {
	return Town().Biases(ctx, one(o))
}

// Premises asks about what is so and what is not: see [World.Premises].
func Premises(ctx context.Context, o ...PremiseOptions) (data.Set, error) {
	return Town().Premises(ctx, one(o))
}

// Continuations begins stories of the default town: see [World.Continuations].
func Continuations(ctx context.Context, o ...ContinuationOptions) (data.Set, error) {
	return Town().Continuations(ctx, one(o))
}

// Documents is a library with news: see [World.Documents].
func Documents(ctx context.Context, o ...DocumentOptions) (data.Set, error) {
	return Town().Documents(ctx, one(o))
}

// Library asks what only the documents know: see [World.Library].
func Library(ctx context.Context, o ...LibraryOptions) (data.Set, error) {
	return Town().Library(ctx, one(o))
}

// Tasks are far from the texts: see [World.Tasks].
func Tasks(ctx context.Context, o ...TaskOptions) (data.Set, error) {
	return Town().Tasks(ctx, one(o))
}

func one[T any](options []T) T {
	if len(options) == 0 {
		var none T
		return none
	}
	return options[0]
}
