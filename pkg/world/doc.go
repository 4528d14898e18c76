// Package world is Ternhaven (燕鸥港), the made-up harbour town from which every
// lesson draws its text, in English and in Chinese.
//
// A [World] is made from a seed: 160 people, each with a name and six facts
// (trade, street, home village, favourite colour, favourite food, pet), and the
// Heron Line, a shipping company with rules. Because the town knows every fact,
// every answer can be scored exactly and no judge is needed.
//
//   - [World.Stream] and [World.Text] write running text for pre-training:
//     biographies, small scenes, market days, harbour notices, company rules. They
//     state facts in many wordings and orders, and never ask a question.
//   - [World.Questions] asks for facts; split by entity, an exam asks about people
//     who were never asked about in practice.
//   - [World.Dialogues] are polite talks at the company's counter.
//   - [World.Labels] are harbour notices whose kind is asked for.
//
// That a fact is told in many wordings, many orders and with the full name again
// and again is what lets a model answer about people outside the fine-tuning set:
// Allen-Zhu and Li, "Physics of Language Models: Part 3.1, Knowledge Storage and
// Extraction", arXiv:2309.14316.
package world
