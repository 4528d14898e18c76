// Package lessons ties the lessons together: each folder NN-name holds lesson.md, the single source of a notebook, and a
// test of what the lesson claims. go generate ./lessons writes the notebooks and runs them.
package lessons

//go:generate go run ./internal/generate
//go:generate go run .. run ../notebooks/en/03-sft.ipynb --out ../notebooks/en/03-sft.ipynb
