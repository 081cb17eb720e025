"""The published Python client, unmodified, does its work against this server."""

from __future__ import annotations

import asyncio
import math
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from echointel import (
    AsyncEchoIntelClient,
    EchoIntelAuthenticationException,
    EchoIntelClient,
    EchoIntelException,
    EchoIntelValidationException,
    Endpoints,
    RouteResolver,
)
from echointel.responses import (
    BuildFeaturesResponse,
    ChurnLabelResponse,
    ClvFeaturesResponse,
    ClvForecastResponse,
    LoyaltyResponse,
    RfmResponse,
    SegmentationResponse,
)
from echointel.responses.admin import CustomerOut

import payloads
from servers import ADMIN_SECRET, Server

# ---------------------------------------------------------------------------------------------------------------------
# What each method must bring back


def check_features(answer: dict[str, Any]) -> None:
    customers = BuildFeaturesResponse.from_dict(answer).customers
    assert customers[0].features["purchase_total"] == 1228.95
    assert customers[0].features["recency_days"] == 3.0
    assert customers[1].features["avg_ticket"] == 97.95
    assert [c["customer_id"] for c in answer["customers"]] == ["C-1001", "C-1002", "C-1003"]


def check_rfm(answer: dict[str, Any]) -> None:
    assert [c.frequency for c in RfmResponse.from_dict(answer).customers] == [3, 2, 4]
    customers = answer["customers"]
    assert [c["rfm_class"] for c in customers] == ["335", "111", "553"]
    assert [c["rfm_total"] for c in customers] == [11, 3, 13]
    assert [c["rfm_tier"] for c in customers] == ["Loyal", "At-Risk", "Champion"]
    assert answer["thresholds"] == {
        "recency": [66.6, 24.2, 2.6, 1.8],
        "frequency": [2.4, 2.8, 3.2, 3.6],
        "monetary": [381.54, 567.18, 773.79, 1001.37],
    }


def check_loyalty(answer: dict[str, Any]) -> None:
    best, middle, worst = LoyaltyResponse.from_dict(answer).customers
    assert (best.loyalty_score, worst.loyalty_score) == (1.0, 0.0)
    assert 0.0 < middle.loyalty_score < 1.0
    segments = [c["segment"] for c in answer["customers"]]
    assert (segments[0], segments[2]) == ("Platinum", "At-Risk")
    assert sum(answer["summary"]["segment_counts"].values()) == 3


def check_clv_features(answer: dict[str, Any]) -> None:
    assert [c.customer_id for c in ClvFeaturesResponse.from_dict(answer).customers] == [
        "C-1001",
        "C-1002",
        "C-1003",
    ]
    first, once, gone = answer["customers"]
    assert (first["frequency"], first["recency"], first["T"]) == (1, 131.0, 194.0)
    assert (first["monetary_value"], first["churned"]) == (188.4, False)
    assert isinstance(first["frequency"], int) and isinstance(first["T"], float)
    tiers = [c["clv_potential_tier"] for c in answer["customers"]]
    assert tiers == ["High", "Low", "Medium"]
    assert (once["monetary_value"], gone["monetary_value"], gone["churned"]) == (0.0, 30.0, True)
    assert all(isinstance(text, str) for text in first["explanations"].values())
    assert set(first["explanations"]) >= {"frequency", "recency", "T", "monetary_value"}


def parse_forecast(answer: dict[str, Any]) -> ClvForecastResponse:
    """The client's class reads evaluation_mae as one number, while the API describes an object from family to error."""
    errors = answer["evaluation_mae"]
    assert isinstance(errors, dict)
    return ClvForecastResponse.from_dict({**answer, "evaluation_mae": min(errors.values(), default=0)})


