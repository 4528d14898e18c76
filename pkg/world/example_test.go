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
	// 傍晚，奥托·杰索普去取一个陶罐，没想到西蒙·哈丁已经在那里了。奥托·杰索普说起鲱鱼街的邻居，他就住在那里。西蒙·哈丁家在牡蛎巷，离这里不远。这时，一艘苍鹭航运的船从灯塔旁边开过。两个人说好星期三再见面。
	// 1920 questions
	// What is Walter Keating's trade? He is a fisher.
}
