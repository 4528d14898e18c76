"""Makes preference.json: losses of preference methods and their gradients by the logits, in double precision.

Four questions with a chosen and a rejected answer each: random logits, lengths and reference log-probabilities. Log-probabilities and
gradients are PyTorch's. The losses are TRL's own lines, taken from an installed trl (made with 1.16.0; pip install --no-deps trl
transformers) and run alone, since importing the trainers needs much more:

    dpo_trainer.py   DPOTrainer._compute_loss: the loop over loss_types (sigmoid, hinge, ipo, robust)
    kto_trainer.py   KTOTrainer._compute_loss: from the KL to the losses
    orpo_trainer.py  ORPOTrainer.odds_ratio_loss
    cpo_trainer.py   CPOTrainer.cpo_loss, as simpo, and as sigmoid with label_smoothing, which is conservative DPO

What differs from the papers, or from ours, and is not compared:
  - IPO: TRL means over tokens where the paper sums; ours too.
  - ORPO: TRL's first term counts the prompt as well; here it is the paper's, over the answer, a mean for each pair.
  - Conservative DPO is no option of this DPOTrainer any more: label_smoothing serves robust (and exo_pair) alone.

    python preference.py > preference.json
"""

import ast
import json
import pathlib
import sys
import sysconfig
import types

import torch
import torch.nn.functional as F

torch.manual_seed(3)
torch.set_default_dtype(torch.float64)
pairs, vocab = 4, 6
lengths = [(3, 5), (4, 2), (1, 1), (6, 3)]  # tokens that are trained on: chosen, rejected
prompt = 2  # tokens before, that are not
rows = sum(a + b + 2 * prompt for a, b in lengths)
logits0 = (torch.randn(rows, vocab) * 1.5).round(decimals=3)
targets, answer = [], []
for i, both in enumerate(lengths):
    for k, n in enumerate(both):
        targets += [-100] * prompt + torch.randint(vocab, (n,)).tolist()
        answer += [2 * i + k] * (prompt + n)
targets, answer = torch.tensor(targets), torch.tensor(answer)
counted = targets != -100


def logps(logits):
    """Summed log-probabilities of the eight answers, chosen and rejected in turn."""
    each = F.log_softmax(logits, -1).gather(1, targets.clamp(min=0)[:, None])[:, 0] * counted
    return torch.zeros(2 * pairs).index_add(0, answer, each)


tokens = torch.zeros(2 * pairs).index_add(0, answer, counted.double())
reference = (logps(logits0) + torch.randn(2 * pairs)).round(decimals=3)


def source(file):
    (path,) = [p for p in pathlib.Path(sysconfig.get_paths()["purelib"], "trl").rglob(file) if "bema" not in str(p)]
    return ast.parse(path.read_text()), str(path)


def function(file, name, scope):
    tree, path = source(file)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            node.decorator_list, node.returns = [], None
            for a in node.args.args:
                a.annotation = None
            exec(compile(ast.Module([node], []), path, "exec"), scope)
            return scope[name]
    raise SystemExit(f"{path} has no {name}")


def lines(file, inside, first, last):
    """The statements of a function from the one for which first is true to the one for which last is, compiled."""
    tree, path = source(file)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == inside:
            flat = [s for s in node.body]
            a = next(i for i, s in enumerate(flat) if first(ast.unparse(s)))
            b = next(i for i, s in enumerate(flat) if i >= a and last(ast.unparse(s)))
            return compile(ast.Module(flat[a : b + 1], []), path, "exec")
    raise SystemExit(f"{path} has no {inside}")


accelerator = types.SimpleNamespace(device="cpu", gather_for_metrics=lambda x: x)
loop = lambda s: s.startswith("for loss_type, loss_weight in")
dpo_lines = lines("dpo_trainer.py", "_compute_loss", loop, loop)
kto_lines = lines("kto_trainer.py", "_compute_loss", lambda s: s.startswith("if self.calculate_KL") and "clamp" in s, lambda s: s.startswith("losses = torch.cat"))
chosen, rejected = slice(0, None, 2), slice(1, None, 2)


def dpo(kind, beta, smoothing):
    def loss(logits):
        ratios = logps(logits) - reference
        mask = torch.zeros(2 * pairs, int(tokens.max()))
        for i, n in enumerate(torch.cat([tokens[chosen], tokens[rejected]])):
            mask[i, : int(n)] = 1
        scope = {
            "torch": torch, "F": F, "device": "cpu", "loss": 0.0, "completion_mask": mask,
            "self": types.SimpleNamespace(loss_types=[kind], loss_weights=[1.0], beta=beta, label_smoothing=smoothing, use_weighting=False),
            "chosen_scores": ratios[chosen], "rejected_scores": ratios[rejected], "delta_score": ratios[chosen] - ratios[rejected],
        }
        exec(dpo_lines, scope)
        return scope["loss"]

    return loss


