"""The coefficients of gelu.go and divergence.go. Each is a least squares fit whose weights grow where the error is largest,
until it is even (Lawson).  Needs mpmath and numpy.  python3 fit.py"""
import mpmath as mp
import numpy as np

POINTS, ROUNDS = 400, 60


def even(basis, want):
    """The coefficients, and the largest error."""
    weights = np.ones(len(basis))
    for _ in range(ROUNDS):
        root = np.sqrt(weights)
        c, *_ = np.linalg.lstsq(basis * root[:, None], want * root, rcond=None)
        error = np.abs(basis @ c - want)
        weights *= error / error.max() + 1e-3
        weights /= weights.sum()
    return error.max(), c


def between(low, high):
    return (low + high) / 2 + (high - low) / 2 * np.cos(np.pi * (np.arange(POINTS) + 0.5) / POINTS)


def normal_tail(far=6.0, degree=7):
    """Φ(−a)·exp(a²/2) as a polynomial in t = 1/(1+p·a) without a constant term, a from 0 to far, for the best p."""
    best = None
    for p in np.arange(0.18, 0.6, 0.005):
        t = between(1 / (1 + p * far), 1)
        want = np.array([float(mp.erfc(a / mp.sqrt(2)) / 2 * mp.exp(a * a / 2)) for a in (1 / t - 1) / p])
        found = even(np.stack([t**j for j in range(1, degree + 1)], 1) / want[:, None], np.ones(POINTS))
        if best is None or found[0] < best[1]:
            best = (p, *found)
    return best


def log_series(degree=7):
    """P in log(1+f) = f − f²/2 + f³·P(f); the error is that of the logarithm, relative to f."""
    f = between(mp.sqrt(0.5) - 1, mp.sqrt(2) - 1).astype(float)
    want = np.array([float((mp.log1p(v) - v + mp.mpf(v) ** 2 / 2) / mp.mpf(v)) for v in f])
    return even(np.stack([f ** (j + 2) for j in range(degree + 1)], 1), want)


p, error, c = normal_tail()
print(f"normal tail: p {p:.3f}, relative error {error:.2g}:", *c)
error, c = log_series()
print(f"logarithm: relative error {error:.2g}, highest power first:", *reversed(c))