def check_clv_forecast(answer: dict[str, Any]) -> None:
    parsed = parse_forecast(answer)
    families = {"BG/NBD + Gamma-Gamma", "GradientBoosting"}
    assert parsed.best_algorithm in families
    assert parsed.horizon_months == 6
    assert set(answer["evaluation_mae"]) <= families and parsed.evaluation_mae > 0
    assert [c.customer_id for c in parsed.customers] == [f"C{n:03}" for n in range(120)]
    for customer, row in zip(parsed.customers, answer["customers"], strict=True):
        assert customer.confidence_lower <= customer.confidence_upper
        assert row["predicted_txns"] == row["expected_purchases"] >= 0
        assert row["predicted_avg_margin"] > 0
        assert row["clv_tier"] in {"High", "Medium", "Low"}
        assert 0 <= row["probability_alive"] <= 1 and 0 <= row["probability_zero"] <= 1
        assert set(row["explanations"]) >= {"orders", "gap", "value"}
    total = answer["totals"]["predicted_clv"]
    assert total == pytest.approx(sum(c.predicted_clv for c in parsed.customers), abs=1)
    assert answer["totals"]["confidence_lower"] < total < answer["totals"]["confidence_upper"]
    assert set(answer["validation"]["baselines"]) == {"last_window", "zero", "population_mean"}
    assert answer["validation"]["split_dates"] and answer["validation"]["verdict"]
    assert answer["model_parameters"]["time_unit"] == "week"
    assert {"r", "alpha", "a", "b", "p", "q", "gamma"} <= set(answer["model_parameters"])


def check_clv_forecast_of_one_time_buyers(answer: dict[str, Any]) -> None:
    parsed = parse_forecast(answer)
    assert (parsed.best_algorithm, answer["evaluation_mae"]) == ("HistoricalMean", {})
    assert [c.predicted_clv for c in parsed.customers] == [0.0] * 7
    assert all("confidence_lower" not in row for row in answer["customers"])
    assert "nobody_repeats" in {warning["code"] for warning in answer["warnings"]}


def check_nps(answer: dict[str, Any]) -> None:
    overall = answer["overall"]
    assert (overall["nps"], overall["responses"]) == (30.0, 10)
    assert (overall["promoters_pct"], overall["detractors_pct"]) == (50.0, 20.0)
    assert overall["interpretation"].startswith("Good")
    assert [group["group"] for group in answer["by_group"]] == ["south", "north"]


def check_churn_labels(answer: list[dict[str, Any]]) -> None:
    rows = [ChurnLabelResponse.from_dict(row) for row in answer]
    assert [row.customer_id for row in rows] == ["gone", "here", "long gone"]
    assert [row.is_churned for row in rows] == [True, False, True]
    assert {row.snapshot_date for row in rows} == {payloads.TODAY}


def check_churn_risks(answer: dict[str, Any]) -> None:
    families = {"Logistic Regression", "Random Forest", "Gradient Boosting"}
    assert answer["best_algorithm"] in families and set(answer["evaluation_metrics"]) == families
    for metrics in answer["evaluation_metrics"].values():
        assert all(0 <= metrics[name] <= 1 for name in ("roc_auc", "f1", "accuracy"))
        assert metrics["roc_auc_lower"] <= metrics["roc_auc"] <= metrics["roc_auc_upper"]
    assert answer["interpretation"] and answer["verdict"]["code"] in {"use", "use_with_care", "do_not_use"}
    assert [row["customer_id"] for row in answer["results"]] == [f"C{n:02}" for n in range(61)]
    sources = [row["source"] for row in answer["results"]]
    assert sources == ["out_of_fold"] * 60 + ["all_rows"]
    for row in answer["results"]:
        probability = row["churn_probability"]
        assert 0 < probability < 1
        assert row["recommended_action"].startswith(f"{row['risk_band']} risk → ")
        assert all(isinstance(factor, str) for factor in row["top_factors"])
        log_odds = row["base_log_odds"] + sum(row["attributions"].values()) + row.get("adjustment", 0)
        assert log_odds == pytest.approx(math.log(probability / (1 - probability)), abs=1e-4)


