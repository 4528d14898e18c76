"""Entropies and divergences of rows of logits, and their gradients, from PyTorch's autograd in double precision.
python3 divergence.py > divergence.json"""
import json
import math

import torch
import torch.nn.functional as F

ROWS, VOCAB, BETA, TEMPERATURE = 3, 7, 0.3, 2.5


def logits(phase, size):
    return torch.tensor([[size * math.sin(1.7 * r + 0.9 * i + phase) for i in range(VOCAB)] for r in range(ROWS)], dtype=torch.float64)


def kl(p, q):
    """KL(p‖q) of log-probabilities, by row."""
    return F.kl_div(q, p, reduction="none", log_target=True).sum(-1)


def jensen_shannon(p, q, beta):
    m = torch.logsumexp(torch.stack([p + math.log(beta), q + math.log1p(-beta)]), 0)
    return beta * kl(p, m) + (1 - beta) * kl(q, m)


given = logits(0.4, 3.0)
dy = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64)
out = {"given": given.tolist(), "logits": logits(0, 2.0).tolist(), "dy": dy.tolist(), "beta": BETA, "temperature": TEMPERATURE, "cases": {}}
for name, f in {
    "entropy": lambda x: torch.distributions.Categorical(logits=x).entropy(),
    "forward": lambda x: kl(F.log_softmax(given / TEMPERATURE, -1), F.log_softmax(x / TEMPERATURE, -1)),
    "reverse": lambda x: kl(F.log_softmax(x / TEMPERATURE, -1), F.log_softmax(given / TEMPERATURE, -1)),
    "jensen-shannon": lambda x: jensen_shannon(F.log_softmax(given / TEMPERATURE, -1), F.log_softmax(x / TEMPERATURE, -1), BETA),
}.items():
    x = logits(0, 2.0).requires_grad_()
    y = f(x)
    (gradient,) = torch.autograd.grad(y, x, dy)
    out["cases"][name] = {"values": y.tolist(), "gradient": gradient.tolist()}
print(json.dumps(out, indent=1))
