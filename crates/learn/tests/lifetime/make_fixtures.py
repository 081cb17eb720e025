"""make_fixtures.py SHARED_DATA > reference.json

High-precision values of the lifetime models (mpmath, 60 digits, the formulas of the papers as printed) and the MBG/NBD fit of an
independent implementation (lifetimes) on the CDNOW sample."""
import json
import sys
import warnings

import mpmath as mp
import numpy as np
import pandas as pd

warnings.simplefilter("ignore")
from lifetimes import ModifiedBetaGeoFitter

mp.mp.dps = 60
# x, t_x, T: no time at all, one purchase, regular and sparse buyers, thousands of purchases, weeks as days.
HISTORIES = [(0, 0, 0), (0, 0, 39), (0, 0, 2000), (1, 0.01, 39), (1, 38, 39), (2, 30.43, 38.86), (7, 20, 20), (26, 30.857, 31),
             (300, 200, 260), (4000, 250, 260), (3000, 259.5, 260)]
BETA = [(0.2426, 4.4136, 0.7929, 2.4259), (0.05, 0.1, 0.02, 0.03), (1.5, 60, 1, 9), (20, 5, 3, 0.7)]
PARETO = [(0.553, 10.578, 0.606, 11.669), (0.05, 30, 0.01, 0.2), (1.5, 2, 1, 500), (20, 5, 3, 0.05)]
WEEKS = [0.1, 52, 260]


def geometric(params, history, extra):
    """Fader, Hardie, Lee (2005), equations 6 and 10; `extra` = 1 is Batislam, Denizel, Filiztekin (2007)."""
    r, alpha, a, b = [mp.mpf(v) for v in params]
    x, tx, t = history[0], mp.mpf(history[1]), mp.mpf(history[2])
    k = x + extra
    common = mp.gamma(r + x) / mp.gamma(r) * alpha ** r / mp.beta(a, b)
    active = common * mp.beta(a, b + k) * (alpha + t) ** -(r + x)
    gone = common * mp.beta(a + 1, b + k - 1) * (alpha + tx) ** -(r + x) if k else mp.mpf(0)
    alive = active / (active + gone)
    a = a + mp.mpf(10) ** -30 if a == 1 else a
    expected = []
    for h in WEEKS:
        z = h / (alpha + t + h)
        f = mp.hyp2f1(r + x, b + k, a + b + k - 1, z)
        expected.append(alive * (a + b + k - 1) / (a - 1) * (1 - ((alpha + t) / (alpha + t + h)) ** (r + x) * f))
    zero = [1 - alive * (1 - ((alpha + t) / (alpha + t + h)) ** (r + x)) for h in WEEKS]
    return mp.log(active + gone), alive, expected, zero


def pareto(params, history):
    """Fader, Hardie (2005), "A Note on Deriving the Pareto/NBD Model", equations 17 to 20 (two 2F1) and 41."""
    r, alpha, s, beta = [mp.mpf(v) for v in params]
    x, tx, t = history[0], mp.mpf(history[1]), mp.mpf(history[2])
    q = r + x

    def integral(y):
        if alpha >= beta:
            return mp.hyp2f1(q + s, s + 1, q + s + 1, (alpha - beta) / (alpha + y)) / (alpha + y) ** (q + s)
        return mp.hyp2f1(q + s, q, q + s + 1, (beta - alpha) / (beta + y)) / (beta + y) ** (q + s)

    common = mp.gamma(q) / mp.gamma(r) * alpha ** r * beta ** s
    active = common * (alpha + t) ** -q * (beta + t) ** -s
    total = active + common * s / (q + s) * (integral(tx) - integral(t))
    alive = active / total
    s1 = s + mp.mpf(10) ** -30 if s == 1 else s
    expected = [alive * q / (alpha + t) * (beta + t) / (s1 - 1) * (1 - ((beta + t) / (beta + t + h)) ** (s1 - 1))
                for h in WEEKS]
    rate, stay = alpha + t, beta + t
    zero = []
    for h in WEEKS:
        bought = mp.quad(lambda v: q / rate * mp.exp(v) * (1 + mp.expm1(v) / rate) ** -(q + 1)
                         * (1 + mp.expm1(v) / stay) ** -s, mp.linspace(0, mp.log1p(h), 9))
        zero.append(1 - alive * bought)
    return mp.log(total), alive, expected, zero