def check_churn_risks_by_formula(answer: dict[str, Any]) -> None:
    assert (answer["best_algorithm"], answer["evaluation_metrics"]) == ("Heuristic", {})
    assert "heuristic" in {warning["code"] for warning in answer["warnings"]}
    for row, sent in zip(answer["results"], payloads.unlabeled_traits()["data"], strict=True):
        z = -2 + 0.5 * min(sent["service_tickets"], 6) - 0.02 * sent["nps"] + 0.5 * min(sent["payment_events"], 4)
        z -= 0.25 * min(sent["usage_frequency"], 7) + 0.001 * min(sent["tenure"], 1000)
        assert row["churn_probability"] == pytest.approx(1 / (1 + math.exp(-z)), abs=1e-6)


def check_segmentation_of_vectors(answer: dict[str, Any]) -> None:
    parsed = SegmentationResponse.from_dict(answer)
    assert parsed.best_algorithm in {"KMeans", "GaussianMixture", "Agglomerative", "DBSCAN"}
    assert {m.algorithm for m in parsed.evaluation_metrics} >= {"KMeans", "Agglomerative"}
    assert [c.size for c in parsed.clusters] == [8, 4]
    assert [c.cluster_id for c in parsed.clusters] == [0, 1]
    assert all(cluster.persona_label for cluster in parsed.clusters)
    assert [label.cluster_id for label in parsed.customer_labels] == [0] * 8 + [1] * 4


def check_segmentation_of_shoppers(answer: dict[str, Any]) -> None:
    n_customers = len(payloads.shoppers()["customers"])
    assert len(answer["labels"]) == n_customers
    best = answer["best_model"]
    assert len(answer["centroids"]) == best["n_clusters"]
    assert set(answer["interpretations_en"]) == {str(k) for k in range(best["n_clusters"])}
    assert len(answer["dendrogram"]["linkage_matrix"]) == n_customers - 1
    if payloads.reference("shoppers40.json") is None:
        return
    assert (best["algo"], best["k"]) == ("agglo", 3)
    assert best["silhouette"] == pytest.approx(0.678362, abs=5e-7)
    assert best["davies_bouldin"] == pytest.approx(0.376152, abs=5e-7)
    assert (answer["labels"]["C001"], answer["labels"]["C002"]) == (2, 0)
    assert answer["centroids"] == [[8.81, 591.11, 1.97], [23.14, 2577.37, 2.29], [29.0, 4321.68, 4.0]]


def check_dendrogram(answer: dict[str, Any]) -> None:
    dendrogram = answer["dendrogram"]
    leaves = dendrogram["leaf_labels"]
    assert leaves == [row["id"] for row in payloads.shoppers()["customers"]]
    assert len(dendrogram["linkage_matrix"]) == len(leaves) - 1
    assert dendrogram["columns"] == ["child1", "child2", "distance", "sample_count"]
    assert [row["k"] for row in answer["benchmark"]] == list(range(2, min(10, len(leaves) - 1) + 1))


def check_hierarchy_chart(answer: dict[str, Any]) -> None:
    nodes = answer["nodes"]
    assert [(n["id"], n["label"], n["is_leaf"]) for n in nodes[:3]] == [
        (0, "a", True),
        (1, "b", True),
        (2, "c", True),
    ]
    assert [(n["id"], n["distance"], n["size"], n["is_leaf"]) for n in nodes[3:]] == [
        (3, 1.0, 2, False),
        (4, 4.5, 3, False),
    ]
    assert answer["columns"] == ["source", "target", "distance"]
    assert [(link["source"], link["target"]) for link in answer["links"]] == [
        (3, 1),
        (3, 2),
        (4, 0),
        (4, 3),
    ]


def check_subsegments(answer: dict[str, Any]) -> None:
    results = answer["subsegment_results"]
    labels = payloads.labeled_shoppers()["labels"]
    assert set(results) == {"0", "1"}
    for parent, result in results.items():
        members = {customer for customer, label in labels.items() if str(label) == parent}
        assert set(result["nested_labels"]) == members
        assert result["selection_description"]


