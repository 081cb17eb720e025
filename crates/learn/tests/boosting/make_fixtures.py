"""Writes the data sets next to this file, and what LightGBM makes of them. See SOURCE.md.

    python make_fixtures.py
"""
import gzip
import io
import json
from pathlib import Path

import lightgbm as lgb
import numpy as np

HERE = Path(__file__).parent
N_TRAINING, N_VALIDATION = 4000, 4000
# A change of a bin moves a split, and that the loss by a percent: it is the mean over these that is compared.
MAX_BINS = (255, 240, 225, 210, 195, 180, 165, 150)


def shop(rng, n):
    """Recency, frequency, mean amount, a score with a fifth missing, month; what is spent is compound Poisson."""
    x = np.column_stack([
        np.round(rng.exponential(200, n)), rng.poisson(3, n), np.round(rng.gamma(2, 30, n), 2),
        np.round(rng.normal(0, 1, n), 3), rng.integers(1, 13, n)]).astype(float)
    level = np.log1p(x[:, 1]) + 0.5 * np.log1p(x[:, 2]) - x[:, 0] / 400 + 0.3 * x[:, 3] - 2.5
    purchases = rng.poisson(np.exp(level))
    spent = np.where(purchases > 0, rng.gamma(np.maximum(purchases, 1) * 2, 3), 0.0)
    x[rng.random(n) < 0.2, 3] = np.nan
    return x, np.round(spent, 2), None


def visits(rng, n):
    """Counts with an offset for the days observed; one column that says nothing, one missing where another is low."""
    x = np.column_stack([np.round(rng.uniform(0, 10, (n, 3)), 2), rng.integers(0, 4, n)]).astype(float)
    days = rng.integers(10, 400, n)
    mean = days / 100 * np.exp(0.25 * np.abs(x[:, 0] - 5) - 0.1 * x[:, 1] * (x[:, 3] > 1))
    x[x[:, 1] < 2, 2] = np.nan
    return x, rng.poisson(mean).astype(float), np.round(np.log(days / 100), 6)


def surface(rng, n):
    """Friedman's first test function of five columns out of seven, with noise."""
    x = np.round(rng.uniform(0, 1, (n, 7)), 3)
    y = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]
    return x, np.round(y + rng.normal(0, 1, n), 3), None


def churn(rng, n):
    """Months, sessions, tickets, a score with a fifth missing, failed payments; who leaves is a matter of log-odds."""
    x = np.column_stack([
        np.round(rng.gamma(2, 14, n), 1), np.round(rng.gamma(1.5, 6, n), 1), rng.poisson(1.2, n),
        np.clip(np.round(rng.normal(7, 2, n)), 0, 10), rng.poisson(0.5, n)]).astype(float)
    odds = (-0.6 - 0.03 * x[:, 0] - 0.09 * x[:, 1] + 0.5 * x[:, 2] - 0.2 * (x[:, 3] - 6) + 0.6 * x[:, 4]
            + 0.9 * ((x[:, 2] >= 2) & (x[:, 3] <= 6)))
    left = (rng.random(n) < 1 / (1 + np.exp(-odds))).astype(float)
    x[rng.random(n) < 0.2, 3] = np.nan
    return x, left, None


def deviance(loss, y, mean):
    """Mean unit deviance."""
    if loss == "squared":
        return float(np.mean((y - mean) ** 2))
    if loss == "poisson":
        return float(np.mean(2 * (np.where(y > 0, y * np.log(np.maximum(y, 1e-9) / mean), 0) - (y - mean))))
    if loss == "logistic":
        return float(np.mean(-2 * np.where(y > 0, np.log(mean), np.log1p(-mean))))
    p = 1.5
    terms = np.maximum(y, 0) ** (2 - p) / ((1 - p) * (2 - p)) - y * mean ** (1 - p) / (1 - p) + mean ** (2 - p) / (2 - p)
    return float(np.mean(2 * terms))


def parameters(loss, max_bin):
    objective = {"squared": "regression", "poisson": "poisson", "tweedie": "tweedie",
                 "logistic": "binary"}[loss]
    return dict(objective=objective, num_leaves=31, learning_rate=0.1, min_data_in_leaf=20, max_bin=max_bin,
                min_data_in_bin=1, tweedie_variance_power=1.5, poisson_max_delta_step=1e-9, deterministic=True,
                num_threads=1, force_row_wise=True, verbosity=-1)


def best_constant(loss, y, offset):
    """What a log link starts from above its offset; LightGBM has no such start where a row has a score of its own."""
    return np.log(y.sum() / np.exp(offset).sum()) if loss == "poisson" else None


def mean_of(loss, raw):
    if loss == "squared":
        return raw
    return 1 / (1 + np.exp(-raw)) if loss == "logistic" else np.exp(raw)


def measured(name, loss, n_trees, x, y, offset):
    training, validation = slice(0, N_TRAINING), slice(N_TRAINING, None)
    deviances = []
    for max_bin in MAX_BINS:
        data = lgb.Dataset(x[training], y[training], params=parameters(loss, max_bin))
        start = 0.0
        if offset is not None:
            start = best_constant(loss, y[training], offset[training])
            data.set_init_score(offset[training] + start)
        model = lgb.train(parameters(loss, max_bin), data, n_trees)
        raw = model.predict(x[validation], raw_score=True) + start
        raw = raw if offset is None else raw + offset[validation]
        deviances.append(deviance(loss, y[validation], mean_of(loss, raw)))
    constant = np.full(N_VALIDATION, y[training].mean())
    return dict(name=name, loss=loss, n_training=N_TRAINING, n_trees=n_trees, has_offset=offset is not None,
                max_bins=MAX_BINS, deviances=deviances, deviance_of_mean=deviance(loss, y[validation], constant))


def write(name, x, y, offset):
    columns = [x, y[:, None]] + ([] if offset is None else [offset[:, None]])
    rows = np.hstack(columns)
    text = "\n".join(",".join("" if np.isnan(v) else repr(float(v)).removesuffix(".0") for v in row) for row in rows)
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as file:
        file.write(text.encode() + b"\n")
    (HERE / f"{name}.csv.gz").write_bytes(buffer.getvalue())


sets = []
# Shop and visits are learned by heart after so many trees; the surface is not learned out by then.
for seed, (name, loss, n_trees, draw) in enumerate([("shop", "tweedie", 20, shop), ("visits", "poisson", 40, visits),
                                                    ("surface", "squared", 100, surface),
                                                    ("churn", "logistic", 40, churn)]):
    x, y, offset = draw(np.random.default_rng(seed), N_TRAINING + N_VALIDATION)
    write(name, x, y, offset)
    sets.append(measured(name, loss, n_trees, x, y, offset))
(HERE / "lightgbm.json").write_text("".join(json.dumps(one) + "\n" for one in sets))
