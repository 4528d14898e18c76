package token_test

import (
	"context"
	"fmt"

	"github.com/tunebook/tunebook/pkg/token"
)

func Example() {
	texts := []string{
		"The baker bakes bread. The bread is warm.",
		"The baker sells bread in the harbour.",
		"面包师在港口卖面包。面包师的面包很香。",
	}
	tok, err := token.Train(context.Background(), texts, token.TrainOptions{Vocab: 300})
	if err != nil {
		fmt.Println(err)
		return
	}
	ids := tok.Encode("The baker sells bread. 面包")
	fmt.Println(tok.Strip(ids))
	fmt.Println(tok.Decode(ids))
	fmt.Println(tok.Strip(tok.ChatPrompt("bread?")))
	// Output:
	// The│·baker│·│sel│ls│·bread│.│·│面包
	// 269 283 226 289 288 275 19 226 268
	// The baker sells bread. 面包
	// <|bos|>│<|user|>│b│read│?│<|assistant|>
	// 1 3 71 273 36 4
}