def check_profiles(answer: dict[str, Any]) -> None:
    profiles = answer["cluster_profiles"]
    assert [profile["cluster_id"] for profile in profiles] == [0, 1]
    assert sum(profile["share_of_revenue_pct"] for profile in profiles) == pytest.approx(100, abs=0.02)
    insights = {"Focus on retention & upsell", "Growth-potential segment"}
    assert {profile["insight"] for profile in profiles} <= insights


Call = tuple[str, Callable[[], dict[str, Any]], Callable[[Any], None]]

CALLS: list[Call] = [
    ("customer_features", payloads.transactions, check_features),
    ("customer_rfm", payloads.transactions, check_rfm),
    ("customer_loyalty", payloads.loyalty, check_loyalty),
    ("customer_clv_features", payloads.purchases, check_clv_features),
    ("customer_clv_forecast", payloads.purchase_histories, check_clv_forecast),
    ("customer_clv_forecast", payloads.one_time_buyers, check_clv_forecast_of_one_time_buyers),
    ("nps", payloads.answers, check_nps),
    ("churn_label", payloads.churn_rows, check_churn_labels),
    ("churn_risk", payloads.churn_traits, check_churn_risks),
    ("churn_risk", payloads.unlabeled_traits, check_churn_risks_by_formula),
    ("customer_segmentation", payloads.feature_vectors, check_segmentation_of_vectors),
    ("customer_segmentation", payloads.shoppers, check_segmentation_of_shoppers),
    ("purchasing_segmentation", payloads.feature_vectors, check_segmentation_of_vectors),
    ("purchasing_segmentation", payloads.shoppers, check_segmentation_of_shoppers),
    ("purchasing_segmentation_dendrogram", payloads.shoppers, check_dendrogram),
    ("segment_hierarchy_chart", payloads.hierarchy, check_hierarchy_chart),
    ("segment_subsegment_explore", payloads.labeled_shoppers, check_subsegments),
    ("segment_cluster_profiles", payloads.labeled_shoppers, check_profiles),
]

# With these methods the client sends credentials; with all others it sends none.
WITH_CREDENTIALS = {
    "purchasing_segmentation",
    "purchasing_segmentation_dendrogram",
    "segment_hierarchy_chart",
    "segment_subsegment_explore",
    "segment_cluster_profiles",
}

every_call = pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call[0]}-{call[1].__name__}")


def run(client: EchoIntelClient, call: Call) -> None:
    method, payload, check = call
    check(getattr(client, method)(payload()))


def client_of(server: Server, **credentials: str) -> EchoIntelClient:
    return EchoIntelClient(server.url, retry_attempts=1, timeout=90, **credentials)


@pytest.fixture
def tenant(admin: EchoIntelClient) -> Iterator[dict[str, Any]]:
    """A tenant of the secured server that may call everything."""
    created = admin.create_customer({"name": "a tenant of one test"})
    yield created
    admin.delete_customer(created["customer_api_id"])


def credentials_of(tenant: dict[str, Any]) -> dict[str, str]:
    return {"customer_api_id": tenant["customer_api_id"], "secret": tenant["secret"]}


# ---------------------------------------------------------------------------------------------------------------------
# Methods


def test_every_method_whose_route_exists_is_called_here(open_server: Server) -> None:
    document = httpx.get(f"{open_server.url}/openapi.json").json()
    routes = {path.rsplit("/", 1)[-1] for path in document["paths"]}
    constants = {name: value for name, value in vars(Endpoints).items() if str(value).startswith("/api/")}
    known = {name.lower() for name, path in constants.items() if path.removeprefix("/api/") in routes}
    assert known == {method for method, _, _ in CALLS}


def test_health_needs_no_credentials(open_server: Server, secured_server: Server) -> None:
    for server in (open_server, secured_server):
        with client_of(server) as client:
            health = client.health()
        assert health["status"] == "ok"
        assert health["version"]