def conservative(beta, smoothing):
    def loss(logits):
        self = types.SimpleNamespace(alpha=0.0, loss_type="sigmoid", beta=beta, label_smoothing=smoothing, accelerator=accelerator)
        ratios = logps(logits) - reference
        return function("cpo_trainer.py", "cpo_loss", {"torch": torch, "F": F})(self, ratios[chosen], ratios[rejected])[0].mean()

    return loss


def simpo(beta, gamma):
    def loss(logits):
        self = types.SimpleNamespace(alpha=0.0, loss_type="simpo", beta=beta, simpo_gamma=gamma, label_smoothing=0.0, accelerator=accelerator)
        mean = logps(logits) / tokens
        return function("cpo_trainer.py", "cpo_loss", {"torch": torch, "F": F})(self, mean[chosen], mean[rejected])[0].mean()

    return loss


def orpo(beta):
    def loss(logits):
        self = types.SimpleNamespace(beta=beta, accelerator=accelerator)
        mean = logps(logits) / tokens
        log1mexp = function("orpo_trainer.py", "log1mexp", {"torch": torch})
        scope = {"torch": torch, "F": F, "log1mexp": log1mexp}
        tensor_float = torch.Tensor.float
        torch.Tensor.float = lambda x: x  # it would round what is double here
        try:
            losses = function("orpo_trainer.py", "odds_ratio_loss", scope)(self, mean[chosen], mean[rejected])[0]
        finally:
            torch.Tensor.float = tensor_float
        return -mean[chosen].mean() - losses.mean()

    return loss


# KTO: every answer with the one to the next question as its mismatched one, which is read behind its prompt; the logits of
# the mismatched ones are others.
other0 = (torch.randn(rows, vocab) * 1.5).round(decimals=3)
reference_other = (logps(other0) + 0.5 * torch.randn(2 * pairs)).round(decimals=3)


def kto(beta, desirable, undesirable, lower):
    def loss(logits):
        got = logps(logits)
        scope = {
            "torch": torch, "F": F,
            "self": types.SimpleNamespace(calculate_KL=True, accelerator=accelerator, beta=beta, loss_type="kto", desirable_weight=desirable, undesirable_weight=undesirable),
            "KL_logps": logps(other0), "ref_KL_logps": reference_other - lower,
            "chosen_logps": got[chosen], "rejected_logps": got[rejected], "ref_chosen_logps": reference[chosen], "ref_rejected_logps": reference[rejected],
        }
        exec(kto_lines, scope)
        return scope["losses"].mean()

    return loss


def case(method, loss, **settings):
    logits = logits0.clone().requires_grad_()
    value = loss(logits)
    value.backward()
    return {"Method": method, "Settings": settings, "Loss": value.item(), "Gradient": logits.grad.tolist()}


cases = []
for beta in (0.1, 0.5):
    cases += [case("dpo", dpo(kind, beta, 0.0), Kind=n, Beta=beta, Smoothing=0.0) for n, kind in enumerate(["sigmoid", "hinge", "ipo"])]
    cases += [case("dpo", dpo("robust", beta, e), Kind=3, Beta=beta, Smoothing=e) for e in (0.1, 0.3)]
    cases += [case("dpo", conservative(beta, 0.1), Kind=0, Beta=beta, Smoothing=0.1)]
    cases += [case("orpo", orpo(beta), Lambda=beta)]
cases += [case("simpo", simpo(b, g), Beta=b, Gamma=g) for b, g in ((2.0, 1.0), (2.5, 0.5))]
for lower in (2.0, -2.0):  # the baseline above 0, and at 0
    cases += [case("kto", kto(b, d, u, lower), Beta=b, Desirable=d, Undesirable=u, Lower=lower) for b, d, u in ((0.1, 1.0, 1.0), (0.5, 1.33, 1.0))]
shorten = lambda x: [float(f"{v:.9g}") for v in x]
for c in cases:
    c["Gradient"] = [shorten(r) for r in c["Gradient"]]
json.dump({"Logits": logits0.tolist(), "Other": other0.tolist(), "Targets": targets.tolist(), "Lengths": [[a + prompt, b + prompt] for a, b in lengths],
           "Reference": reference.tolist(), "ReferenceOther": reference_other.tolist(), "Cases": cases}, sys.stdout)
