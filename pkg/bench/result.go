package bench

// Result is one measurement. As JSON it is one object, in which what does not apply is left out.
type Result struct {
	Bench    string `json:"bench"`           // peak, gemm, train, lora, adapt, decode or profile
	Shape    string `json:"shape,omitempty"` // of a product
	Model    string `json:"model,omitempty"`
	Method   string `json:"method,omitempty"` // of adapt: what moves
	Op       string `json:"op,omitempty"`     // of a profile: an operator of the step's plan, or optimizer
	Batch    int    `json:"batch,omitempty"`  // sequences side by side
	Params   int    `json:"params,omitempty"`
	Trained  int    `json:"trained,omitempty"`  // parameters that a training step moves
	Weights  string `json:"weights,omitempty"`  // how they are kept; empty means float32
	Products string `json:"products,omitempty"` // what they multiply; empty means float32
	Threads  int    `json:"threads"`
	Level    string `json:"level"`  // of instructions
	Rounds   int    `json:"rounds"` // that the medians are of

	CPUTime bool `json:"cpu_time,omitempty"` // times are of the CPU, see Options.CPU

	GFLOPS      float64 `json:"gflops"`
	ShareOfPeak float64 `json:"share_of_peak"`
	MsPerStep   float64 `json:"ms_per_step"`     // of a product, a training step, an operator's part of one, or one token a sequence
	Share       float64 `json:"share,omitempty"` // of a profile: of the step's time
	TokensPerS  float64 `json:"tokens_per_s,omitempty"`
	GBPerS      float64 `json:"gb_per_s,omitempty"` // of weights read

	MemoryGBPerS  float64 `json:"memory_gb_per_s,omitempty"` // that memory gives, measured in the same rounds
	ShareOfMemory float64 `json:"share_of_memory,omitempty"` // above 1 where caches hold the weights

	Bytes    int     `json:"bytes"`
	Resident int64   `json:"resident,omitempty"` // of adapt: bytes that the process holds for its steps, measured; zero where it was not
	Others   float64 `json:"others"`             // share of the cores that other programs took; -1 where it is not known

	Torch *Torch `json:"torch,omitempty"`
}

// Torch is what PyTorch did in the same rounds.
type Torch struct {
	Version    string         `json:"version"`
	Variant    string         `json:"variant"` // the fastest way to run it
	Tried      map[string]any `json:"tried"`   // seconds of each way, or why it does not run
	MsPerStep  float64        `json:"ms_per_step"`
	TokensPerS float64        `json:"tokens_per_s,omitempty"`
	Ratio      float64        `json:"ratio"` // its time over ours
	Low        float64        `json:"low"`   // the smallest and largest of one round
	High       float64        `json:"high"`

	Library    string         `json:"library,omitempty"`     // of adapt, beside PyTorch itself
	Resident   int64          `json:"resident,omitempty"`    // as ours, of the variant that takes least
	Residents  map[string]any `json:"residents,omitempty"`   // of each variant that was measured
	MemoryOver float64        `json:"memory_over,omitempty"` // Resident over ours
}
