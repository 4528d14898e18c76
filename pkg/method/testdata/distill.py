"""Makes distill.json: losses of distillation and their gradients by the student's logits, in double precision.

Hinton et al.'s loss and hidden-state losses are PyTorch's own (kl_div, cross_entropy, mse_loss, cosine_embedding_loss).
GKD's loss without T² is that of TRL: GKDTrainer.generalized_jsd_loss, taken from an installed trl if there is one
(pip install --no-deps trl; the file is read and the function alone is run, since importing it needs much more).

    python distill.py > distill.json
"""

import ast
import json
import math
import pathlib
import sys
import sysconfig

import torch
import torch.nn.functional as F

torch.manual_seed(1)
torch.set_default_dtype(torch.float64)
rows, vocab, dim = 5, 7, 4
targets = torch.tensor([3, -100, 0, 6, -100])
student = (torch.randn(rows, vocab) * 2).round(decimals=3)
teacher = (torch.randn(rows, vocab) * 2).round(decimals=3)
counted = targets != -100


def divergence(kind, beta, t, s):
    """One value a row, from the definitions; kl_div(a, b) is KL(b‖a)."""
    p, q = F.log_softmax(teacher / t, -1), F.log_softmax(s / t, -1)
    kl = lambda a, b: F.kl_div(b, a, reduction="none", log_target=True).sum(-1)
    if kind == "forward":
        return kl(p, q)
    if kind == "reverse":
        return kl(q, p)
    m = torch.log(beta * p.exp() + (1 - beta) * q.exp())
    return beta * kl(p, m) + (1 - beta) * kl(q, m)


def case(alpha, t, kind, beta=0.5):
    s = student.clone().requires_grad_()
    loss = (1 - alpha) * t * t * divergence(kind, beta, t, s)[counted].mean()
    if alpha:
        loss = loss + alpha * F.cross_entropy(s, targets)
    loss.backward()
    return {"Alpha": alpha, "Temperature": t, "Kind": kind, "Beta": beta, "Loss": loss.item(), "Gradient": s.grad.tolist()}


def trl():
    """TRL's function, without its trainer; None where trl is not installed."""
    for path in pathlib.Path(sysconfig.get_paths()["purelib"], "trl").rglob("gkd_trainer.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name == "generalized_jsd_loss":
                node.decorator_list = []
                scope = {"torch": torch, "F": F}
                exec(compile(ast.Module([node], []), str(path), "exec"), scope)
                return scope["generalized_jsd_loss"]


cases = [case(a, t, k) for a, t in ((0, 1), (0, 2), (0.3, 2), (0.5, 0.7)) for k in ("forward", "reverse")]
cases += [case(a, t, "js", b) for a, t in ((0, 1), (0.3, 2)) for b in (0.1, 0.5, 0.9)]
# The size of the gradient as the temperature grows.
cases += [case(0, t, "forward") for t in (1, 10, 100, 1000)]

gkd = []
if (f := trl()) is not None:
    for beta in (0.1, 0.5, 0.9):
        for t in (1.0, 2.0):
            v = f(student[None], teacher[None], labels=targets[None], beta=beta, temperature=t)
            gkd.append({"Beta": beta, "Temperature": t, "Loss": v.item()})
else:
    print("no trl: its cases are left out", file=sys.stderr)

x = torch.randn(rows, dim).round(decimals=3)
ref = torch.randn(rows, dim).round(decimals=3)
hidden = {
    "X": x.tolist(), "Ref": ref.tolist(),
    "Squared": F.mse_loss(x[counted], ref[counted]).item(),
    "Cosine": F.cosine_embedding_loss(x[counted], ref[counted], torch.ones(int(counted.sum()))).item(),
}
json.dump({"Student": student.tolist(), "Teacher": teacher.tolist(), "Targets": targets.tolist(), "Cases": cases, "GKD": gkd, "Hidden": hidden}, sys.stdout)
