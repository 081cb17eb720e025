"""Writes scikit_learn.json: what scikit-learn makes of five data sets (versions: see SOURCE.md).

python make_fixtures.py SHARED_DATA > scikit_learn.json

Three sets are stored with their columns. The two real ones, CDNOW and Online Retail, are only described (rows and column
sums); the tests build them from SHARED_DATA by the same rules as here.
"""
import csv
import datetime
import gzip
import json
import os
import sys

import numpy as np
from sklearn.cluster import DBSCAN, KMeans
from sklearn.datasets import load_iris
from sklearn.metrics import (
    calinski_harabasz_score,
    davies_bouldin_score,
    silhouette_samples,
)
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import StandardScaler

SHARED_DATA = sys.argv[1]


def read_csv(*path):
    with gzip.open(os.path.join(SHARED_DATA, *path), "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def clouds():
    """Five overlapping Gaussian clouds of different shapes in three columns."""
    rng = np.random.default_rng(7)
    centers = rng.normal(0.0, 4.0, (5, 3))
    rows = []
    for center, size in zip(centers, (30, 60, 90, 60, 60)):
        shape = rng.normal(0.0, 1.0, (3, 3))
        rows.append(center + rng.normal(0.0, 1.0, (size, 3)) @ shape)
    return np.round(np.vstack(rows), 3)


def shoppers():
    """Heavy tails, whole numbers and repeated rows: frequency, amount in whole tens, number of types."""
    rng = np.random.default_rng(11)
    segment = rng.choice(4, size=400, p=(0.5, 0.3, 0.15, 0.05))
    frequency = 1 + rng.poisson(np.array((1.0, 6.0, 15.0, 3.0))[segment])
    amount = np.round(np.exp(np.log(np.array((40.0, 250.0, 900.0, 3000.0))[segment]) + 0.4 * rng.normal(size=400)), -1)
    types = rng.integers(1, np.array((3, 5, 7, 4))[segment])
    return np.column_stack((frequency, amount, types)).astype(float)


def cdnow():
    """Repeat purchases, weeks to the last one, mean value of a repeat purchase of the 1/10 sample."""
    rows = read_csv("cdnow", "cdnow_calibration_summary.csv.gz")
    return np.array([[float(row[name]) for name in ("x", "t_x_weeks", "mean_repeat_value")] for row in rows])


def online_retail():
    """Invoices, whole days from the last one to 2011-12-10, spend in whole pounds, of each customer's paid lines."""
    customers = {}
    for row in read_csv("online_retail", "online_retail_2010_2011.csv.gz"):
        quantity, price = int(row["quantity"]), float(row["unit_price"])
        if not row["customer_id"] or row["invoice_no"].startswith("C") or quantity <= 0 or price <= 0:
            continue
        invoices, last, thousandths = customers.setdefault(row["customer_id"], (set(), "", 0))
        invoices.add(row["invoice_no"])
        last = max(last, row["invoice_date"][:10])
        customers[row["customer_id"]] = (invoices, last, thousandths + quantity * round(price * 1000))
    end = datetime.date(2011, 12, 10)
    return np.array([
        [float(len(invoices)), float((end - datetime.date.fromisoformat(last)).days), float(thousandths // 1000)]
        for invoices, last, thousandths in customers.values()
    ])


def scores(x, labels):
    """Noise counts as silhouette 0 in the mean and is left out of everything else."""
    kept = labels >= 0
    inside, of = x[kept], labels[kept]
    return {
        "labels": labels.tolist(),
        "silhouette": float(silhouette_samples(inside, of).sum() / len(x)),
        "davies_bouldin": float(davies_bouldin_score(inside, of)),
        "calinski_harabasz": float(calinski_harabasz_score(inside, of)),
    }


def partitions(x):
    """Labels that equal rows share: of K-Means, of DBSCAN, at random, and at random with noise and clusters of one row."""
    _, row = np.unique(x, axis=0, return_inverse=True)
    row = row.ravel()
    rng = np.random.default_rng(3)
    anyhow = rng.integers(0, 4, row.max() + 1)
    rare = np.where(rng.random(row.max() + 1) < 0.1, -1, anyhow)
    rare[:3] = (10, 11, 12)
    yield KMeans(3, n_init=10, random_state=0).fit_predict(x)
    yield KMeans(7, n_init=10, random_state=0).fit_predict(x)
    yield anyhow[row]
    yield rare[row]
    dbscan = DBSCAN(eps=0.4, min_samples=5).fit_predict(x)
    if dbscan.max() >= 1:
        yield dbscan


def dbscan(x, eps, min_samples):
    model = DBSCAN(eps=eps, min_samples=min_samples).fit(x)
    return {
        "eps": eps,
        "min_samples": min_samples,
        "core": model.core_sample_indices_.tolist(),
        "core_labels": model.labels_[model.core_sample_indices_].tolist(),
        "noise": np.flatnonzero(model.labels_ < 0).tolist(),
    }


def case(name, rows, stored):
    x = StandardScaler().fit_transform(rows)
    ks = (2, 3, 4, 5, 6)
    kmeans = {k: KMeans(k, n_init=10, random_state=0).fit(x).inertia_ for k in ks}
    mixture = {k: GaussianMixture(k, n_init=10, random_state=0).fit(x).score(x) for k in ks}
    result = {
        "name": name,
        "n_rows": len(rows),
        "column_sums": rows.sum(axis=0).tolist(),
        "kmeans_inertia": {str(k): float(v) for k, v in kmeans.items()},
        "mixture_mean_log_likelihood": {str(k): float(v) for k, v in mixture.items()},
    }
    if stored:
        result["columns"] = rows.T.tolist()
        result["partitions"] = [scores(x, labels) for labels in partitions(x)]
        result["dbscan"] = [dbscan(x, eps, least) for eps, least in ((0.4, 5), (0.25, 3), (0.8, 12))]
    return result


json.dump(
    [
        case("iris", load_iris().data, True),
        case("clouds", clouds(), True),
        case("shoppers", shoppers(), True),
        case("cdnow", cdnow(), False),
        case("online_retail", online_retail(), False),
    ],
    sys.stdout,
    separators=(",", ":"),
)
print()
