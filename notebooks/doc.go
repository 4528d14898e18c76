// Package notebooks holds the lessons as notebooks, executed, so that `tunebook lab` can hand them out from the binary.
// They are generated: the source of each is lessons/NN-name/lesson.md, or lesson.zh.md, and go generate ./lessons writes them anew.
package notebooks
