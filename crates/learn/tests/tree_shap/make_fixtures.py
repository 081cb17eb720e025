"""Writes lightgbm.json next to this file. See SOURCE.md.

    python make_fixtures.py
"""
import gzip
import json
from pathlib import Path

import lightgbm as lgb
import numpy as np

HERE = Path(__file__).parent
N_TRAINING, N_EXPLAINED, N_TREES = 4000, 200, 20


def read():
    with gzip.open(HERE.parent / "boosting" / "churn.csv.gz", "rt") as file:
        rows = [[float(field) if field else np.nan for field in line.strip().split(",")] for line in file]
    rows = np.array(rows)
    return rows[:, :-1], rows[:, -1]


def flat(node, nodes):
    """The nodes of a tree as lists, parents before children; the place of this one."""
    at = len(nodes)
    if "leaf_value" in node:
        nodes.append([node["leaf_value"], node["leaf_count"]])
        return at
    assert node["decision_type"] == "<=" and node["missing_type"] in ("NaN", "None")
    nodes.append(None)
    left, right = flat(node["left_child"], nodes), flat(node["right_child"], nodes)
    nodes[at] = [node["split_feature"], node["threshold"], int(node["default_left"]), node["internal_count"], left, right]
    return at


def known(values):
    return [None if np.isnan(value) else value for value in values]


x, y = read()
parameters = dict(objective="binary", num_leaves=31, learning_rate=0.3, min_data_in_leaf=20, deterministic=True, num_threads=1,
                  force_row_wise=True, verbosity=-1)
model = lgb.train(parameters, lgb.Dataset(x[:N_TRAINING], y[:N_TRAINING], params=parameters), N_TREES)
trees = []
for tree in model.dump_model()["tree_info"]:
    nodes = []
    flat(tree["tree_structure"], nodes)
    trees.append(nodes)
explained = x[N_TRAINING:N_TRAINING + N_EXPLAINED]
contributions = model.predict(explained, pred_contrib=True)
lines = [("trees", trees), ("columns", [known(column) for column in explained.T.tolist()]),
         ("contributions", contributions.tolist())]
(HERE / "lightgbm.json").write_text("{" + ",\n".join(f'"{name}": {json.dumps(value)}' for name, value in lines) + "}\n")