def at_least(params, history, weeks, family):
    """P(X >= n), n = 1 … 6."""
    if family == "pareto_nbd":
        r, alpha, s, beta = [mp.mpf(v) for v in params]
        _, alive, _, _ = pareto(params, history)
        q, rate, stay = r + history[0], alpha + history[2], beta + history[2]
        density = lambda n, u: u ** (n - 1) * rate ** q / mp.beta(q, n) / (rate + u) ** (q + n) * (stay / (stay + u)) ** s
        return [alive * mp.quad(lambda u: density(n, u), mp.linspace(0, weeks, 9)) for n in range(1, 7)]
    extra = 1 if family == "mbg_nbd" else 0
    r, alpha, a, b = [mp.mpf(v) for v in params]
    _, alive, _, _ = geometric(params, history, extra)
    q, rate, k = r + history[0], alpha + history[2], history[0] + extra
    z = mp.mpf(weeks) / (rate + weeks)
    result = []
    for n in range(1, 7):
        fewer = sum(mp.rf(q, m) / mp.factorial(m) * (1 - z) ** q * z ** m for m in range(n))
        result.append(alive * (1 - fewer) * mp.rf(b + k, n - 1) / mp.rf(a + b + k, n - 1))
    return result


def cdnow(shared):
    log = pd.read_csv(shared + "/cdnow/cdnow_sample.csv.gz", dtype={"master_id": str, "sample_id": str}, parse_dates=["date"])
    log = log[log.date <= "1997-09-30"].drop_duplicates(["sample_id", "date"])
    dates = log.groupby("sample_id").date.agg(["min", "max", "count"])
    days = lambda spans: spans.dt.days.to_numpy() / 7.0
    return (dates["count"].to_numpy() - 1.0, days(dates["max"] - dates["min"]), days(pd.Timestamp("1997-09-30") - dates["min"]))


def floats(values):
    return [float(value) for value in values]


cases = []
for family, grid in (("bg_nbd", BETA), ("mbg_nbd", BETA), ("pareto_nbd", PARETO)):
    for params in grid:
        for history in HISTORIES:
            if family == "pareto_nbd":
                figures = pareto(params, history)
            else:
                figures = geometric(params, history, 1 if family == "mbg_nbd" else 0)
            ln, alive, expected, zero = figures
            cases.append({"family": family, "params": params, "history": history, "log_likelihood": float(ln),
                          "probability_alive": float(alive), "expected": floats(expected), "zero": floats(zero)})
distributions = [{"family": family, "params": params, "history": history, "weeks": 39,
                  "at_least": floats(at_least(params, history, 39, family))}
                 for family, grid in (("bg_nbd", BETA), ("mbg_nbd", BETA), ("pareto_nbd", PARETO))
                 for params in grid for history in HISTORIES[1:8:2]]
data = cdnow(sys.argv[1])
fit = ModifiedBetaGeoFitter(penalizer_coef=0.0).fit(*data, tol=1e-9)
ln = -ModifiedBetaGeoFitter._negative_log_likelihood(np.log(fit.params_.to_numpy()), *data, np.ones(len(data[0])), 0.0)
lifetimes = {"params": floats(fit.params_), "standard_errors": floats(fit.standard_errors_),
             "log_likelihood": float(ln * len(data[0]))}
json.dump({"weeks": WEEKS, "cases": cases, "distributions": distributions, "mbg_nbd_on_cdnow": lifetimes}, sys.stdout, indent=0)
print()
