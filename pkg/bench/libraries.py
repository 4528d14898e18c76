"""Fine-tuning with the libraries that people use: transformers alone, PEFT, AdapterHub's adapters.

pytorch.py imports this file for "tunebook bench adapt" only. The model is LlamaForCausalLM of transformers, as both
libraries want it; steps, products, optimizer and memory allocator are tuned as for the other benches.
"""
import ctypes, gc, importlib, sys

import torch
import torch.nn.functional as F

from __main__ import Train, read_safetensors


def need(package):
    """Imports a library, or says how to get it."""
    try:
        return importlib.import_module(package)
    except ImportError as e:
        also = {"adapters": " (it pins transformers: give it a virtual environment of its own)"}.get(package, "")
        raise RuntimeError(f"{package} cannot be imported ({e}): {sys.executable} -m pip install transformers {package}{also}") from e


class Tuned(Train):
    """A step of Train with everything that moves, whatever library put it there. The whole of a step but the optimizer
    is compiled, with breaks where a library needs them."""

    variants = [("eager", "sdpa"), ("compile", "sdpa"), ("compile", "eager")]  # eager attention: products, which a compiler fuses around
    whole = False

    def build(self, r, variant):
        torch._dynamo.reset()  # what was compiled for others counts against a limit, beyond which nothing is compiled
        transformers, c = need("transformers"), r["model"]
        config = transformers.LlamaConfig(
            vocab_size=c["vocab"], hidden_size=c["dim"], intermediate_size=c["hidden"], num_hidden_layers=c["layers"],
            num_attention_heads=c["heads"], num_key_value_heads=c["kv_heads"], max_position_embeddings=c["context"],
            rope_theta=c["rope_base"], rms_norm_eps=c["norm_eps"], tie_word_embeddings=True, use_cache=False,
            bos_token_id=None, eos_token_id=None, pad_token_id=None, attn_implementation=variant[1])
        if hasattr(config, "rope_parameters"):  # from version 5 on
            config.rope_parameters = {"rope_type": "default", "rope_theta": c["rope_base"]}
        self.model = self.adapt(transformers.LlamaForCausalLM(config), r).train()
        if r.get("weights"):
            self.load([r["weights"]] + ([r["adapter"]] if r.get("adapter") else []))

    def adapt(self, model, r):
        return model

    def theirs(self, name):
        """Where the library keeps a parameter of ours."""
        return name

    def load(self, files):
        """Copies our weights over those that were drawn, each once."""
        own, seen = dict(self.model.named_parameters()), set()
        for path in files:
            for name, w in read_safetensors(path).items():
                to = self.theirs(name)
                if to not in own:
                    raise RuntimeError(f"{name} has no place in the library's model: no {to} among {sorted(own)[:40]}")
                with torch.no_grad():
                    own[to].copy_(w)
                seen.add(to)
        if len(seen) != len(own):
            raise RuntimeError(f"the library's model has parameters that ours lacks: {sorted(set(own) - seen)[:8]}")

    def loss(self, ids, targets):
        return F.cross_entropy(self.model(input_ids=ids, use_cache=False).logits.flatten(0, 1), targets)

    def moving(self):
        return [p for p in self.model.parameters() if p.requires_grad]


class PEFT(Tuned):
    """LoRA and DoRA of PEFT on every linear layer of the blocks."""

    def adapt(self, model, r):
        peft = need("peft")
        layers = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
        config = peft.LoraConfig(r=r["rank"], lora_alpha=r["alpha"], target_modules=layers, use_dora=r["method"] == "dora")
        self.layers = layers
        return peft.get_peft_model(model, config)

    def theirs(self, name):
        stem, _, last = name.rpartition(".")
        if last == "lora_magnitude_vector":
            name += ".default.weight"
        elif stem.endswith((".lora_A", ".lora_B")):
            name = stem + ".default.weight"
        elif stem.endswith(tuple(self.layers)):
            name = stem + ".base_layer." + last
        return "base_model.model." + name


class AdapterHub(Tuned):
    """Bottlenecks of the adapters library, before the residual sums as in the papers."""

    def adapt(self, model, r):
        adapters = need("adapters")
        adapters.init(model)
        kind = {"houlsby": adapters.DoubleSeqBnConfig, "pfeiffer": adapters.SeqBnConfig}[r["method"]]
        config = kind(reduction_factor=r["reduction"], non_linearity={"houlsby": "gelu", "pfeiffer": "relu"}[r["method"]],
                      original_ln_before=False, residual_before_ln=True, adapter_residual_before_ln=False)
        model.add_adapter("a", config=config)
        model.train_adapter("a")
        return model

    def theirs(self, name):
        for ours, site in (("self_attn.adapter.", "attention_adapters"), ("mlp.adapter.", "output_adapters")):
            stem, found, rest = name.partition(ours)
            if found:
                return f"{stem}{site}.adapters.a.adapter_" + rest.replace("down.", "down.0.")
        return name


def kind(r):
    need("transformers")
    if r["library"] != "transformers":
        need(r["library"])
    return {"transformers": Tuned, "peft": PEFT, "adapters": AdapterHub}[r["library"]]


def status(name):
    """A line of /proc/self/status in bytes."""
    with open("/proc/self/status") as f:
        return next(1024 * int(line.split()[1]) for line in f if line.startswith(name + ":"))


def settle():
    """Gives back to the system what is no longer used, and starts the highest mark anew: proc(5), clear_refs."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/clear_refs", "w") as f:
        f.write("5")


def memory(kind, r):
    """What steps hold at most beyond what the process held before there was a model. Libraries, threads and the compiler are
    warmed up by a small model first."""
    variant = next(v for v in kind.variants if " ".join(map(str, v)) == r["only"])
    torch.set_num_threads(r["threads"])
    small = dict(r, model=dict(r["model"], dim=64, hidden=96, vocab=300), weights="", ids=[1] * 16, targets=[1] * 16, batch=2, length=8)
    job = kind(small, variant)
    for _ in range(3):
        job.run()
    job = None
    settle()
    before = status("VmRSS")
    job = kind(r, variant)
    job.run()
    settle()
    for _ in range(3):
        job.run()
    return {"bytes": status("VmHWM") - before}
