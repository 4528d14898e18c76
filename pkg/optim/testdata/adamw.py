"""AdamW in double precision, written from Loshchilov and Hutter, arXiv:1711.05101, algorithm 2, with the schedule
multiplier inside the rate as PyTorch has it. Standard library only.  python3 adamw.py > adamw.json"""
import json
import math

BETA1, BETA2, EPS, DECAY, STEPS = 0.9, 0.99, 1e-8, 0.1, 10


def gradient(step, i):
    return 3 * math.sin(1.7 * step + 0.9 * i) / (1 + i)


def rate(step):
    return 0.05 / step


def run(limit):
    p = [0.5, -1.0, 2.0, -0.25, 1.5]
    m, v = [0.0] * 5, [0.0] * 5
    track, norms = [], []
    for step in range(1, STEPS + 1):
        g = [gradient(step, i) for i in range(5)]
        norm = math.sqrt(sum(x * x for x in g))
        norms.append(norm)
        scale = limit / norm if limit and norm > limit else 1.0
        for i in range(5):
            gi = g[i] * scale
            p[i] -= rate(step) * DECAY * p[i]
            m[i] = BETA1 * m[i] + (1 - BETA1) * gi
            v[i] = BETA2 * v[i] + (1 - BETA2) * gi * gi
            mh, vh = m[i] / (1 - BETA1**step), v[i] / (1 - BETA2**step)
            p[i] -= rate(step) * mh / (math.sqrt(vh) + EPS)
        track.append(list(p))
    return {"limit": limit, "norms": norms, "weights": track}


print(json.dumps([run(0), run(1)], indent=1))
