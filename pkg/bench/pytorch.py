#!/usr/bin/env python3
"""The PyTorch side of "tunebook bench --torch PYTHON".

One line of JSON in, one out. The Go side starts this process once and asks for a round at a time while it rests itself,
so starting, compiling and warming up are never timed and the two never compete for the cores.

  {"op": "hello", "threads": 2}            -> {"torch": ..., "build": ..., "threads": 2}
  {"op": "prepare", "bench": "train", ...} -> tries every variant, keeps the fastest: {"variant": ..., "tried": {...}}
  {"op": "round", "seconds": 0.5}          -> {"times": [seconds of one step, product or continuation, ...]}
  {"op": "memory", "bench": "adapt", ...}  -> what steps of one variant take, in a process that has done nothing else: {"bytes": ...}

Everything that is avoidable is avoided: projections that read the same input are one product, the attention kernel is
the fused causal one, AdamW is the fused one and takes the clipping factor with it, the compiled variants run one graph
a step, and decoding writes into a cache that is allocated once. Results never leave their tensors while time is taken.
MKL is told to use AVX-512 on every processor that has it: left alone it does so on Intel's only.
"""
import ctypes, json, math, mmap, os, statistics, struct, sys, time

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what libraries print must not look like an answer

import torch
import torch.nn.functional as F


