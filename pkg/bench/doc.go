// Package bench measures the engine on the machine at hand, alone or side by side with PyTorch.
//
//	results, err := bench.Train(ctx, bench.Options{Match: "d128", Torch: "/path/to/venv/bin/python"})
//	fmt.Println(bench.Table(results))
//
// # What the figures are
//
// A measurement is made of rounds. In a round our side runs for Options.Seconds, then PyTorch does, never both at once;
// a round's figure is the median of its steps, and what is reported is the median of the rounds. The ratio is PyTorch's
// time over ours, so 2 means that we are twice as fast; Low and High are the smallest and largest ratio of one round,
// and show how far to trust it. Others is the share of all cores that other programs took while our side ran: above a
// few percent, figures are rough, and ratios are less so.
//
//   - Peak is the rate of fused multiply-adds on registers alone, counted as two operations each, at the vector width in
//     use, measured in every round beside what it is compared with. Where there is no assembly the fastest product
//     stands for it.
//   - gemm: the three products of a linear layer with R rows, I inputs and O outputs, each 2·R·I·O operations: NT is the
//     forward pass, NN the gradient of the input, TN that of the weight. Packing is part of the time. Bytes are those of
//     the three matrices.
//   - train: one step is forward, backward, clipping to norm 1 and AdamW, on random tokens. GFLOPS counts the matrix
//     products and the causal half of attention only, three times the forward pass, see [Model.TrainFLOPs]. Bytes are
//     the plan's, see graph.Plan.Bytes, and AdamW's two moments.
//   - lora: the same steps of adapters of rank [LoRARank] on the projections of queries and values (arXiv:2106.09685), with
//     everything else frozen: no gradient of a frozen weight is computed. GFLOPS counts what is left, see [Model.LoRAFLOPs].
//   - adapt: the same steps for full tuning, LoRA and DoRA of rank [LoRARank] on all linear layers, and bottleneck adapters of Houlsby
//     and of Pfeiffer, [Reduction] times narrower than the model, all by package adapt. GFLOPS counts the products of the plan,
//     attention's whole squares among them. Resident is what the process has in memory at most (VmHWM) while steps are taken, less
//     what it had before there was a model, after a small one has warmed everything up: measured in a process that does nothing
//     else, after what loading needed is given back. PyTorch has transformers' Llama there, with PEFT or AdapterHub's adapters; its
//     memory is measured likewise for each variant, and the least counts, whichever variant is fastest.
//   - decode: a greedy continuation by [NewTokens] tokens of a short prompt, reading it included, of Batch sequences side
//     by side, by a decoder that has packed its weights before. Bytes are the weights that one step reads, as they are kept,
//     GBPerS those over the time of one step. ShareOfMemory compares that with what all workers read of a quarter of a
//     gigabyte, in the same rounds; models that caches hold exceed it.
//
// # The other side
//
// pytorch.py holds the same models, reads the weights that our side drew, and must agree on the first loss and the norm
// of its gradient, or on the first token, or there is no result. It tries several ways of running them (eager, compiled, threads) and keeps the fastest;
// docs/benchmarks.md says how it was tuned further. libraries.py has the side of adapt, and imports other libraries for nothing else.
package bench