@every_call
def test_a_method_works_on_an_open_server(open_server: Server, call: Call) -> None:
    with client_of(open_server) as client:
        run(client, call)


@every_call
def test_a_method_of_the_asynchronous_client_works(open_server: Server, call: Call) -> None:
    async def ask() -> Any:
        async with AsyncEchoIntelClient(open_server.url, retry_attempts=1, timeout=90) as client:
            return await getattr(client, call[0])(call[1]())

    call[2](asyncio.run(ask()))


@every_call
def test_a_method_works_with_tenant_credentials_where_the_client_sends_them(
    secured_server: Server, tenant: dict[str, Any], call: Call
) -> None:
    with client_of(secured_server, **credentials_of(tenant)) as client:
        if call[0] in WITH_CREDENTIALS:
            run(client, call)
        else:
            with pytest.raises(EchoIntelAuthenticationException) as caught:
                run(client, call)
            assert caught.value.status_code == 401


@every_call
def test_a_method_works_behind_a_gateway_without_credentials_too(
    gateway_server: Server, call: Call
) -> None:
    with client_of(gateway_server) as client:
        run(client, call)


def test_the_admin_secret_opens_the_routes_that_are_sent_it(secured_server: Server) -> None:
    with client_of(secured_server, admin_secret=ADMIN_SECRET) as client:
        check_profiles(client.segment_cluster_profiles(payloads.labeled_shoppers()))


def test_the_admin_secret_decides_alone_where_tenant_credentials_are_sent_too(
    secured_server: Server, tenant: dict[str, Any]
) -> None:
    wrong = {"customer_api_id": str(uuid.uuid4()), "secret": "wrong", "admin_secret": ADMIN_SECRET}
    with client_of(secured_server, **wrong) as client:
        check_hierarchy_chart(client.segment_hierarchy_chart(payloads.hierarchy()))
    with client_of(secured_server, **credentials_of(tenant), admin_secret="wrong") as client:
        with pytest.raises(EchoIntelAuthenticationException):
            client.segment_hierarchy_chart(payloads.hierarchy())


def test_a_dendrogram_can_be_drawn_as_it_was_answered(open_server: Server) -> None:
    with client_of(open_server) as client:
        dendrogram = client.purchasing_segmentation_dendrogram(payloads.shoppers())["dendrogram"]
        chart = client.segment_hierarchy_chart({"dendrogram": dendrogram})
    n_leaves = len(dendrogram["leaf_labels"])
    assert len(chart["nodes"]) == 2 * n_leaves - 1
    assert len(chart["links"]) == 2 * (n_leaves - 1)


def test_features_feed_loyalty_and_segmentation_as_they_were_answered(open_server: Server) -> None:
    with client_of(open_server) as client:
        customers = client.customer_features(payloads.transactions())["customers"]
        loyalty = client.customer_loyalty({"customers": customers})
        segments = client.customer_segmentation({"data": customers})
    assert len(LoyaltyResponse.from_dict(loyalty).customers) == 3
    assert len(SegmentationResponse.from_dict(segments).customer_labels) == 3


def test_a_single_customer_is_answered_without_scores(open_server: Server) -> None:
    payload = payloads.feature_vectors()
    payload["data"] = payload["data"][:1]
    with client_of(open_server) as client:
        parsed = SegmentationResponse.from_dict(client.customer_segmentation(payload))
    assert parsed.best_algorithm == "none"
    assert [cluster.size for cluster in parsed.clusters] == [1]


def test_the_language_in_the_body_is_spoken(open_server: Server) -> None:
    def sentence(language: str) -> str:
        with client_of(open_server) as client:
            answer = client.customer_rfm({**payloads.transactions(), "lang": language})
        return answer["customers"][0]["interpretation"]

    assert len({sentence(language) for language in ("en", "es", "pt")}) == 3


# ---------------------------------------------------------------------------------------------------------------------
# Errors


