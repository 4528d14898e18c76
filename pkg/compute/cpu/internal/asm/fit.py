"""The coefficients of gelu.go: Φ(−a)·exp(a²/2) as a polynomial in t = 1/(1+p·a) without a constant term, for a from 0 to
6. Least squares whose weights grow where the relative error is largest, until it is even (Lawson), for several p; prints
the best p, its largest relative error and the coefficients.  Needs mpmath and numpy.  python3 fit.py"""
import mpmath as mp
import numpy as np

FAR, DEGREE, POINTS, ROUNDS = 6.0, 7, 300, 40


def even(basis, rounds):
    weights = np.ones(len(basis))
    for _ in range(rounds):
        root = np.sqrt(weights)
        c, *_ = np.linalg.lstsq(basis * root[:, None], root, rcond=None)
        error = np.abs(basis @ c - 1)
        weights *= error / error.max() + 1e-3
        weights /= weights.sum()
    return error.max(), c


best = None
for p in np.arange(0.18, 0.6, 0.005):
    low, nodes = 1 / (1 + p * FAR), np.cos(np.pi * (np.arange(POINTS) + 0.5) / POINTS)
    t = (low + 1) / 2 + (1 - low) / 2 * nodes
    want = np.array([float(mp.erfc(a / mp.sqrt(2)) / 2 * mp.exp(a * a / 2)) for a in (1 / t - 1) / p])
    found = even(np.stack([t**j for j in range(1, DEGREE + 1)], 1) / want[:, None], ROUNDS)
    if best is None or found[0] < best[1]:
        best = (p, *found)
print(f"p {best[0]:.3f}, relative error {best[1]:.2g}:", *best[2])
