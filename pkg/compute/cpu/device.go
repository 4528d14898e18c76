package cpu

import (
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/tunebook/tunebook/pkg/compute"
)

// Options chooses a Device.
type Options struct {
	Threads int   // workers, the caller included; zero means GOMAXPROCS
	Level   Level // zero means the best supported
}

// Device runs operators. One operator runs at a time: concurrent callers wait for each other. Operators panic on
// slices that are too short for the sizes given, since callers (pkg/graph, pkg/model) have checked shapes before.
type Device struct {
	level  Level
	mu     sync.Mutex
	pool   *pool
	tasks  tasks
	packs  [7][]float32
	blocks []block // of the product under way
	runs   uint64  // products so far

	byToken []int32 // rows of an embedding by token
}

// tasks holds one reusable value per operator, so that running one allocates nothing.
type tasks struct {
	call      call
	pack      packTask
	group     groupTask
	groupPack groupPackTask
	packed    packFormatTask
	pairs     pairTask
	several   packedTask
	one       [1]Product
	few       fewTask
	normFwd   normTask
	normBack  normBackTask
	layerFwd  layerNormTask
	layerBack layerNormBackTask
	silu      siluTask
	siluBk    siluBackTask
	gelu      geluTask
	softmax   softmaxTask
	dropout   dropoutTask
	swiglu    swigluTask
	swigluBk  swigluBackTask
	rope      ropeTask
	attention attentionTask
	attBack   attentionBackTask
	cached    cachedTask
	entropy   entropyTask

	tokenEntropy tokenEntropyTask
	divergence   divergenceTask
	distance     distanceTask

	columnsBy   columnsTask
	columnsBack columnsBackTask
	rowsBy      rowsByTask
	lowRank     lowRankTask
	nf4         nf4Task

	embed     embedTask
	embedBack embedBackTask
	columns   columnTask
	fill      fillTask
	add       addTask
	blend     blendTask
	adamw     adamwTask
	sums      sumTask
	element   elementTask
	fuse      fuseTask

	prefix     prefixTask
	prefixBack prefixBackTask
}

// New makes a Device and starts its workers. It fails on a level that this processor does not support.
func New(o Options) (*Device, error) {
	levels := Levels()
	if o.Level == Best {
		o.Level = levels[len(levels)-1]
	}
	if !slices.Contains(levels, o.Level) {
		return nil, fmt.Errorf("cpu: level %v is not supported by this processor, which has %v", o.Level, levels)
	}
	if o.Threads < 0 {
		return nil, fmt.Errorf("cpu: %d threads: want zero (all cores) or more", o.Threads)
	}
	if o.Threads == 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	d := &Device{level: o.Level, pool: newPool(o.Threads)}
	d.tasks.group.sides = make([][]right, o.Threads)
	for i := range d.tasks.group.sides {
		d.tasks.group.sides[i] = make([]right, 0, 4) // room for q, k and v, whichever worker gets them first
	}
	return d, nil
}

var shared = sync.OnceValue(func() *Device {
	d, err := New(Options{})
	if err != nil {
		panic(err) // the best level is supported by definition
	}
	return d
})

// Default is the Device with all cores and the best level, made once and shared.
func Default() *Device { return shared() }

// Level is the instruction level in use.
func (d *Device) Level() Level { return d.level }

// Threads is the number of workers, the caller included.
func (d *Device) Threads() int { return len(d.pool.workers) }

// Close stops the workers. Closing the shared Default device is not allowed.
func (d *Device) Close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.pool.close()
}

func (d *Device) String() string { return fmt.Sprintf("cpu: %v, %d threads", d.level, d.Threads()) }

// call lets a plain function be a task.
type call struct{ f func(worker, lo, hi int) }

func (c *call) part(w *worker, lo, hi int) { c.f(w.index, lo, hi) }

// For calls f for ranges of at most grain that cover [0, n), on all workers. Ranges are the same whatever the timing;
// which worker gets one is not.
func (d *Device) For(n, grain int, f func(worker, lo, hi int)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tasks.call.f = f
	d.pool.run(&d.tasks.call, n, grain)
	d.tasks.call.f = nil
}

// Scratch is the memory in bytes that the device and its workers have taken for packed matrices, logits and the like. It
// grows while operators of new sizes are run, and stays.
func (d *Device) Scratch() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	floats := 0
	for _, x := range d.packs {
		floats += cap(x)
	}
	for _, w := range d.pool.workers {
		for _, x := range w.scratch {
			floats += cap(x)
		}
	}
	return 4 * floats
}

// scratch is device memory number slot for n floats, grown when needed; its contents are undefined.
func (d *Device) scratch(slot, n int) []float32 {
	if cap(d.packs[slot]) < n {
		d.packs[slot] = compute.Floats(n + n/4)
	}
	return d.packs[slot][:n]
}
