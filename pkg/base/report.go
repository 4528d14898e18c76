package base

// Report is how the embedded weights were made; it stands beside them as report.json.
type Report struct {
	Recipe      Recipe
	Kernels     string             // the processor's kernels
	Seconds     float64            // of training
	Tokens      int                // read
	Perplexity  map[string]float64 // by language, on unseen documents
	Steps       []int              // of the held-out curve
	HeldOutLoss []float64          // nats per token
}
