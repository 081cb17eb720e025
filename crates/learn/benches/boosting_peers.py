"""Times other boosters on the folds that the bench `boosting` times with CHURN_TABLE, and writes the table.

    OMP_NUM_THREADS=2 python boosting_peers.py TABLE.csv [ROWS] [lightgbm,xgboost,catboost]
    CHURN_TABLE=TABLE.csv cargo bench -p clientela-learn --bench boosting
"""
import os
import sys
import time

import numpy as np
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

ROUNDS, THREADS = 3, int(os.environ.get("OMP_NUM_THREADS", "2"))


def churn_table(n, seed):
    """Months, sessions, tickets, a score and failed payments, and who left."""
    rng = np.random.default_rng(seed)
    tenure = rng.gamma(2.0, 14.0, n).clip(0, 120)
    usage = rng.gamma(1.5, 6.0, n)
    tickets = rng.poisson(0.6 + 1.2 * rng.random(n) ** 3 * 4)
    score = np.clip(np.round(rng.normal(8.0 - 0.6 * tickets, 2.0)), 0, 10)
    failed = rng.poisson(0.3 + 0.5 * (usage < 3))
    odds = (-1.1 - 0.03 * tenure - 0.09 * usage + 0.35 * tickets - 0.18 * (score - 6) + 0.6 * failed
            + 0.8 * ((tickets >= 3) & (score <= 5)) - 0.5 * ((tenure > 36) & (usage > 10)))
    left = (rng.random(n) < 1 / (1 + np.exp(-odds))).astype(int)
    return np.column_stack([tenure, usage, tickets, score, failed]).astype(float), left


def model(name):
    if name == "lightgbm":
        from lightgbm import LGBMClassifier
        return LGBMClassifier(n_estimators=200, learning_rate=0.1, n_jobs=THREADS, random_state=42, verbose=-1)
    if name == "xgboost":
        from xgboost import XGBClassifier
        return XGBClassifier(n_estimators=200, learning_rate=0.1, max_depth=6, n_jobs=THREADS, random_state=42)
    from catboost import CatBoostClassifier
    return CatBoostClassifier(iterations=200, learning_rate=0.1, depth=6, thread_count=THREADS, random_seed=42,
                              verbose=False, allow_writing_files=False)


def timed(name, x, y, folds):
    """Seconds on the clock and of all cores for five fits, and seconds for five forecasts, of the fastest round; AUC."""
    model(name).fit(x[:200], y[:200])
    rounds = []
    for _ in range(ROUNDS):
        fits = cores = forecasts = area = 0.0
        for k in range(5):
            one, begun, used = model(name), time.perf_counter(), time.process_time()
            one.fit(x[folds != k], y[folds != k])
            fits, cores = fits + time.perf_counter() - begun, cores + time.process_time() - used
            begun = time.perf_counter()
            forecast = one.predict_proba(x[folds == k])[:, 1]
            forecasts += time.perf_counter() - begun
            area += roc_auc_score(y[folds == k], forecast) / 5
        rounds.append((fits, cores, forecasts))
    fits, cores, forecasts = (min(column) for column in zip(*rounds))
    print(f"{name}: 5 fits {fits:.3f} s ({cores:.3f} s of all cores), 5 forecasts {forecasts:.3f} s, AUC {area:.5f}", flush=True)


path, n = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 250_000
x, y = churn_table(n, 42)
folds = np.zeros(n, dtype=int)
for k, (_, test) in enumerate(StratifiedKFold(5, shuffle=True, random_state=42).split(x, y)):
    folds[test] = k
with open(path, "w") as file:
    file.write("tenure,usage,tickets,score,failed,left,fold\n")
    file.writelines(",".join(map(repr, map(float, row))) + f",{one},{fold}\n" for row, one, fold in zip(x, y, folds))
for name in (sys.argv[3] if len(sys.argv) > 3 else "lightgbm,xgboost,catboost").split(","):
    timed(name, x, y, folds)
