"""Writes testdata/tied, untied and biased: three tiny random Llama models as
the transformers library saves them, with the logits, the loss and the
gradients that PyTorch computes for them. model_test.go compares.

    pip install torch transformers safetensors
    python llama.py

Made with torch 2.15.0 and transformers 5.23.0 (biased: 5.24.0), in float64
throughout; only what is stored is rounded to float32. Names as arguments make
those alone.
"""

import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM

HERE = pathlib.Path(__file__).parent
BATCH, LENGTH = 2, 13


def make(name: str, tied: bool, biased: bool = False) -> None:
    if sys.argv[1:] and name not in sys.argv[1:]:
        return
    torch.manual_seed(20 + tied + 2 * biased)
    config = LlamaConfig(
        vocab_size=50,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=32,
        rope_parameters={"rope_type": "default", "rope_theta": 500.0},
        rms_norm_eps=1e-5,
        tie_word_embeddings=tied,
        attention_bias=biased,
        mlp_bias=biased,
        attn_implementation="eager",
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
    )
    model = LlamaForCausalLM(config).double().eval()
    with torch.no_grad():
        for key, p in model.named_parameters():
            # Large enough that every part of the network matters; rounded to
            # float32 first, so that the stored weights are the ones computed with.
            noise = torch.randn(p.shape) * (0.3 if p.dim() > 1 else 0.2)
            p.copy_((1 + noise if key.endswith("norm.weight") else noise).float().double())

    # transformers gives the row of the padding token, 0, no gradient as an input; so there is none. The older two drew none.
    ids = torch.randint(1 if biased else 0, config.vocab_size, (BATCH, LENGTH))
    targets = torch.randint(0, config.vocab_size, (BATCH, LENGTH))
    assert not (ids == config.pad_token_id).any()
    targets[0, :4] = -100  # a masked prompt

    logits = model(ids).logits
    loss = torch.nn.functional.cross_entropy(logits.view(-1, config.vocab_size), targets.view(-1), ignore_index=-100)
    loss.backward()

    vectors = {"ids": ids, "targets": targets, "logits": logits, "loss": loss}
    for key, p in model.named_parameters():
        vectors["grad." + key] = p.grad
    folder = HERE / name
    model.float().save_pretrained(folder)
    save_file({k: v.detach().float().contiguous() for k, v in vectors.items()}, folder / "vectors.safetensors")
    (folder / "generation_config.json").unlink(missing_ok=True)
    print(name, "loss", loss.item())


make("tied", True)
make("untied", False)
make("biased", True, biased=True)
