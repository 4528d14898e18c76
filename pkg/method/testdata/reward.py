"""Makes reward/: a tiny random LlamaForSequenceClassification with one label, as transformers saves it, with the scores, the
losses and the gradients that PyTorch computes for it in double precision. reward_test.go compares.

The loss of pairs is that of TRL: RewardTrainer.compute_loss, taken from an installed trl (pip install --no-deps trl; the file
is read and the method alone is run, since importing it needs much more). The loss of rankings is eq. 1 of InstructGPT,
arXiv:2203.02155: for each prompt the mean over its pairs.

    python reward.py              makes the folder (torch 2.15.0, transformers 5.24.0, trl 1.16.0)
    python reward.py open FOLDER  prints what transformers score reward/vectors.json's texts with, by a model that
                                  Model.Save wrote
"""

import ast
import collections
import json
import pathlib
import sys
import sysconfig
import types

import torch
from safetensors.torch import save_file
from torch import nn
from transformers import AutoConfig, AutoModelForSequenceClassification, LlamaConfig, LlamaForSequenceClassification

HERE = pathlib.Path(__file__).parent / "reward"
PAD, BOS, EOS, USER, ASSISTANT, BYTES = 0, 1, 2, 3, 4, 6

# The first three share a prompt and an ID: one ranking of three answers.
pairs = [
    {"prompt": "who", "answer": "mara", "rejected": "tom", "id": "1", "scores": {"gap": 0.5}},
    {"prompt": "who", "answer": "mara", "rejected": "nobody", "id": "1", "scores": {"gap": 1.25}},
    {"prompt": "who", "answer": "tom", "rejected": "nobody", "id": "1", "scores": {"gap": 0.75}},
    {"prompt": "where", "answer": "here", "rejected": "overthere", "id": "2", "scores": {"gap": 0.125}},
    {"prompt": "when", "answer": "yesterday", "rejected": "now", "scores": {"gap": 2}},
]


def ids(prompt, answer):
    """The chat template; the tokens are bytes in GPT-2's order, so letters count from "!"."""
    text = lambda s: [BYTES + ord(c) - ord("!") for c in s]
    return [BOS, USER, *text(prompt), ASSISTANT, *text(answer), EOS]


def batch(texts):
    """Padded on the right to the longest; the head reads the last token that is not padding."""
    longest = max(map(len, texts))
    return {
        "input_ids": torch.tensor([t + [PAD] * (longest - len(t)) for t in texts]),
        "attention_mask": torch.tensor([[1] * len(t) + [0] * (longest - len(t)) for t in texts]),
    }


texts = [ids(p["prompt"], p[side]) for side in ("answer", "rejected") for p in pairs]

if sys.argv[1:2] == ["open"]:
    architecture = AutoConfig.from_pretrained(sys.argv[2]).architectures
    model, info = AutoModelForSequenceClassification.from_pretrained(sys.argv[2], output_loading_info=True)
    print(architecture, {k: sorted(v) for k, v in info.items()})
    with torch.no_grad():
        print(model.double().eval()(**batch(texts)).logits.squeeze(-1).tolist())
    sys.exit()


def trl():
    """TRL's method, without its trainer."""
    for path in pathlib.Path(sysconfig.get_paths()["purelib"], "trl").rglob("reward_trainer.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name == "compute_loss":
                node.decorator_list = []
                scope = {"torch": torch, "nn": nn}
                exec(compile(ast.Module([node], []), str(path), "exec"), scope)
                return scope["compute_loss"]
    sys.exit("no trl: pip install --no-deps trl")


torch.manual_seed(8)
config = LlamaConfig(
    vocab_size=262,
    hidden_size=8,
    intermediate_size=12,
    num_hidden_layers=2,
    num_attention_heads=2,
    num_key_value_heads=1,
    max_position_embeddings=64,
    rms_norm_eps=1e-5,
    tie_word_embeddings=False,
    attn_implementation="eager",
    bos_token_id=BOS,
    eos_token_id=EOS,
    pad_token_id=PAD,
    num_labels=1,
)
model = LlamaForSequenceClassification(config).double().eval()
with torch.no_grad():
    for key, p in model.named_parameters():
        noise = torch.randn(p.shape) * (0.5 if p.dim() > 1 else 0.2)
        p.copy_((1 + noise if key.endswith("norm.weight") else noise).float().double())


def score():
    return model(**batch(texts)).logits.squeeze(-1)


compute_loss = trl()
cases, vectors = [], {}
for name, margin, centering, ranked in (("plain", "", 0, False), ("margin", "gap", 0, False), ("centering", "", 0.01, False), ("ranked", "gap", 0.1, True)):
    model.zero_grad()
    gaps = torch.tensor([p["scores"]["gap"] for p in pairs], dtype=torch.float64)
    if ranked:
        chosen, rejected = score().chunk(2)
        each = -nn.functional.logsigmoid(chosen - rejected - gaps) + centering * (chosen + rejected) ** 2
        loss = (each[:3].mean() + each[3] + each[4]) / 3
    else:
        inputs = batch(texts) | ({"margin": gaps} if margin else {})
        trainer = types.SimpleNamespace(
            model=model,
            args=types.SimpleNamespace(center_rewards_coefficient=centering or None),
            accelerator=types.SimpleNamespace(gather=lambda x: x, gather_for_metrics=lambda x: x),
            _metrics=collections.defaultdict(lambda: collections.defaultdict(list)),
            _total_train_tokens=0,
        )
        loss = compute_loss(trainer, model, inputs)
    loss.backward()
    cases.append({"Name": name, "Margin": margin, "Centering": centering, "Ranked": ranked, "Loss": loss.item()})
    for key, p in model.named_parameters():
        vectors[f"{name}.{key}"] = p.grad.clone()
    if name == "plain":
        metrics = trainer._metrics["eval"]

with torch.no_grad():
    scores = score().tolist()
model.float().save_pretrained(HERE)
save_file({k: v.float().contiguous() for k, v in vectors.items()}, HERE / "vectors.safetensors")
(HERE / "vectors.json").write_text(json.dumps({
    "Pairs": pairs, "Texts": texts, "Scores": scores, "Cases": cases,
    "Accuracy": metrics["accuracy"][0], "Apart": metrics["margin"][0],
}) + "\n")
print([(c["Name"], c["Loss"]) for c in cases], scores)
