"""Writes peft.safetensors: what the PEFT library computes for the tiny Llama in
../../model/testdata/untied with LoRA, rsLoRA, DoRA, PiSSA, IA3 and LoRA+.
peft_test.go compares.

    pip install torch transformers peft safetensors
    python reference.py

Made with torch 2.15.0, transformers 5.24.0 and peft 0.21.2, in float64
throughout; only what is stored is rounded to float32. For each variant: what
was added as it begins (B and scales are drawn, so that all of it matters;
PiSSA keeps its own start, whose signs are free and are not stored), logits,
loss and gradients before the first step, and after three steps of AdamW what
was added, and the merged weights of the first layer.
"""

import pathlib

import torch
from peft import IA3Config, LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import LlamaForCausalLM

HERE = pathlib.Path(__file__).parent
BASE = HERE.parent.parent / "model" / "testdata" / "untied"
given = load_file(BASE / "vectors.safetensors")
ids, targets = given["ids"].long(), given["targets"].long()
qv = ["q_proj", "v_proj"]
VARIANTS = {
    "lora": LoraConfig(r=4, lora_alpha=12, target_modules=qv),
    "all": LoraConfig(r=4, lora_alpha=12, target_modules="all-linear", rank_pattern={"down_proj": 6}, alpha_pattern={"k_proj": 3}),
    "rslora": LoraConfig(r=4, lora_alpha=12, target_modules=qv, use_rslora=True),
    "dora": LoraConfig(r=4, lora_alpha=12, target_modules=qv + ["down_proj"], use_dora=True),
    "pissa": LoraConfig(r=4, lora_alpha=12, target_modules=qv, init_lora_weights="pissa"),
    "loraplus": LoraConfig(r=4, lora_alpha=12, target_modules=qv),
    "ia3": IA3Config(target_modules=["k_proj", "v_proj", "down_proj"], feedforward_modules=["down_proj"]),
}


def plain(name):
    """The name without what PEFT puts around it."""
    name = name.removeprefix("base_model.model.").replace(".default", "")
    return name.replace("lora_magnitude_vector.weight", "lora_magnitude_vector")


def loss_of(model):
    logits = model(ids).logits
    return logits, torch.nn.functional.cross_entropy(logits.view(-1, logits.shape[-1]), targets.view(-1), ignore_index=-100)


out = {}
for variant, config in VARIANTS.items():
    torch.manual_seed(7)
    base = LlamaForCausalLM.from_pretrained(BASE, dtype=torch.float32)
    model = get_peft_model(base, config).double().eval()
    params = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    with torch.no_grad():
        for name, p in params:
            if "lora_B" in name and variant != "pissa":
                p.copy_((0.2 * torch.randn(p.shape)).double())
            if "ia3_l" in name:
                p.copy_((1 + 0.2 * torch.randn(p.shape)).double())
            p.copy_(p.float().double())
            if variant != "pissa":
                out[f"{variant}.start.{plain(name)}"] = p.flatten().clone() if p.dim() > 1 and 1 in p.shape else p.clone()
    rate, b_rate = 3e-3, 16 if variant == "loraplus" else 1
    optimizer = torch.optim.AdamW(
        [{"params": [p], "lr": rate * (b_rate if "lora_B" in n else 1)} for n, p in params], betas=(0.9, 0.99), eps=1e-8, weight_decay=0
    )
    for step in range(3):
        optimizer.zero_grad()
        logits, loss = loss_of(model)
        loss.backward()
        if step == 0:
            out[f"{variant}.logits"], out[f"{variant}.loss"] = logits, loss
            if variant != "pissa":
                for name, p in params:
                    out[f"{variant}.grad.{plain(name)}"] = p.grad.flatten().clone() if p.dim() > 1 and 1 in p.shape else p.grad.clone()
        optimizer.step()
    logits, loss = loss_of(model)
    out[f"{variant}.after.logits"], out[f"{variant}.after.loss"] = logits, loss
    merged = model.merge_and_unload()
    for name, p in merged.named_parameters():
        if "layers.0." in name and p.dim() == 2:
            out[f"{variant}.merged.{name}"] = p
    print(variant, loss.item(), len(params))
save_file({k: v.detach().float().contiguous() for k, v in out.items() if "merged" not in k or "q_proj" in k or "k_proj" in k or "down_proj" in k}, HERE / "peft.safetensors")
