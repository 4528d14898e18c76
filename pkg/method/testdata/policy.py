"""Makes policy.json: losses of PPO, GRPO, Dr. GRPO and RLOO and their gradients by the logits, in double precision.

PPO and RLOO are the papers' equations, with PyTorch's functions. GRPO and Dr. GRPO are TRL's own GRPOTrainer._compute_loss
(pip install --no-deps trl; the version is in the file), read from its file and called with the least that it asks of a trainer, since
importing it needs much more.

    python policy.py > policy.json
"""

import ast
import importlib.metadata
import json
import pathlib
import sys
import sysconfig
from collections import defaultdict
from types import SimpleNamespace

import torch
import torch.nn.functional as F

torch.manual_seed(3)
torch.set_default_dtype(torch.float64)
rows, vocab, most = 10, 6, 8
rounded = lambda x: x.round(decimals=3)
logits = rounded(torch.randn(rows, vocab) * 1.5)
# Two answers, of three and four tokens, behind prompts of two; the last row is the end of a packed row.
targets = torch.tensor([-100, 2, 0, 5, -100, 1, 1, 3, 4, -100])
examples = torch.tensor([0, 0, 0, 0, 1, 1, 1, 1, 1, -100])
on = targets != -100
logp0 = F.log_softmax(logits, -1).gather(-1, targets.clamp(min=0)[:, None])[:, 0]
zero = lambda x: rounded(torch.where(on, x, torch.zeros_like(x)))
old = zero(logp0 + torch.randn(rows) * 0.4)
reference = zero(logp0 + torch.randn(rows) * 0.4)
advantage = zero(torch.randn(rows))
answers = rounded(torch.randn(2))  # one advantage for each answer
same = zero(answers[examples.clamp(min=0)])
head = rounded(torch.randn(1, vocab) * 0.5)
value = zero((logits @ head[0]) + torch.randn(rows) * 0.3)
returned = zero(value + torch.randn(rows))
eps, clip, beta = 0.2, 0.2, 0.3


def logprob(x, temperature=1.0):
    return F.log_softmax(x / temperature, -1).gather(-1, targets.clamp(min=0)[:, None])[:, 0]


def k3(logp):
    return torch.exp(reference - logp) - (reference - logp) - 1


def ppo(x, w, bonus=0.0, in_loss=False, temperature=1.0):
    logp = logprob(x, temperature)
    ratio = torch.exp(logp - old)
    policy = torch.max(-advantage * ratio, -advantage * ratio.clamp(1 - eps, 1 + eps))[on].mean()
    v = x @ w[0]
    near = torch.clamp(v, value - clip, value + clip)
    values = 0.5 * torch.max((v - returned) ** 2, (near - returned) ** 2)[on].mean()
    loss = policy + 0.1 * values
    if bonus:
        loss = loss - bonus * torch.distributions.Categorical(logits=x / temperature).entropy()[on].mean()
    if in_loss:
        loss = loss + beta * k3(logp)[on].mean()
    return loss


def rloo(x, w):
    whole, before = (torch.zeros(2).index_add(0, examples[on], y[on]) for y in (logprob(x), old))
    ratio = torch.exp(whole - before)
    return torch.max(-answers * ratio, -answers * ratio.clamp(1 - eps, 1 + eps)).mean()


def trl():
    """TRL's loss, without its trainer."""
    path = pathlib.Path(sysconfig.get_paths()["purelib"], "trl/trainer/grpo_trainer.py")
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef) and node.name == "_compute_loss":
            scope = {"torch": torch, "F": F, "nanmin": lambda x: x.min(), "nanmax": lambda x: x.max()}
            exec(compile(ast.Module([node], []), str(path), "exec"), scope)
            return scope["_compute_loss"]


def pad(x):
    """(rows) as (answers, longest answer)."""
    return torch.nn.utils.rnn.pad_sequence([x[(examples == i) & on] for i in range(2)], batch_first=True)


def grpo(kind):
    def loss(x, w):
        gathered = pad(logprob(x))
        accelerator = SimpleNamespace(gather=lambda t: t, reduce=lambda t, **k: t, num_processes=1, sync_gradients=True)
        me = SimpleNamespace(
            tools=None, env_tools=None, top_entropy_quantile=1.0, off_policy_mask_threshold=None, importance_sampling_level="token", beta=beta, loss_type=kind,
            epsilon_low=eps, epsilon_high=eps, use_vllm=False, vllm_importance_sampling_correction=False,
            model=SimpleNamespace(training=True), current_gradient_accumulation_steps=1.0, max_completion_length=most,
            accelerator=accelerator, _metrics={"train": defaultdict(list), "eval": defaultdict(list)},
            aux_loss_enabled=False, _entropy_bonus_enabled=False, entropy_coef=0.0, use_adaptive_entropy=False,
            args=SimpleNamespace(delta=None, use_bias_correction_kl=False, steps_per_generation=1),
        )
        me._get_per_token_logps_and_entropies = lambda *a, **k: (gathered, torch.zeros_like(gathered), None)
        ids = pad(targets)
        inputs = {
            "prompt_ids": torch.zeros(2, 2, dtype=torch.long), "prompt_mask": torch.ones(2, 2, dtype=torch.long),
            "completion_ids": ids, "completion_mask": pad(on.long()), "advantages": answers,
            "old_per_token_logps": pad(old), "ref_per_token_logps": pad(reference), "num_items_in_batch": on.sum(),
        }
        return trl()(me, None, inputs)

    return loss


def case(name, f, **settings):
    x, w = logits.clone().requires_grad_(), head.clone().requires_grad_()
    loss = f(x, w, **settings)
    loss.backward()
    none = torch.zeros_like(head)
    return {"Name": name, "Loss": loss.item(), "Gradient": x.grad.tolist(), "Head": (none if w.grad is None else w.grad).tolist()}


cases = [
    case("ppo", ppo), case("ppo, bonus", ppo, bonus=0.05), case("ppo, KL in the loss", ppo, in_loss=True),
    case("ppo, temperature", ppo, temperature=0.7, bonus=0.05), case("rloo", rloo),
    case("grpo", grpo("grpo")), case("dr. grpo", grpo("dr_grpo")),
]
lists = {k: v.tolist() for k, v in dict(Logits=logits, Targets=targets, Examples=examples, Old=old, Reference=reference, Advantage=advantage,
                                        Answers=answers, Same=same, Head=head, Value=value, Return=returned).items()}
json.dump({"TRL": importlib.metadata.version("trl"), "Torch": torch.__version__, "Beta": beta, "Most": most, **lists, "Cases": cases}, sys.stdout)
