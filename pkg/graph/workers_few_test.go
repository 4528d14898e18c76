//go:build race || emulate

package graph

// workers are those of the devices that operators are tested on. Where the tests take ten times as long they do not work alone, too:
// one worker cannot race, and the kernels that are interpreted are the same.
var workers = []int{3}
