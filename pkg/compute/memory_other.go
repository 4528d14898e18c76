//go:build !linux

package compute

// adviseHuge does nothing: other systems choose the size of pages themselves.
func adviseHuge([]float32) {}
