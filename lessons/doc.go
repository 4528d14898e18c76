// Package lessons ties the lessons together: each folder NN-name holds lesson.md, the single source of a notebook,
// lesson.zh.md, the same in Chinese, and a test of what the lesson claims. go generate ./lessons writes the notebooks of
// what has changed and runs them; go run ./internal/generate -force, in this folder, runs them all.
package lessons

//go:generate go run ./internal/generate
