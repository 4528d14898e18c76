//go:build !race && !emulate

package graph

// workers are those of the devices that operators are tested on: alone, and more than there is work for.
var workers = []int{1, 3}