def test_invalid_values_raise_the_validation_error_with_paths(open_server: Server) -> None:
    payload = payloads.transactions()
    payload["customers"][0]["transactions"][1]["amount"] = -5
    payload["customers"][1]["transactions"][0]["date"] = "2025-02-30"
    payload["customers"][2]["transactions"] = []
    with client_of(open_server) as client, pytest.raises(EchoIntelValidationException) as caught:
        client.customer_rfm(payload)
    error = caught.value
    assert error.status_code == 422
    assert set(error.get_errors()) == {
        "customers[0].transactions[1].amount",
        "customers[1].transactions[0].date",
        "customers[2].transactions",
    }
    for messages in error.get_errors().values():
        assert messages
        assert all(isinstance(message, str) and message for message in messages)
    first = error.get_first_error("customers[0].transactions[1].amount")
    assert first is not None and "-5" in first
    assert error.get_first_error()
    assert error.get_first_error("customers") is None
    assert "validation error(s)" in str(error)
    assert error.message and isinstance(error.message, str)
    assert error.context["status"] == 422
    assert error.context["errors_total"] == 3
    assert error.context["request_id"]


@every_call
def test_a_payload_of_the_wrong_kind_is_a_validation_error_of_every_method(
    open_server: Server, call: Call
) -> None:
    wrong = {"customers": "all", "data": "all", "dendrogram": "all"}
    with client_of(open_server) as client, pytest.raises(EchoIntelValidationException) as caught:
        getattr(client, call[0])(wrong)
    assert caught.value.get_errors()
    assert caught.value.get_first_error()


@pytest.mark.parametrize(
    ("method", "payload", "named"),
    [
        ("nps", {"data": [{"customer_id": "a", "answer": 11}]}, "data[0].answer"),
        (
            "churn_label",
            {"business_type": "prepaid", "data": [{"customer_id": "a", "snapshot_date": "2025-04-24"}]},
            "balance_after_t",
        ),
        (
            "segment_hierarchy_chart",
            {"dendrogram": {"linkage_matrix": [[0, 5, 1.0, 2]], "leaf_labels": ["a", "b"]}},
            "linkage_matrix[0]",
        ),
    ],
)
def test_the_three_rules_that_are_400_raise_the_general_error(
    open_server: Server, method: str, payload: dict[str, Any], named: str
) -> None:
    with client_of(open_server) as client, pytest.raises(EchoIntelException) as caught:
        getattr(client, method)(payload)
    error = caught.value
    assert type(error) is EchoIntelException
    assert error.status_code == 400
    assert named in f"{error.message} {error.context['errors']}"


def test_an_empty_payload_is_sent_as_no_body_and_refused(open_server: Server) -> None:
    with client_of(open_server) as client, pytest.raises(EchoIntelException) as caught:
        client.nps({})
    assert caught.value.status_code == 400
    assert caught.value.message


def test_a_route_that_does_not_exist_is_404_with_a_sentence(open_server: Server) -> None:
    with client_of(open_server) as client, pytest.raises(EchoIntelException) as caught:
        client.nlp_analysis({"text": "hello"})
    error = caught.value
    assert error.status_code == 404
    assert error.context["detail"] == error.message
    assert error.context["title"]


def test_wrong_credentials_are_401_and_never_say_which_half(
    secured_server: Server, tenant: dict[str, Any]
) -> None:
    right = credentials_of(tenant)
    pairs = [
        {**right, "secret": "A" * 64},
        {**right, "secret": right["secret"][:-1]},
        {**right, "customer_api_id": str(uuid.uuid4())},
        {**right, "customer_api_id": "not an id"},
    ]
    messages = set()
    for pair in pairs:
        with client_of(secured_server, **pair) as client:
            with pytest.raises(EchoIntelAuthenticationException) as caught:
                client.segment_hierarchy_chart(payloads.hierarchy())
        assert caught.value.status_code == 401
        messages.add(caught.value.message)
    assert len(messages) == 1


