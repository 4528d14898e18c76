"""Writes adapters.safetensors: for each kind of extras on the tiny Llama of
pkg/model/testdata/tied, its parameters, the logits, and its parameters after
each of three plain gradient steps, written out in PyTorch from the papers.
adapters_test.go compares.

    pip install torch safetensors
    python adapters.py

Made with torch 2.15.0, in float64 throughout; parameters are rounded to
float32 before they are used. The two records are run one by one, as they are
for a model that knows no packing.

Houlsby et al., arXiv:1902.00751, section 2.1; Pfeiffer et al.,
arXiv:2005.00247, section 3.2 (fusion) and 4.1; He et al., arXiv:2110.04366,
table 1 (parallel); Li and Liang, arXiv:2101.00190, eq. 3 (prefix); Lester et
al., arXiv:2104.08691, section 2 (prompt).
"""

import json
import math
import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

HERE = pathlib.Path(__file__).parent
BASE = HERE.parent.parent / "model" / "testdata" / "tied"
C = json.loads((BASE / "config.json").read_text())
D, L, H, KV = C["hidden_size"], C["num_hidden_layers"], C["num_attention_heads"], C["num_key_value_heads"]
HD = D // H
THETA = C.get("rope_theta") or C["rope_parameters"]["rope_theta"]
W = {k: v.double() for k, v in load_file(BASE / "model.safetensors").items()}
RECORDS = [([5, 9, 2, 30, 17, 8], [-100, -100, 30, 17, 8, 1]), ([7, 3, 44, 21], [-100, 44, 21, 6])]
RATE, STEPS = 0.5, 3


def norm(x, w):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + C["rms_norm_eps"]) * w


def rope(x, at):  # (T, heads, HD)
    inv = THETA ** (-torch.arange(0, HD, 2).double() / HD)
    angle = at.double()[:, None] * inv
    cos, sin = (torch.cat([f, f], -1)[:, None] for f in (angle.cos(), angle.sin()))
    a, b = x.chunk(2, -1)
    return x * cos + torch.cat([-b, a], -1) * sin


ACT = {"relu": F.relu, "gelu": F.gelu, "silu": F.silu, "tanh": torch.tanh}


def delta(p, a, x):
    h = ACT[a["activation"]](F.linear(x, p[a["name"] + ".down.weight"], p[a["name"] + ".down.bias"]))
    return a["scale"] * F.linear(h, p[a["name"] + ".up.weight"], p[a["name"] + ".up.bias"])


def sublayer(p, e, name, entered, gave):
    for s in e.get("sites", []):
        if s["sublayer"] != name:
            continue
        z = [delta(p, a, entered if a.get("parallel") else gave) for a in s["adapters"]]
        f = s.get("fusion")
        if f:
            q = F.linear(gave, p[f + ".query.weight"])
            k = torch.stack([F.linear(x, p[f + ".key.weight"]) for x in z], 1)
            v = torch.stack([F.linear(x, p[f + ".value.weight"]) for x in z], 1)
            weights = torch.softmax(torch.einsum("td,tnd->tn", q, k), -1)
            gave = gave + torch.einsum("tn,tnd->td", weights, v)
        else:
            gave = gave + sum(z)
    return gave


