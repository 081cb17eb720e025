"""Writes scikit_learn.json next to this file. See SOURCE.md.

    python make_fixtures.py
"""
import gzip
import json
from pathlib import Path

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import log_loss, roc_auc_score

HERE = Path(__file__).parent
N_TRAINING, N_SEEDS = 4000, 10

with gzip.open(HERE.parent / "boosting" / "churn.csv.gz", "rt") as file:
    rows = np.array([[float(field) if field else np.nan for field in line.strip().split(",")] for line in file])
x, y = rows[:, :-1], rows[:, -1]
areas, losses = [], []
for seed in range(N_SEEDS):
    model = RandomForestClassifier(n_estimators=100, min_samples_leaf=20, random_state=seed)
    p = model.fit(x[:N_TRAINING], y[:N_TRAINING]).predict_proba(x[N_TRAINING:])[:, 1]
    areas.append(roc_auc_score(y[N_TRAINING:], p))
    losses.append(log_loss(y[N_TRAINING:], p))
print(np.std(areas), np.std(losses))
(HERE / "scikit_learn.json").write_text(json.dumps(dict(roc_auc=np.mean(areas), log_loss=np.mean(losses))) + "\n")
