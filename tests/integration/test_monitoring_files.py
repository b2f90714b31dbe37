"""What Prometheus and Grafana are given fits what is told: every metric and label that they name is there."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml  # type: ignore[import-untyped]
from prometheus_client.parser import text_string_to_metric_families

from api.metrics import RequestMetrics, register
from scheduler.jobs import JOBS, delivering, sweeping, tick
from scheduler.observing import Observer
from tests.alarms.faults import FAULTS
from tests.databases import PostgresqlServer
from tests.integration.recorded import Recorded, recorded
from workflow.services import look_around
from workflow.services.read_metrics import Metrics
from workflow.services.rounds import Rounds

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "docker" / "monitoring"
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((MONITORING / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
CONFIGURATIONS: dict[str, dict[str, Any]] = {
    file.name: yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted(MONITORING.glob("prometheus*.yml"))
}
DASHBOARD: dict[str, Any] = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs" / "operations" / "watching.md").read_text(encoding="utf-8")
# What Prometheus itself adds to everything that it scrapes.
ITS_OWN = {"job", "instance"}
EXPRESSIONS = [(rule["alert"], rule["expr"]) for rule in RULES] + [
    (panel["title"], target["expr"]) for panel in DASHBOARD["panels"] for target in panel["targets"]
]
_GROUPED = re.compile(r"\b(?:by|on|without|ignoring)\s*\(([^)]*)\)")
_SHOWN = re.compile(r"\$labels\.(\w+)")


@pytest.fixture(scope="module")
def labels_told(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> dict[str, set[str]]:
    """Return the labels of every series that processes tell, by its name."""
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    urls = server.migrated()
    with recorded(urls, tmp_path_factory.mktemp("installation")) as courses:
        text = all_told(courses)
    server.drop(urls)
    found: dict[str, set[str]] = {"up": set()}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def all_told(courses: Recorded) -> str:
    """Return what an API and a scheduler tell that have each done something of everything."""
    requests, observer = RequestMetrics(), Observer()
    requests.note("GET", "/worklist", 200, 0.1)
    requests.note_problem("stale_version", 412)
    jobs = (sweeping(Rounds()), *JOBS)
    observer.metrics.expect((job.name for job in jobs), ("email",))
    for job in jobs:
        tick(job, courses.house, "0a1b2c3d", observer)
    register(requests.registry, Metrics(house=courses.house), (observer.metrics.registry,))
    return requests.text().decode()


@pytest.mark.parametrize(("where", "expression"), EXPRESSIONS, ids=[where for where, _ in EXPRESSIONS])
def test_an_expression_asks_only_for_what_is_told(
    labels_told: dict[str, set[str]], where: str, expression: str
) -> None:
    named = list(selectors(promql_parser.parse(expression)))
    assert named, where
    known = set(ITS_OWN)
    for selector in named:
        assert selector.name in labels_told, where
        labels = labels_told[selector.name] | ITS_OWN
        assert {matcher.name for matcher in selector.matchers.matchers} <= labels, where
        known |= labels
    grouped = {name.strip() for group in _GROUPED.findall(expression) for name in group.split(",") if name.strip()}
    assert grouped <= known, where


def selectors(node: Any) -> Iterator[Any]:  # noqa: ANN401 -- the parser's nodes have no common type
    """Yield every selector of series below a node of a parsed expression."""
    if isinstance(node, promql_parser.VectorSelector):
        yield node
    for name in ("lhs", "rhs", "expr", "vector_selector", "vs", "param"):
        below = getattr(node, name, None)
        if below is not None and not isinstance(below, str | int | float):
            yield from selectors(below)
    for below in getattr(node, "args", None) or ():
        yield from selectors(below)


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_an_alert_says_how_grave_it_is_what_it_means_and_where_that_is_written(rule: dict[str, Any]) -> None:
    told = rule["annotations"]
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert all(told[name] for name in ("summary", "description", "action"))
    page, _, anchor = told["runbook_url"].partition("#")
    assert page == "docs/operations/watching.md"
    headings = [line.removeprefix("### ").strip() for line in PAGE.splitlines() if line.startswith("### ")]
    assert rule["alert"] in headings
    assert anchor == rule["alert"].lower()
    # A label that the expression has taken away would be shown as nothing.
    shown = set(_SHOWN.findall(told["description"]))
    grouped = {name.strip() for group in _GROUPED.findall(rule["expr"]) for name in group.split(",")}
    aggregated = "(" in rule["expr"].split("{")[0]
    assert shown <= (grouped if aggregated else ITS_OWN), rule["alert"]


def test_every_alert_is_tried_by_promtools_tests_and_by_a_real_fault() -> None:
    names = {rule["alert"] for rule in RULES}
    tests = yaml.safe_load((MONITORING / "alerts_test.yaml").read_text(encoding="utf-8"))["tests"]
    assert {f"Coursewatch{test['name']}" for test in tests} == names
    assert {f"Coursewatch{name}" for fault in FAULTS for name in fault.alerts} == names


def test_rules_wait_as_long_as_the_program_says(labels_told: dict[str, set[str]]) -> None:
    limits = {
        "CoursewatchSweepLags": look_around.OVERDUE_AFTER,
        "CoursewatchNoticesUndelivered": look_around.UNDELIVERED_AFTER,
        "CoursewatchSealsOld": look_around.SEALED_WITHIN,
        "CoursewatchClockOff": look_around.CLOCKS_MAY_DIFFER,
        "CoursewatchNobodySweeps": timedelta(minutes=3),
    }
    for rule in RULES:
        if rule["alert"] in limits:
            assert f"> {limits[rule['alert']] // timedelta(seconds=1)}" in rule["expr"]


def test_the_dashboard_has_a_place_for_each_panel_and_a_data_source_to_choose() -> None:
    places = [tuple(panel["gridPos"].values()) for panel in DASHBOARD["panels"]]
    taken = {(x + dx, y + dy) for x, y, w, h in places for dx in range(w) for dy in range(h)}
    assert len(taken) == sum(w * h for _, _, w, h in places)
    assert all(x + w <= 24 for x, _, w, _ in places)
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(places)
    assert [variable["type"] for variable in DASHBOARD["templating"]["list"]] == ["datasource"]
    assert all(panel["datasource"]["uid"] == "${datasource}" for panel in DASHBOARD["panels"])


def test_every_job_of_the_clock_is_on_the_page() -> None:
    jobs = (sweeping(Rounds()), *JOBS, delivering(None))  # type: ignore[arg-type]
    names = [job.name for job in jobs]
    assert [name for name in names if f"`{name}`" not in PAGE] == []


def test_each_configuration_of_prometheus_has_the_jobs_and_rules_that_the_page_tells_of() -> None:
    ports = {
        "prometheus.yml": {"coursewatch-api": ["8000", "8000"], "coursewatch-scheduler": ["9000", "9000"]},
        "prometheus-systemd.yml": {"coursewatch-api": ["8001", "8002"], "coursewatch-scheduler": ["9001", "9002"]},
    }
    assert set(CONFIGURATIONS) == set(ports)
    for name, configuration in CONFIGURATIONS.items():
        assert f"`{name}`" in PAGE
        assert configuration["rule_files"] == ["alerts.yaml"]
        assert {
            job["job_name"]: [target.rpartition(":")[2] for each in job["static_configs"] for target in each["targets"]]
            for job in configuration["scrape_configs"]
        } == ports[name]
