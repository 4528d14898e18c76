# Coefficients of agreement from their definitions, in exact fractions: pairs of values are counted one by one, where
# coefficient.go counts by category. Python 3, nothing else. usage: python3 agreement.py
from fractions import Fraction as F
from itertools import permutations

# Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011, section C: 4 observers, 12 units, 0 where a value is missing.
data = ["123321412000", "123322412503", "033323422510", "123324412510"]
units = [[row[u] for row in data if row[u] != "0"] for u in range(12)]
units = [u for u in units if len(u) > 1]
every = [v for u in units for v in u]
observed = sum(F(a != b, len(u) - 1) for u in units for a, b in permutations(u, 2)) / len(every)
expected = F(sum(a != b for a, b in permutations(every, 2)), len(every) * (len(every) - 1))
alpha = 1 - observed / expected
print("alpha", alpha, float(alpha))

# The usual example of Fleiss' kappa: 10 subjects, 14 raters, 5 categories.
table = [[0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
         [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]]
subjects = [[c for c, n in enumerate(row) for _ in range(n)] for row in table]
pairs = [a == b for s in subjects for a, b in permutations(s, 2)]
every = [v for s in subjects for v in s]
share = F(sum(pairs), len(pairs))
chance = F(sum(a == b for a in every for b in every), len(every) ** 2)  # with replacement, as Fleiss has it
kappa = (share - chance) / (1 - chance)
print("share", share, float(share), "kappa", kappa, float(kappa))

# Kendall's W as the mean Spearman correlation r of all pairs of rankings: W = (r·(m−1) + 1) / m, which holds where every ranking
# has the same ties; each ranking here has one pair that ties.
ranks = [[F(1), F(5, 2), F(5, 2), F(4)], [F(3, 2), F(3, 2), F(3), F(4)], [F(2), F(1), F(7, 2), F(7, 2)]]
def product(x, y):
    mean = F(5, 2)
    return sum((a - mean) * (b - mean) for a, b in zip(x, y))
r = [product(x, y) / product(x, x) for x, y in permutations(ranks, 2)]  # all have the same variance
m = len(ranks)
w = (sum(r) / len(r) * (m - 1) + 1) / m
print("W", w, float(w))
