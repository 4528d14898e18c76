"""Ten AdamW steps of a small Llama-style decoder in PyTorch, for steps_test.go.

Writes steps.safetensors: the weights before (before.NAME) and after (after.NAME), the token ids and targets of each step,
the learning rates, and the losses and gradient norms. Everything is computed in float64 from weights that float32 holds.

    pip install torch && python steps.py
"""
import json, math, struct
import torch
import torch.nn.functional as F

torch.manual_seed(7)
V, D, L, H, KV, M, B, T, STEPS = 280, 32, 2, 4, 2, 48, 4, 12, 10
hd = D // H

names = {"model.embed_tokens.weight": (V, D), "model.norm.weight": (D,)}
for l in range(L):
    p = f"model.layers.{l}."
    names |= {p + "input_layernorm.weight": (D,), p + "self_attn.q_proj.weight": (D, D),
              p + "self_attn.k_proj.weight": (KV * hd, D), p + "self_attn.v_proj.weight": (KV * hd, D),
              p + "self_attn.o_proj.weight": (D, D), p + "post_attention_layernorm.weight": (D,),
              p + "mlp.gate_proj.weight": (M, D), p + "mlp.up_proj.weight": (M, D), p + "mlp.down_proj.weight": (D, M)}
w = {n: (torch.randn(s) * 0.3 if len(s) == 2 else 1 + 0.1 * torch.randn(s)).double().requires_grad_() for n, s in names.items()}
before = {n: v.detach().clone() for n, v in w.items()}

angle = torch.arange(T, dtype=torch.float64)[:, None] * 10000.0 ** (-torch.arange(0, hd, 2, dtype=torch.float64) / hd)
cos, sin = torch.cat([angle.cos()] * 2, -1), torch.cat([angle.sin()] * 2, -1)


def rope(x):  # (B, heads, T, hd), halves as in Hugging Face's Llama
    a, b = x[..., : hd // 2], x[..., hd // 2:]
    return x * cos + torch.cat([-b, a], -1) * sin


def norm(x, weight):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * weight


def loss(ids, targets):
    x = w["model.embed_tokens.weight"][ids]
    for l in range(L):
        g = lambda n: w[f"model.layers.{l}.{n}.weight"]
        h = norm(x, g("input_layernorm"))
        heads = lambda y, n: y.view(B, T, n, hd).transpose(1, 2)
        q, k = rope(heads(h @ g("self_attn.q_proj").T, H)), rope(heads(h @ g("self_attn.k_proj").T, KV))
        v = heads(h @ g("self_attn.v_proj").T, KV)
        k, v = (y.repeat_interleave(H // KV, 1) for y in (k, v))
        score = q @ k.transpose(-1, -2) / math.sqrt(hd)
        score = score.masked_fill(torch.ones(T, T, dtype=torch.bool).triu(1), -math.inf)
        x = x + (score.softmax(-1) @ v).transpose(1, 2).reshape(B, T, D) @ g("self_attn.o_proj").T
        h = norm(x, g("post_attention_layernorm"))
        x = x + (F.silu(h @ g("mlp.gate_proj").T) * (h @ g("mlp.up_proj").T)) @ g("mlp.down_proj").T
    logits = norm(x, w["model.norm.weight"]) @ w["model.embed_tokens.weight"].T
    return F.cross_entropy(logits.view(-1, V), targets.view(-1), ignore_index=-100)


matrices = [p for p in w.values() if p.dim() == 2]
vectors = [p for p in w.values() if p.dim() == 1]
optimizer = torch.optim.AdamW([{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}],
                              betas=(0.9, 0.99), eps=1e-8)
ids = torch.randint(V, (STEPS, B, T))
targets = torch.roll(ids, -1, 2)
targets[:, :, -1] = -100
targets[torch.rand(STEPS, B, T) < 0.2] = -100
rates = [0.01 * (step + 1) / 3 if step < 3 else 0.01 * (1 + math.cos(math.pi * (step - 3) / 7)) / 2 + 0.001 for step in range(STEPS)]
losses, norms = [], []
for step in range(STEPS):
    for group in optimizer.param_groups:
        group["lr"] = rates[step]
    optimizer.zero_grad()
    value = loss(ids[step], targets[step])
    value.backward()
    norms.append(float(torch.nn.utils.clip_grad_norm_(list(w.values()), 1.0)))
    losses.append(float(value))
    optimizer.step()

out = {f"before.{n}": v for n, v in before.items()} | {f"after.{n}": v.detach() for n, v in w.items()}
out |= {"ids": ids, "targets": targets, "rates": torch.tensor(rates), "losses": torch.tensor(losses), "norms": torch.tensor(norms)}
header, data = {"__metadata__": {"made_by": f"pkg/train/testdata/steps.py, PyTorch {torch.__version__}"}}, b""
for n, v in out.items():
    raw = v.float().contiguous().numpy().tobytes()
    header[n] = {"dtype": "F32", "shape": list(v.shape), "data_offsets": [len(data), len(data) + len(raw)]}
    data += raw
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
with open("steps.safetensors", "wb") as f:
    f.write(struct.pack("<Q", len(text)) + text + data)
print(losses, norms)
