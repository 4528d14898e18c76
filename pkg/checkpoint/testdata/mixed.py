"""Writes testdata/mixed.safetensors with the Python safetensors library:
the same numbers in each float type, a scalar, an empty tensor and integers.
checkpoint_test.go reads it; "wide.*" hold what PyTorch widens them to.

    pip install torch safetensors numpy
    python mixed.py

Made with torch 2.15.0 and safetensors 0.8.0.
"""

import pathlib

import torch
from safetensors.torch import save_file

values = torch.tensor(
    [0.0, -0.0, 1.0, -1.5, 0.1, 3.14159265, 65504.0, 65519.0, 6.0975552e-5, 6.1035156e-5, 5.9604645e-8, 2.9802322e-8, 2.98024e-8, 1e-9,
     1.0009765625, 1.00048828125, 1.0014648438, 1.00390625, 1.01171875, float("inf"), float("-inf")]
)
half, brain = values.to(torch.float16), values.to(torch.bfloat16)
save_file(
    {
        "values": values,
        "half": half.reshape(3, 7),
        "brain": brain.reshape(7, 3),
        "wide.half": half.float(),
        "wide.brain": brain.float(),
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 4),
        "ids": torch.arange(5),
    },
    pathlib.Path(__file__).parent / "mixed.safetensors",
    metadata={"format": "pt", "made": "für Prüfung"},
)
