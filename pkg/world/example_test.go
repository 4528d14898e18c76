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
	// 天刚亮，广场上挤满了车。印刷工奥托·杰索普也摆了一个摊子，卖的是日历。西蒙·哈丁要了四份日历，一共4个铜板。卡斯珀·纽厄尔是造船工，卖的自然是小划艇。买一条小划艇要付40个铜板。艾萨克·英格拉姆数出40个铜板，买了一条小划艇。
	// 1920 questions
	// What is Walter Keating's trade? He is a fisher.
}
