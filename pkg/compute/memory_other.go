//go:build !linux

package compute

// adviseHuge does nothing: other systems choose the size of pages themselves.
func adviseHuge([]float32) {}

// HugePages is how this system gives out huge pages; empty where it does not say, as here.
func HugePages() string { return "" }
