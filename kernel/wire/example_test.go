package wire_test

import (
	"errors"
	"fmt"

	"github.com/tunebook/tunebook/kernel/wire"
)

// A message travels as frames, signed. Who does not know the key is not heard.
func ExampleParse() {
	question, err := wire.New("a-client", "kernel_info_request", nil, struct{}{})
	if err != nil {
		fmt.Println(err)
		return
	}
	frames, err := question.Frames("the key")
	if err != nil {
		fmt.Println(err)
		return
	}
	got, err := wire.Parse("the key", frames)
	fmt.Println(got.Header.Type, "of", got.Header.Session, err)
	_, err = wire.Parse("another key", frames)
	fmt.Println(errors.Is(err, wire.ErrSignature))
	// Output:
	// kernel_info_request of a-client <nil>
	// true
}
