// Package world is Ternhaven (燕鸥港), the made-up harbour town from which every
// lesson draws its text, in English and in Chinese.
//
// A [World] is made from a seed: 160 people, each with a name and six facts
// (trade, street, home village, favourite colour, favourite food, pet), and the
// Heron Line, a shipping company with rules. Because the town knows every fact,
// every answer can be scored exactly and no judge is needed.
//
// It also has goods with prices, streets in quarters, villages with what they are known
// for, ships, ports with rates, festivals, weddings, storms, and friendships
// ([World.Goods] and so on).
//
// For pre-training:
//
//   - [World.Stream] and [World.Text] write running text: portraits, meetings, market
//     days, letters, streets and villages, the company, notices, festivals, storms,
//     weddings, launches. They state facts in many wordings and orders, never ask a
//     question, and never state what [World.Unknown] lists. Plain texts are shorter.
//
// For fine-tuning and alignment, each with its ground truth in every record:
//
//   - [World.Questions] asks for facts, back from facts to people, and over two hops;
//     split by entity, an exam asks about people who were never asked about in practice.
//   - [World.Dialogues] are polite talks at the company's counter.
//   - [World.Labels] are harbour notices whose kind is asked for.
//   - [World.Candidates] are answers of known quality; [World.Judge] measures any answer.
//   - [World.Preferences] are the choices of [Raters], with noise and weaknesses.
//   - [World.Requests] are harmful and harmless requests that share their words.
//   - [World.Biases] swap a village or a trade, [World.Premises] presume what is not so.
//   - [World.Continuations] begin stories that invite an insult, and stories that do not.
//   - [World.Documents] is a library of facts that no text states, with stale,
//     contradictory and distracting papers; [World.Library] asks for them.
//   - [World.Tasks] are far from all texts.
//
// [World.Each] streams any of them.
//
// That a fact is told in many wordings, many orders and with the full name again
// and again is what lets a model answer about people outside the fine-tuning set:
// Allen-Zhu and Li, "Physics of Language Models: Part 3.1, Knowledge Storage and
// Extraction", arXiv:2309.14316.
package world
