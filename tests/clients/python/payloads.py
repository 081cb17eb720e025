"""Requests whose answers are known, small enough to be worked out by hand."""

from __future__ import annotations

import copy
import json
from datetime import date, timedelta
from typing import Any

from servers import REPOSITORY

REFERENCE = REPOSITORY.parent / "shared" / "reference"
TODAY = "2025-04-24"


def reference(name: str) -> Any | None:
    """A file of the reference folder, or None where the folder is absent."""
    path = REFERENCE / name
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _orders(customer: str, *orders: tuple[str, float, str]) -> list[dict[str, Any]]:
    return [
        {"transaction_id": f"{customer}-{n}", "date": date, "amount": amount, "product_id": product}
        for n, (date, amount, product) in enumerate(orders, start=1)
    ]


# The reference cohort of the contract: recency 3/109/1 days, frequency 3/2/4, money 1228.95/195.90/660.00.
_COHORT = {
    "C-1001": _orders(
        "C-1001",
        ("2025-04-21", 520.55, "P-01"),
        ("2025-04-18", 398.40, "P-02"),
        ("2025-03-29", 310.00, "P-01"),
    ),
    "C-1002": _orders("C-1002", ("2025-01-05", 120.00, "P-10"), ("2024-12-19", 75.90, "P-11")),
    "C-1003": _orders(
        "C-1003",
        ("2025-04-23", 165.00, "P-20"),
        ("2025-04-01", 165.00, "P-21"),
        ("2025-03-01", 165.00, "P-22"),
        ("2025-02-01", 165.00, "P-23"),
    ),
}


def transactions() -> dict[str, Any]:
    """Three customers with orders, for customer_features and customer_rfm."""
    customers = [{"customer_id": c, "transactions": copy.deepcopy(t)} for c, t in _COHORT.items()]
    return {"today": TODAY, "customers": customers}


def purchases() -> dict[str, Any]:
    """The reference customer of the contract for customer_clv_features, a one-time buyer, and one long gone."""
    reference_lines = [
        {"date": "2024-10-12", "amount": 520.55, "cost": 312.33},
        {"date": "2025-02-20", "amount": 398.40, "cost": 210.00},
    ]
    once = [{"date": "2025-04-02", "amount": 150.00, "cost": 96.00}]
    gone = [
        {"date": "2024-02-01", "amount": 98.00, "cost": 61.00, "transaction_id": "T-1"},
        {"date": "2024-05-20", "amount": 115.00, "cost": 70.00, "transaction_id": "T-2"},
        {"date": "2024-05-28", "amount": -15.00, "cost": 0, "transaction_id": "T-2"},
    ]
    lines = {"C-1001": reference_lines, "C-1002": once, "C-1003": gone}
    customers = [{"customer_id": c, "transactions": t} for c, t in lines.items()]
    return {"today": TODAY, "customers": customers}


def purchase_histories() -> dict[str, Any]:
    """A hundred and twenty customers over two years: every third buys once, the others every few weeks until they stop."""
    first, last = date(2023, 4, 3), date.fromisoformat(TODAY)
    customers = []
    for n in range(120):
        day, lines = first + timedelta(days=(n * 5) % 560), []
        for order in range(1 if n % 3 == 0 else 2 + n % 9):
            amount = 20.0 + (n * 7 + order * 3) % 50
            lines.append({"date": day.isoformat(), "amount": amount})
            day += timedelta(days=9 + (n * 11 + order * 17) % 60)
            if day > last:
                break
        customers.append({"customer_id": f"C{n:03}", "transactions": lines})
    return {"today": TODAY, "horizon_months": 6, "customers": customers}


def one_time_buyers() -> dict[str, Any]:
    """Too few repeat buyers for any model: figures that cannot be computed are left out, never null."""
    customers = [
        {"customer_id": n, "transactions": [{"date": f"2025-03-{n:02}", "amount": 10.0 * n}]}
        for n in range(1, 8)
    ]
    return {"today": TODAY, "customers": customers}


def _features(total: float, visits: int, diversity: int, recency: int) -> dict[str, float]:
    return {
        "purchase_total": total,
        "visit_frequency": visits,
        "avg_ticket": round(total / visits, 2),
        "product_diversity": diversity,
        "loyalty_score": 0.5,
        "recency_days": recency,
    }