def test_wrong_credentials_are_401_on_an_open_server_too(open_server: Server) -> None:
    wrong = {"customer_api_id": str(uuid.uuid4()), "secret": "A" * 64}
    with client_of(open_server, **wrong) as client:
        with pytest.raises(EchoIntelAuthenticationException) as caught:
            client.segment_hierarchy_chart(payloads.hierarchy())
    assert caught.value.status_code == 401


def test_no_credentials_are_401_with_a_sentence(secured_server: Server) -> None:
    with client_of(secured_server) as client:
        for method in (client.customer_rfm, client.purchasing_segmentation):
            with pytest.raises(EchoIntelAuthenticationException) as caught:
                method(payloads.transactions())
            assert caught.value.status_code == 401
            assert caught.value.message != "Authentication failed", "the client's own words"


def test_a_route_that_is_not_allowed_is_403(secured_server: Server, admin: EchoIntelClient) -> None:
    routes = ["segmentation_admin.profiles"]
    narrow = admin.create_customer({"name": "narrow", "allowed_routes": routes})
    assert narrow["allowed_routes"] == ["/api/segment_cluster_profiles"]
    with client_of(secured_server, **credentials_of(narrow)) as client:
        check_profiles(client.segment_cluster_profiles(payloads.labeled_shoppers()))
        with pytest.raises(EchoIntelAuthenticationException) as caught:
            client.purchasing_segmentation(payloads.shoppers())
    assert caught.value.status_code == 403
    admin.delete_customer(narrow["customer_api_id"])


def test_a_failing_call_is_tried_three_times_and_still_raises_its_own_error(open_server: Server) -> None:
    with EchoIntelClient(open_server.url, retry_delay=0.01) as client:
        with pytest.raises(EchoIntelValidationException):
            client.customer_rfm({"customers": []})


# ---------------------------------------------------------------------------------------------------------------------
# Admin


def test_a_tenant_is_created_listed_changed_disabled_and_enabled_again(
    secured_server: Server, admin: EchoIntelClient
) -> None:
    created = admin.create_customer({"name": "Panadería", "plan": "gold"})
    parsed = CustomerOut.from_dict(created)
    identity = parsed.customer_api_id
    assert uuid.UUID(identity).version == 4
    assert re.fullmatch(r"[A-Za-z0-9_-]{64}", parsed.secret)
    assert parsed.enabled
    assert parsed.allowed_routes == ["*"]
    assert parsed.ts_create and parsed.ts_update

    fetched = admin.get_customer(identity)
    assert CustomerOut.from_dict(fetched).secret == "", "a secret is shown once"
    assert fetched["name"] == "Panadería"
    assert identity in [row["customer_api_id"] for row in admin.list_customers()["customers"]]
    assert not any("secret" in row for row in admin.list_customers()["customers"])

    changed = admin.update_customer(identity, {"name": "Bakery", "allowed_routes": ["nps"]})
    assert changed["name"] == "Bakery"
    assert changed["allowed_routes"] == ["/api/nps"]
    assert changed["enabled"] is True
    changed = admin.update_customer(identity, {"allowed_routes": ["*"]})
    assert changed["allowed_routes"] == RouteResolver.resolve(["*"])
    assert changed["name"] == "Bakery"

    disabled = admin.delete_customer(identity)
    assert CustomerOut.from_dict(disabled).enabled is False
    assert identity not in [row["customer_api_id"] for row in admin.list_customers()["customers"]]
    everyone = admin.list_customers(include_disabled=True)["customers"]
    assert identity in [row["customer_api_id"] for row in everyone]
    with client_of(secured_server, **credentials_of(created)) as client:
        with pytest.raises(EchoIntelAuthenticationException) as caught:
            client.segment_hierarchy_chart(payloads.hierarchy())
        assert caught.value.status_code == 403
        assert admin.update_customer(identity, {"enabled": True})["enabled"] is True
        check_hierarchy_chart(client.segment_hierarchy_chart(payloads.hierarchy()))
    admin.delete_customer(identity)