def logits(p, e, ids):
    x = W["model.embed_tokens.weight"][torch.tensor(ids)]
    if e.get("prompt"):
        x = torch.cat([p["model.prompt.weight"], x])
    T, P = x.shape[0], e.get("prefix", 0)
    at = torch.arange(P, P + T)
    seen = torch.ones(T, P + T).tril(P).bool()
    for l in range(L):
        w = lambda name: W[f"model.layers.{l}.{name}.weight"]
        h = norm(x, w("input_layernorm"))
        q = rope(F.linear(h, w("self_attn.q_proj")).view(T, H, HD), at)
        k = rope(F.linear(h, w("self_attn.k_proj")).view(T, KV, HD), at)
        v = F.linear(h, w("self_attn.v_proj")).view(T, KV, HD)
        if P:
            k = torch.cat([p[f"model.layers.{l}.self_attn.prefix.keys"].view(P, KV, HD), k])
            v = torch.cat([p[f"model.layers.{l}.self_attn.prefix.values"].view(P, KV, HD), v])
        k, v = (y.repeat_interleave(H // KV, 1) for y in (k, v))
        scores = torch.einsum("thd,shd->hts", q, k) / math.sqrt(HD)
        a = torch.softmax(scores.masked_fill(~seen, -math.inf), -1)
        a = F.linear(torch.einsum("hts,shd->thd", a, v).reshape(T, D), w("self_attn.o_proj"))
        x = x + sublayer(p, e, f"model.layers.{l}.self_attn", h, a)
        h = norm(x, w("post_attention_layernorm"))
        m = F.linear(F.silu(F.linear(h, w("mlp.gate_proj"))) * F.linear(h, w("mlp.up_proj")), w("mlp.down_proj"))
        x = x + sublayer(p, e, f"model.layers.{l}.mlp", h, m)
    x = norm(x, W["model.norm.weight"])[e.get("prompt", 0):]
    return F.linear(x, W["model.embed_tokens.weight"])


def loss(p, e):
    out = [(logits(p, e, ids), torch.tensor(labels)) for ids, labels in RECORDS]
    return F.cross_entropy(torch.cat([o for o, _ in out]), torch.cat([t for _, t in out]), ignore_index=-100)


def bottleneck(name, size, activation, scale=1.0, parallel=False):
    return {"name": name, "size": size, "activation": activation, "scale": scale, "parallel": parallel}


def each(parts, make):
    names = [f"model.layers.{l}.{part}" for l in range(L) for part in parts]
    return [dict({"sublayer": n}, **make(n)) for n in names]


KINDS = {
    "houlsby": {"sites": each(["self_attn", "mlp"], lambda n: {"adapters": [bottleneck(n + ".adapter", 6, "gelu")]})},
    "pfeiffer": {"sites": each(["mlp"], lambda n: {"adapters": [bottleneck(n + ".adapter", 5, "relu")]})},
    "parallel": {"sites": each(["mlp"], lambda n: {"adapters": [bottleneck(n + ".adapter", 5, "relu", 4.0, True)]})},
    "stack": {"sites": each(["mlp"], lambda n: {"adapters": [bottleneck(n + ".one", 3, "silu")]})
              + each(["mlp"], lambda n: {"adapters": [bottleneck(n + ".two", 4, "tanh", 0.5)]})},
    "fusion": {"sites": each(["mlp"], lambda n: {"adapters": [bottleneck(n + ".one", 3, "relu"), bottleneck(n + ".two", 4, "relu")], "fusion": n + ".fusion"})},
    "prefix": {"prefix": 3},
    "prompt": {"prompt": 4},
}


def shapes(e):
    out = {}
    for l in range(L if e.get("prefix") else 0):
        for part in ("keys", "values"):
            out[f"model.layers.{l}.self_attn.prefix.{part}"] = (e["prefix"], KV * HD)
    if e.get("prompt"):
        out["model.prompt.weight"] = (e["prompt"], D)
    for s in e.get("sites", []):
        for a in s["adapters"]:
            out |= {a["name"] + ".down.weight": (a["size"], D), a["name"] + ".down.bias": (a["size"],), a["name"] + ".up.weight": (D, a["size"]), a["name"] + ".up.bias": (D,)}
        if s.get("fusion"):
            out |= {f"{s['fusion']}.{part}.weight": (D, D) for part in ("query", "key", "value")}
    return out


vectors = {}
for i, (kind, e) in enumerate(KINDS.items()):
    torch.manual_seed(40 + i)
    p = {name: (torch.randn(shape) * 0.3).float().double().requires_grad_() for name, shape in shapes(e).items()}
    for name, x in p.items():
        vectors[f"{kind}/0/{name}"] = x.detach().clone()
    for r, (ids, _) in enumerate(RECORDS):
        vectors[f"{kind}/logits/{r}"] = logits(p, e, ids).detach()
    losses = []
    for step in range(1, STEPS + 1):
        value = loss(p, e)
        losses.append(value.item())
        grads = torch.autograd.grad(value, list(p.values()))
        with torch.no_grad():
            for x, g in zip(p.values(), grads):
                x -= RATE * g
        for name, x in p.items():
            if step == STEPS:
                vectors[f"{kind}/{step}/{name}"] = x.detach().clone()
    vectors[f"{kind}/losses"] = torch.tensor(losses)
    print(kind, losses)
about = {"kinds": json.dumps(KINDS), "records": json.dumps([list(r) for r in RECORDS]), "rate": str(RATE), "steps": str(STEPS)}
save_file({k: v.float().contiguous() for k, v in vectors.items()}, HERE / "adapters.safetensors", metadata=about)