def loyalty() -> dict[str, Any]:
    """One customer best in everything (score 1), one worst (score 0), one between."""
    return {
        "customers": [
            {"customer_id": "best", "features": _features(4000.0, 20, 9, 1)},
            {"customer_id": "middle", "features": _features(1000.0, 10, 5, 50)},
            {"customer_id": "worst", "features": _features(10.0, 1, 1, 300)},
        ]
    }


def answers() -> dict[str, Any]:
    """Ten answers: five promoters, three passives, two detractors, so an NPS of 30."""
    values = [10, 9, 9, 10, 9, 7, 8, 8, 6, 0]
    rows = [
        {"customer_id": f"C{n}", "answer": value, "group": "north" if n % 2 else "south"}
        for n, value in enumerate(values)
    ]
    return {"data": rows, "group_by": "group"}


def churn_rows() -> dict[str, Any]:
    """Three shops' customers: gone for 90 days exactly, for 89, and for a year."""
    dates = {"gone": "2025-01-24", "here": "2025-01-25", "long gone": "2024-04-24"}
    rows = [
        {"customer_id": customer, "snapshot_date": TODAY, "last_purchase_date": date}
        for customer, date in dates.items()
    ]
    return {"business_type": "ecommerce", "data": rows}


def churn_traits() -> dict[str, Any]:
    """Sixty customers with a known outcome, those with many tickets gone, and one without."""
    rows: list[dict[str, Any]] = []
    for n in range(61):
        gone = n % 3 == 0
        row = {
            "customer_id": f"C{n:02}",
            "tenure": 30 + 13 * (n * 7 % 60),
            "usage_frequency": 1 + n % 5,
            "service_tickets": (n % 4) + (2 if gone else 0),
            "nps": 10 * (n % 11) - 50,
            "payment_events": n % 2,
            "plan": ["basic", "plus"][n // 2 % 2],
        }
        rows.append(row if n == 60 else {**row, "churned": int(gone)})
    return {"data": rows}


def unlabeled_traits() -> dict[str, Any]:
    """Three customers of whom nobody knows whether they left."""
    return {"data": [{k: v for k, v in row.items() if k != "churned"} for row in churn_traits()["data"][:3]]}


def feature_vectors() -> dict[str, Any]:
    """Two groups far apart, for the request shape with `data`."""
    small = [_features(100.0 + n, 2, 1 + n % 2, 200 + n) for n in range(8)]
    large = [_features(5000.0 + 10 * n, 30 + n % 3, 12, 3 + n % 2) for n in range(4)]
    rows = [{"customer_id": f"C{n:02}", "features": f} for n, f in enumerate(small + large)]
    return {"data": rows, "max_clusters": 4}


def shoppers() -> dict[str, Any]:
    """The reference shoppers where present, else three groups of shoppers far apart."""
    loaded = reference("shoppers40.json")
    if loaded is not None:
        return {"customers": loaded["customers"], "k_range": [3, 4, 5, 6]}
    groups = [(2, 60.0, ["tea"]), (10, 800.0, ["tea", "wine"]), (30, 4000.0, ["wine", "cheese", "ham"])]
    rows = [
        {
            "id": f"S{n:02}",
            "frequency": groups[n % 3][0] + n % 2,
            "amount_spent": groups[n % 3][1] + 1.5 * n,
            "product_types": groups[n % 3][2],
        }
        for n in range(18)
    ]
    return {"customers": rows, "k_range": [3, 4]}


def labeled_shoppers() -> dict[str, Any]:
    """The shoppers with a given labeling: those above the mean spend are 1, the others 0."""
    customers = shoppers()["customers"]
    mean = sum(row["amount_spent"] for row in customers) / len(customers)
    labels = {row["id"]: int(row["amount_spent"] > mean) for row in customers}
    return {"customers": customers, "labels": labels}


def hierarchy() -> dict[str, Any]:
    """Three leaves: b and c merge first, then a joins them."""
    return {
        "dendrogram": {
            "linkage_matrix": [[1, 2, 1.0, 2], [0, 3, 4.5, 3]],
            "leaf_labels": ["a", "b", "c"],
        }
    }
