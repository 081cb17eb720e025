"""Writes ward_scipy.json: SciPy's Ward linkage of 20 random sets without ties and of the 40 reference shoppers.

python ward_fixtures.py SHOPPERS40_JSON > ward_scipy.json    (versions: see ward_SOURCE.md)
"""
import json
import sys

import numpy as np
from scipy.cluster.hierarchy import linkage


def case(name, columns):
    rows = linkage(np.column_stack(columns), method="ward")
    heights = rows[:, 2]
    return {
        "name": name,
        "ties": bool(np.any(np.diff(heights) <= 1e-6 * heights[1:])),
        "columns": [list(map(float, column)) for column in columns],
        "linkage": [[int(a), int(b), float(f"{height:.13g}"), int(count)] for a, b, height, count in rows],
    }


def random_case(index):
    rng = np.random.default_rng(1000 + index)
    n_samples, n_features = int(rng.integers(2, 60)), 1 + index % 7
    centers = rng.normal(0.0, 3.0, (3, n_features))
    rows = centers[rng.integers(0, 3, n_samples)] + rng.normal(0.0, 1.0, (n_samples, n_features))
    if index % 3 == 0:
        rows = np.exp(rows)
    random = case(f"random {index}", np.round(rows, 5).T)
    assert not random["ties"]
    return random


def shoppers_case(path):
    """Two pairs of these shoppers are equally far apart; SciPy and we number them differently."""
    customers = json.load(open(path, encoding="utf-8"))["customers"]
    numbers = [(c["frequency"], c["amount_spent"], len(set(c["product_types"]))) for c in customers]
    return case("shoppers40", list(zip(*numbers)))


cases = [random_case(index) for index in range(20)] + [shoppers_case(sys.argv[1])]
print("[" + ",\n".join(json.dumps(one, separators=(",", ":")) for one in cases) + "]")