def read_safetensors(path):
    """The float32 tensors of a file, by name."""
    with open(path, "rb") as f:
        (n,) = struct.unpack("<Q", f.read(8))
        head, body = json.loads(f.read(n)), bytearray(f.read())
    out = {}
    for name, e in head.items():
        if name != "__metadata__":
            assert e["dtype"] == "F32", e
            lo, hi = e["data_offsets"]
            out[name] = torch.frombuffer(body, dtype=torch.float32, count=(hi - lo) // 4, offset=lo).view(e["shape"]).clone()
    return out


def rotary(c, length):
    """cos and sin of every position, (T, Dh), for the layout that turns the two halves of a head."""
    dim = c["dim"] // c["heads"]
    angle = torch.arange(length).double()[:, None] * c["rope_base"] ** (-torch.arange(0, dim, 2).double() / dim)
    angle = torch.cat((angle, angle), 1)
    return angle.cos().float(), angle.sin().float()


def rotate(x, cos, sin):
    a, b = x.chunk(2, -1)
    return x * cos + torch.cat((-b, a), -1) * sin


class Block(torch.nn.Module):
    def __init__(self, c, w, p):
        super().__init__()
        get = lambda *names: torch.nn.Parameter(torch.cat([w[p + n + ".weight"] for n in names]).contiguous())
        self.c, self.gqa = c, c["gqa"]
        self.norm1, self.norm2 = get("input_layernorm"), get("post_attention_layernorm")
        self.qkv = get("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj")
        self.o, self.gate_up, self.down = get("self_attn.o_proj"), get("mlp.gate_proj", "mlp.up_proj"), get("mlp.down_proj")
        if c.get("scale"):  # LoRA on queries and values: both A in one product, and the scale on B, which is the smaller
            self.A = get("self_attn.q_proj.lora_A", "self_attn.v_proj.lora_A")
            self.Bq, self.Bv = get("self_attn.q_proj.lora_B"), get("self_attn.v_proj.lora_B")

    def heads(self, h, cos, sin):
        """Queries, keys and values, (B, H, T, Dh), the first two turned by their positions."""
        c, (B, T, D) = self.c, h.shape
        dim = D // c["heads"]
        if not c.get("scale"):
            q, k, v = F.linear(h, self.qkv).view(B, T, -1, dim).transpose(1, 2).split((c["heads"], c["kv_heads"], c["kv_heads"]), 1)
        else:
            q, k, v = F.linear(h, self.qkv).split((D, c["kv_heads"] * dim, c["kv_heads"] * dim), -1)
            low_q, low_v = F.linear(h, self.A).chunk(2, -1)
            q, v = q + F.linear(low_q, c["scale"] * self.Bq), v + F.linear(low_v, c["scale"] * self.Bv)
            q, k, v = (x.view(B, T, -1, dim).transpose(1, 2) for x in (q, k, v))
        return rotate(q, cos, sin), rotate(k, cos, sin), v

    def attend(self, q, k, v, **how):
        group = self.c["heads"] // self.c["kv_heads"]
        if self.gqa == "products" and "is_causal" in how:  # all queries of a key-value head in one product
            (B, H, T, dim), K = q.shape, self.c["kv_heads"]
            p = (q.reshape(B, K, group * T, dim) @ k.transpose(-1, -2)).view(B, K, group, T, T) * dim ** -0.5
            p = (p + torch.full((T, T), -math.inf).triu(1)).softmax(-1)
            return (p.view(B, K, group * T, T) @ v).view(B, H, T, dim)
        if group > 1 and self.gqa == "expand":
            k, v = (x[:, :, None].expand(-1, -1, group, -1, -1).flatten(1, 2) for x in (k, v))
        return F.scaled_dot_product_attention(q, k, v, enable_gqa=group > 1 and self.gqa == "native", **how)

    def forward(self, x, cos, sin, cache=None, at=None, mask=None):
        B, T, D = x.shape
        q, k, v = self.heads(F.rms_norm(x, (D,), self.norm1, self.c["norm_eps"]), cos, sin)
        if cache is None:
            a = self.attend(q, k, v, is_causal=True)
        else:
            keys, values = cache
            if mask is None:  # the positions up to a number that Python knows
                keys[:B, :, at:at + T] = k
                values[:B, :, at:at + T] = v
                a = self.attend(q, keys[:B, :, :at + T], values[:B, :, :at + T], is_causal=T > 1)
            else:  # the whole cache, so that one compiled graph serves every position
                keys.index_copy_(2, at, k)
                values.index_copy_(2, at, v)
                a = self.attend(q, keys, values, attn_mask=mask)
        x = x + F.linear(a.transpose(1, 2).reshape(B, T, D), self.o)
        gate, up = F.linear(F.rms_norm(x, (D,), self.norm2, self.c["norm_eps"]), self.gate_up).chunk(2, -1)
        return x + F.linear(F.silu(gate) * up, self.down)


class Decoder(torch.nn.Module):
    def __init__(self, c, w):
        super().__init__()
        self.c = c
        self.embed = torch.nn.Parameter(w["model.embed_tokens.weight"].clone())  # the head too
        self.norm = torch.nn.Parameter(w["model.norm.weight"].clone())
        self.blocks = torch.nn.ModuleList(Block(c, w, f"model.layers.{i}.") for i in range(c["layers"]))
        cos, sin = rotary(c, c["context"])
        self.register_buffer("cos", cos)
        self.register_buffer("sin", sin)

    def hidden(self, ids):
        x, T = F.embedding(ids, self.embed), ids.shape[1]
        for b in self.blocks:
            x = b(x, self.cos[:T], self.sin[:T])
        return F.rms_norm(x, (self.c["dim"],), self.norm, self.c["norm_eps"])

    def loss(self, ids, targets):
        return F.cross_entropy(F.linear(self.hidden(ids), self.embed).flatten(0, 1), targets)

    def cached(self, ids, caches, cos, sin, at, mask=None):
        """The next token after the last of ids, (B, 1)."""
        x = F.embedding(ids, self.embed)
        for b, cache in zip(self.blocks, caches):
            x = b(x, cos, sin, cache, at, mask)
        x = F.rms_norm(x[:, -1:], (self.c["dim"],), self.norm, self.c["norm_eps"])
        return F.linear(x, self.embed).argmax(-1)


class Train:
    """A step is forward, backward, clipping to norm 1 and AdamW, as optim.AdamW does it."""

    variants = [("eager", "native"), ("eager", "expand"), ("compile", "native"), ("compile", "expand"), ("compile", "products"),
                ("compile+autotune", "expand")]
    whole = True  # compiled as one graph

    def __init__(self, r, variant):
        how, _ = variant
        self.build(r, variant)
        self.ids = torch.tensor(r["ids"]).view(r["batch"], r["length"])
        self.targets = torch.tensor(r["targets"])
        self.params = self.moving()
        groups = [{"params": [p for p in self.params if p.ndim > 1], "weight_decay": 0.1},
                  {"params": [p for p in self.params if p.ndim == 1], "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW([g for g in groups if g["params"]],
                                           lr=1e-4, betas=(0.9, 0.99), eps=1e-8, fused=True)
        self.optimizer.found_inf = torch.zeros(())
        if how != "eager":
            self.loss = torch.compile(self.loss, dynamic=False, fullgraph=self.whole, mode="max-autotune-no-cudagraphs" if "autotune" in how else None)
        self.first = None

    def build(self, r, variant):
        self.model = Decoder(dict(r["model"], gqa=variant[1], scale=r.get("scale")), read_safetensors(r["weights"]))
        self.loss = self.model.loss

    def moving(self):
        return list(self.model.parameters())

    def run(self):
        loss = self.loss(self.ids, self.targets)
        loss.backward()
        norm = torch.nn.utils.get_total_norm([p.grad for p in self.params], foreach=True)
        if self.first is None:
            self.first, self.norm = loss.item(), norm.item()
        # The fused kernel divides gradients by grad_scale on its way: clipping without a pass of its own.
        self.optimizer.grad_scale = norm.clamp_(min=1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)

    def check(self):
        """The first loss and the norm of its gradient are compared with ours on the other side."""

    def facts(self):
        count = lambda tensors: sum(p.numel() for p in tensors)
        return {"loss": self.first, "norm": self.norm, "params": count(self.model.parameters()), "trained": count(self.params)}


class LoRA(Train):
    """The same with everything frozen but the adapters: no gradient of a frozen weight exists, nor any state for it."""

    def moving(self):
        self.model.requires_grad_(False)
        return [p.requires_grad_() for b in self.model.blocks for p in (b.A, b.Bq, b.Bv)]


class Decode:
    """A run is one greedy continuation of a prompt: reading it, then new tokens one by one."""

    variants = [("eager", 1), ("eager", 0), ("compile", 1), ("compile", 0), ("compile+freeze", 1), ("compile+freeze", 0)]

    def __init__(self, r, variant):
        self.how, threads = variant
        threads = threads or r["threads"]
        torch.set_num_threads(threads)
        c = dict(r["model"], gqa="expand" if self.how != "eager" else "native")
        self.model = m = Decoder(c, read_safetensors(r["weights"])).eval().requires_grad_(False)
        B, self.new, room = r["batch"], r["new_tokens"], len(r["ids"]) + r["new_tokens"]
        self.prompt = torch.tensor([r["ids"]] * B)
        shape = (B, c["kv_heads"], room, c["dim"] // c["heads"])
        self.caches = [(torch.zeros(shape), torch.zeros(shape)) for _ in range(c["layers"])]
        self.cos, self.sin = m.cos[:room].contiguous(), m.sin[:room].contiguous()
        self.masks = torch.zeros(room, 1, 1, 1, room).masked_fill(torch.ones(room, room).triu(1).bool()[:, None, None, None], -math.inf)
        self.places = [torch.tensor([i]) for i in range(room)]
        self.out = torch.zeros(B, self.new, dtype=torch.long)
        self.at = [(self.cos[i:i + 1], self.sin[i:i + 1], i) for i in range(room)]
        if self.how != "eager":
            import torch._inductor.config as inductor
            torch._dynamo.reset()
            inductor.cpp.threads = threads
            inductor.freezing = "freeze" in self.how
            room_mask = self.masks.view(room, room)

            def step(ids, at):
                return m.cached(ids, self.caches, self.cos.index_select(0, at), self.sin.index_select(0, at), at,
                                room_mask.index_select(0, at).view(1, 1, 1, room))

            self.step = torch.compile(step, dynamic=False, fullgraph=True)
        self.threads = threads

    def run(self):
        torch.set_num_threads(self.threads)
        with torch.inference_mode():
            n = self.prompt.shape[1]
            ids = self.model.cached(self.prompt, self.caches, self.cos[:n], self.sin[:n], 0)
            self.out[:, :1] = ids
            for i in range(1, self.new):
                place = n + i - 1
                if self.how == "eager":
                    ids = self.model.cached(ids, self.caches, *self.at[place])
                else:
                    ids = self.step(ids, self.places[place])
                self.out[:, i:i + 1] = ids

    def check(self):
        """Reading the whole continuation at once, without any cache, must give the same tokens, but for rare ties."""
        with torch.inference_mode():
            n = self.prompt.shape[1]
            whole = torch.cat((self.prompt, self.out), 1)
            want = F.linear(self.model.hidden(whole[:, :-1]), self.model.embed).argmax(-1)[:, n - 1:]
            same = (want == self.out).float().mean().item()
        if same < 0.98:
            raise RuntimeError(f"only {same:.0%} of its tokens are those of the model without a cache")

    def facts(self):
        return {"first": self.out[0, 0].item(), "distinct": len(set(self.out[0].tolist())), "params": sum(p.numel() for p in self.model.parameters())}


class Gemm:
    """A run is one product into memory that is there already."""

    variants = [("mm",)]

    def __init__(self, r, _):
        M, N, K, kind = r["m"], r["n"], r["k"], r["kind"]
        a = torch.randn(K, M).t() if kind[0] == "T" else torch.randn(M, K)
        b = torch.randn(N, K).t() if kind[1] == "T" else torch.randn(K, N)
        c = torch.empty(M, N)
        self.run = lambda: torch.mm(a, b, out=c)

    def check(self):
        """A product of the library's own has nothing to be compared with."""

    def facts(self):
        return {}


BENCHES = {"train": Train, "lora": LoRA, "decode": Decode, "gemm": Gemm}


def kind_of(r):
    """The class of a bench. That of other people's libraries is in a file of its own, which imports them."""
    if r["bench"] != "adapt":
        return BENCHES[r["bench"]]
    import libraries
    return libraries.kind(r)


job, clock = None, time.perf_counter


def seconds_of(job, limit):
    times, end = [], time.perf_counter() + limit
    while not times or time.perf_counter() < end:
        start = clock()
        job.run()
        times.append(clock() - start)
    return times


def prepare(r):
    """Tries the variants for a moment each and keeps the fastest."""
    global job
    job, kind, tried, best = None, kind_of(r), {}, math.inf
    r["threads"] = r.get("threads") or torch.get_num_threads()
    for v in kind.variants:
        name = " ".join(map(str, v))
        if r.get("only", name) != name:
            continue
        torch.set_num_threads(r["threads"])
        try:
            candidate = kind(r, v)
            for _ in range(3):
                candidate.run()
            candidate.check()
            seconds = statistics.median(seconds_of(candidate, r.get("tune_seconds", 1.0)))
        except Exception as e:  # a build without a compiler has no compiled variants: said, not hidden
            tried[name] = f"{type(e).__name__}: {str(e).strip().splitlines()[0] if str(e).strip() else ''}"[:200]
            continue
        tried[name] = seconds
        if seconds < best:
            best, job, chosen = seconds, candidate, name
    if job is None:
        raise RuntimeError(f"no variant runs: {tried}")
    return dict(job.facts(), variant=chosen, tried=tried)


def mkl_with_avx512():
    """Makes MKL use its AVX-512 kernels on a processor that has AVX-512 but is not Intel's, where it runs at half its rate.

    It asks a function of its own whether the processor is Intel's and gives no other way to choose (MKL_ENABLE_INSTRUCTIONS
    only takes away). That function becomes "return 1", in the memory of this process, before MKL asks for the first time.
    """
    library = os.path.join(os.path.dirname(torch.__file__), "lib", "libtorch_cpu.so")
    try:
        with open("/proc/cpuinfo") as f:
            ours = "GenuineIntel" in f.read()
        if ours or torch.backends.cpu.get_cpu_capability() != "AVX512":
            return ""
        asks = ctypes.CDLL(library).mkl_serv_intel_cpu_true
    except (OSError, AttributeError):  # another system, or a build whose MKL is elsewhere
        return ""
    at = ctypes.cast(asks, ctypes.c_void_p).value
    code = b"\xf3\x0f\x1e\xfa\xb8\x01\0\0\0\xc3"  # endbr64; mov eax, 1; ret
    start = at // mmap.PAGESIZE * mmap.PAGESIZE
    pages = ctypes.c_void_p(start), ctypes.c_size_t(at + len(code) - start)
    protect = ctypes.CDLL(None).mprotect
    if protect(*pages, mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC) != 0:
        return " without its AVX-512 kernels"
    ctypes.memmove(at, code, len(code))
    protect(*pages, mmap.PROT_READ | mmap.PROT_EXEC)
    return " with its AVX-512 kernels"


def hello(r):
    global clock
    clock = time.process_time if r.get("cpu") else time.perf_counter
    mkl = mkl_with_avx512()
    torch.set_num_threads(r["threads"])
    torch.set_flush_denormal(True)
    torch.manual_seed(1)
    build = torch.__config__.show()
    return {"torch": torch.__version__, "threads": torch.get_num_threads(), "capability": torch.backends.cpu.get_cpu_capability(),
            "blas": "MKL" + mkl if torch.backends.mkl.is_available() else "other", "build": build}


def memory(r):
    import libraries
    return libraries.memory(kind_of(r), r)


OPS = {"hello": hello, "prepare": prepare, "memory": memory, "round": lambda r: {"times": seconds_of(job, r["seconds"])}}

for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = OPS[request["op"]](request)
    except Exception as e:
        answer = {"error": f"{type(e).__name__}: {e}"}
    answers.write(json.dumps(answer) + "\n")
    answers.flush()
