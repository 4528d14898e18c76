// Package book turns a lesson, one Markdown file, into a Jupyter notebook.
//
// A lesson begins with front matter:
//
//	---
//	title: Supervised fine-tuning
//	summary: Teach a model to answer by showing it answers.
//	time: 3 minutes
//	needs: 01-language-model
//	---
//
// What follows is prose, and Go in fences. A fence may say what its cell is for:
//
//	```go {exercise name=mask points=2}
//
// An exercise is followed by a check and a solution. The notebook shows the solution folded, as text; the tests put it
// in the exercise's place and run it. Its name, which is its number where the fence has none, stands for it in every
// language, in a learner's progress and in a teacher's grades: an exercise keeps it when the text around it changes.
//
// [Parse] reads the file, [Lesson.Notebook] makes the notebook, [Drift] finds out whether a committed notebook still
// is what its lesson says. Everything is a function of the text alone, so the same lesson gives the same bytes.
package book
