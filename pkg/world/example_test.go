package world_test

import (
	"context"
	"fmt"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/world"
)

func Example() {
	town := world.Town()
	vera, _ := town.Person("Vera Orchard")
	fmt.Println(vera)
	fmt.Println(vera.Answer(world.Trade, world.English), vera.Answer(world.Trade, world.Chinese))

	stream := town.Stream(world.TextOptions{Lang: world.Chinese})
	fmt.Println(stream.Next().Text)

	questions := data.Must(world.Questions(context.Background()))
	fmt.Println(questions.Len(), "questions")
	fmt.Println(questions.At(0).Prompt, questions.At(0).Answer)
	// Output:
	// Vera Orchard (薇拉·奥查德): trade rope maker, street Chapel Street, village Saltmere, colour white, food seaweed rice, pet duck
	// She is a rope maker. 她是制绳匠。
	// 奥托·杰索普一个星期没见到西蒙·哈丁了，春天第一个暖和的日子，两人在石桥上碰上了。奥托·杰索普家在鲱鱼街，离这里不远。两人都看中了一袋盐，可是价钱太高。西蒙·哈丁围着绿色的围巾，因为他最喜欢绿色。奥托·杰索普是印刷工，那天起得很早。后来，两人各自回家了。
	// 1920 questions
	// What is Walter Keating's trade? He is a fisher.
}