def test_a_tenant_can_be_created_and_left_alone_with_an_empty_payload(admin: EchoIntelClient) -> None:
    created = admin.create_customer({})
    assert created["allowed_routes"] == ["*"]
    unchanged = admin.update_customer(created["customer_api_id"], {})
    assert unchanged["ts_update"] == created["ts_update"]
    admin.delete_customer(created["customer_api_id"])


def test_a_chosen_id_is_kept_and_cannot_be_taken_twice(admin: EchoIntelClient) -> None:
    chosen = str(uuid.uuid4())
    assert admin.create_customer({"customer_api_id": chosen})["customer_api_id"] == chosen
    with pytest.raises(EchoIntelException) as caught:
        admin.create_customer({"customer_api_id": chosen.upper()})
    assert caught.value.status_code == 409
    assert caught.value.context["detail"]
    admin.delete_customer(chosen)


def test_an_unknown_tenant_is_404(admin: EchoIntelClient) -> None:
    nobody = str(uuid.uuid4())
    calls: list[Callable[[], Any]] = [
        lambda: admin.get_customer(nobody),
        lambda: admin.update_customer(nobody, {"name": "nobody"}),
        lambda: admin.delete_customer(nobody),
    ]
    for call in calls:
        with pytest.raises(EchoIntelException) as caught:
            call()
        assert caught.value.status_code == 404
        assert caught.value.context["detail"] == caught.value.message


def test_a_bad_field_of_a_tenant_is_a_validation_error(admin: EchoIntelClient) -> None:
    for payload, path in [
        ({"customer_api_id": "seven"}, "customer_api_id"),
        ({"enabled": "yes"}, "enabled"),
        ({"name": 7}, "name"),
    ]:
        with pytest.raises(EchoIntelValidationException) as caught:
            admin.create_customer(payload)
        assert caught.value.get_first_error(path)


def test_after_a_rotation_both_secrets_work(
    secured_server: Server, tenant: dict[str, Any]
) -> None:
    # The client has no method for it.
    rotated = httpx.post(
        f"{secured_server.url}/admin/customers/{tenant['customer_api_id']}/rotate",
        headers={"X-Admin-Secret": ADMIN_SECRET},
    ).json()
    assert rotated["secret"] != tenant["secret"]
    assert rotated["previous_valid_until"]
    for secret in (tenant["secret"], rotated["secret"]):
        with client_of(
            secured_server, customer_api_id=tenant["customer_api_id"], secret=secret
        ) as client:
            check_hierarchy_chart(client.segment_hierarchy_chart(payloads.hierarchy()))


def test_admin_calls_need_the_admin_secret(
    open_server: Server, secured_server: Server, tenant: dict[str, Any]
) -> None:
    keys: list[tuple[Server, dict[str, str]]] = [
        (secured_server, {}),
        (secured_server, {"admin_secret": ADMIN_SECRET[:-1]}),
        (secured_server, credentials_of(tenant)),
        (open_server, {}),
        (open_server, {"admin_secret": ADMIN_SECRET}),
    ]
    for server, credentials in keys:
        with client_of(server, **credentials) as client:
            with pytest.raises(EchoIntelAuthenticationException) as caught:
                client.list_customers()
        assert caught.value.status_code == 401


def test_tenants_survive_the_server(tmp_path_factory: pytest.TempPathFactory) -> None:
    data_dir = tmp_path_factory.mktemp("restart") / "data"
    first = Server(data_dir, admin_secret=ADMIN_SECRET)
    with client_of(first, admin_secret=ADMIN_SECRET) as admin:
        created = admin.create_customer({"name": "stays"})
    assert first.stop() == 0
    second = Server(data_dir, admin_secret=ADMIN_SECRET)
    with client_of(second, **credentials_of(created)) as client:
        check_hierarchy_chart(client.segment_hierarchy_chart(payloads.hierarchy()))
    assert second.stop() == 0
