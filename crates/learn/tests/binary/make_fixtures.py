"""Writes reference.json: what scikit-learn and SciPy make of drawn data with a yes or no outcome (versions: see SOURCE.md).

python make_fixtures.py > reference.json
"""
import json
import warnings

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.calibration import _SigmoidCalibration
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    f1_score,
    log_loss,
    roc_auc_score,
)

warnings.simplefilter("ignore")


def customers(rng, n, weighted):
    """Counts, amounts far from 0, a nearly repeated column, two columns of categories; some weights are 0."""
    tenure = np.round(rng.gamma(2.0, 300.0, n))
    amount = np.round(1e6 + 50.0 * rng.normal(size=n), 2)
    visits = rng.poisson(3.0, n).astype(float)
    nearly = visits + np.round(0.01 * rng.normal(size=n), 3)
    plan = rng.integers(0, 3, n)
    region = rng.choice(5, n, p=(0.5, 0.3, 0.15, 0.05, 0.0))
    level = -0.5 - tenure / 500.0 + (amount - 1e6) / 60.0 + 0.3 * visits + np.array((0.8, 0.0, -0.6))[plan]
    outcome = rng.random(n) < expit(level)
    return {
        "numeric": [tenure.tolist(), amount.tolist(), visits.tolist(), nearly.tolist(), [7.5] * n],
        "codes": [plan.tolist(), region.tolist()],
        "levels": [3, 5],
        "outcomes": outcome.tolist(),
        "weights": rng.integers(0, 4, n).astype(float).tolist() if weighted else [1.0] * n,
    }


def elastic_net(data, lam, l1_ratio):
    """Coefficients in the units of the columns of the minimum of the mean loss + λ (α |β|₁ + (1 − α)/2 |β|²)."""
    columns = [np.array(column) for column in data["numeric"]]
    for codes, n_levels in zip(data["codes"], data["levels"]):
        columns += [(np.array(codes) == level).astype(float) for level in range(n_levels)]
    x, y, w = np.column_stack(columns), np.array(data["outcomes"]), np.array(data["weights"])
    mean = np.average(x, axis=0, weights=w)
    deviation = np.sqrt(np.average((x - mean) ** 2, axis=0, weights=w))
    spread = deviation > 1e-12 * np.maximum(np.abs(mean), 1e-300)
    z = (x[:, spread] - mean[spread]) / deviation[spread]
    kept = w > 0
    model = LogisticRegression(
        l1_ratio=l1_ratio, C=1.0 / (lam * w.sum()), solver="saga", tol=1e-13, max_iter=3_000_000, random_state=0
    )
    model.fit(z[kept], y[kept], sample_weight=w[kept])
    coefficients = np.zeros(x.shape[1])
    coefficients[spread] = model.coef_[0] / deviation[spread]
    return {
        "lambda": lam,
        "l1_ratio": l1_ratio,
        "coefficients": coefficients.tolist(),
        "standard_deviations": deviation.tolist(),
        "base": float(model.intercept_[0]),
    }


def logistic(rng):
    sets = []
    for name, n, weighted, penalties in (
        ("weighted", 240, True, ((0.05, 0.5), (0.01, 0.5), (0.003, 0.9), (0.02, 0.0))),
        ("plain", 150, False, ((0.03, 0.5), (0.01, 1.0), (0.005, 0.1))),
    ):
        data = customers(rng, n, weighted)
        sets.append({"name": name, **data, "models": [elastic_net(data, *penalty) for penalty in penalties]})
    return sets


def forecasts(rng, n, digits, with_weights):
    """Probabilities rounded to some digits, so that some are equal, and outcomes that they overstate."""
    level = rng.normal(-1.0, 1.5, n)
    p = np.clip(np.round(expit(1.3 * level), digits), 0.001, 0.999)
    y = rng.random(n) < expit(level)
    return p, y, np.round(rng.gamma(2.0, 1.0, n), 3) if with_weights else np.ones(n)


def metrics(rng):
    sets = []
    for n, digits, with_weights in ((400, 15, False), (400, 2, False), (300, 1, True), (1000, 3, True)):
        p, y, w = forecasts(rng, n, digits, with_weights)
        sets.append({
            "scores": p.tolist(),
            "outcomes": y.tolist(),
            "weights": w.tolist(),
            "roc_auc": roc_auc_score(y, p, sample_weight=w),
            "average_precision": average_precision_score(y, p, sample_weight=w),
            "brier_score": brier_score_loss(y, p, sample_weight=w),
            "log_loss": log_loss(y, p, sample_weight=w),
            "f1_score": f1_score(y, p >= 0.3, sample_weight=w),
            "accuracy": accuracy_score(y, p >= 0.3, sample_weight=w),
        })
    return sets


def beta(s, y, w):
    """a, b ≥ 0 and c by a general optimizer: Platt's targets, normal priors (1, 10) on a and b."""
    n1, n0 = w[y].sum(), w[~y].sum()
    t = np.where(y, (n1 + 1) / (n1 + 2), 1 / (n0 + 2))
    x = np.column_stack((-np.logaddexp(0.0, -s), np.logaddexp(0.0, s), np.ones(len(s))))

    def loss(theta):
        eta = x @ theta
        value = (w * (np.logaddexp(0.0, eta) - t * eta)).sum() + (((theta[:2] - 1) / 10) ** 2).sum() / 2
        slope = x.T @ (w * (expit(eta) - t))
        slope[:2] += (theta[:2] - 1) / 100
        return value, slope

    found = minimize(
        loss, (1.0, 1.0, 0.0), jac=True, method="L-BFGS-B", bounds=((0, None), (0, None), (None, None)),
        options={"ftol": 0.0, "gtol": 1e-11, "maxiter": 10_000, "maxls": 100},
    )
    return list(map(float, found.x))


def calibration(rng):
    sets = []
    for n, digits, with_weights, kind in ((300, 6, False, "over"), (500, 1, True, "over"), (200, 4, False, "one-sided")):
        s = np.round(rng.normal(-0.5, 2.0, n), digits) + 0.0
        truth = 0.5 * s - 0.2 if kind == "over" else np.where(s < 0, -0.8, 1.4 * s - 0.8)
        y = rng.random(n) < expit(truth)
        w = np.round(rng.gamma(2.0, 1.0, n), 2) if with_weights else np.ones(n)
        platt = _SigmoidCalibration().fit(s, y.astype(float), sample_weight=w)
        isotonic = IsotonicRegression().fit(s, y.astype(float), sample_weight=w)
        sets.append({
            "scores": s.tolist(),
            "outcomes": y.tolist(),
            "weights": w.tolist(),
            "platt": [-float(platt.a_), -float(platt.b_)],
            "beta": beta(s, y, w),
            "isotonic": isotonic.predict(s).tolist(),
        })
    return sets


rng = np.random.default_rng(20240917)
document = {"logistic": logistic(rng), "metrics": metrics(rng), "calibration": calibration(rng)}
print("{\n" + ",\n".join(
    f'"{key}": [\n' + ",\n".join(json.dumps(entry) for entry in entries) + "\n]" for key, entries in document.items()
) + "\n}")
