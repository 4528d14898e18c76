//go:build !race && !emulate

package cpu_test

// workers are those of the devices that operators are tested on: alone, and more than there is work for.
var workers = []int{1, 3}
