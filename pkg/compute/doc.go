// Package compute holds the numbers: dense float32 tensors, and below it the devices that work on them.
//
// An operator is described by a comparable struct of its sizes and constants, an Op such as Linear or Attention, which says
// what buffers it reads and writes, in which order and shapes. A Device gives out Buffers, copies between them and host memory,
// and binds a description to buffers: what comes back is run as often as needed and allocates nothing. What a device must do to
// train and run every model of this module is that and no more.
//
//	linear, err := d.Bind(compute.Linear{Rows: 2, In: 3, Out: 4}, []compute.Buffer{y}, []compute.Buffer{x, w})
//	linear.Run()
//	err = d.Sync()
//
// compute/cpu has the fast kernels (AVX-512, AVX2, portable Go, chosen when a Device is made) and
// compute/reference the same operators as plain float64 loops, against which every fast kernel is tested.
// Nothing here knows about graphs, models or gorgonia.
package compute
