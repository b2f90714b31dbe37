"""Traces tell a collector where time went, and nothing of a patient; without a collector nobody waits."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import StatusCode
from starlette.testclient import TestClient

from api.app import create_app
from api.tracing import SHUTDOWN_SECONDS, traced
from scheduler.observing import Observer
from tests.api.collector import Collector, collecting, told
from tests.api.ward import BASE, REGISTRATION, Ward, as_person
from workflow.clock import monotonic
from workflow.services import record_fact

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
MARK = "MARKED-BY-NOBODY"
NOTE = {"type": "note_added", "occurred_on": "2025-01-10", "data": {"text": MARK}}
OF_CALLER: Mapping[str, str] = {
    "traceparent": f"00-{TRACE}-{PARENT}-01",
    "tracestate": f"vendor={MARK}",
    "baggage": f"patient={MARK}",
    "User-Agent": MARK,
    "Host": f"{MARK.lower()}.example",
}


@contextmanager
def traced_ward(ward: Ward, url: str) -> Iterator[TestClient]:
    """Serve the ward's house with traces; what was traced is sent when the block ends."""
    settings = replace(ward.house.settings, traces_url=url)
    with traced(settings, "coursewatch-api") as provider:
        yield TestClient(create_app(ward.house, traces=provider), raise_server_exceptions=False)


def recorded(client: TestClient, patient: str, query: str = "") -> int:
    headers = {**as_person("treating_doctor"), **OF_CALLER}
    return int(client.post(f"{BASE}/patients/{patient}/facts{query}", json=NOTE, headers=headers).status_code)


def require_unmarked(collector: Collector, *marks: str) -> None:
    everything = b"".join(collector.bodies)
    assert everything
    for mark in (MARK, MARK.lower(), "ALL-0007", "treating_doctor", *marks):
        assert mark.encode() not in everything


def test_a_fact_is_traced_by_its_route_within_the_callers_trace_and_nothing_else_is_told(edge: Ward) -> None:
    patient = edge.in_first_block()
    with collecting() as collector, traced_ward(edge, collector.url) as client:
        assert recorded(client, patient) == 201
        assert recorded(client, patient, f"?{MARK}={MARK}") == 422
        assert client.post(f"{BASE}/patients/search", json={"pseudonym": MARK}, headers=OF_CALLER).status_code == 401
        assert client.get(f"/{MARK}", headers=OF_CALLER).status_code == 404
    # The block of the collector is left after the last spans were sent.
    require_unmarked(collector, patient)
    fact, *_ = [span for span in collector.spans() if span.name == f"POST {BASE}/patients/{{patient_id}}/facts"]
    assert (fact.trace_id.hex(), fact.parent_span_id.hex(), fact.trace_state) == (TRACE, PARENT, "")
    assert told(fact) == {
        "http.request.method": "POST",
        "http.route": f"{BASE}/patients/{{patient_id}}/facts",
        "http.response.status_code": 201,
        "url.scheme": "http",
        "network.protocol.version": "1.1",
    }
    (act, *_) = [span for span in collector.spans() if span.name == "use case"]
    assert act.parent_span_id == fact.span_id
    assert told(act) == {"coursewatch.use_case": "workflow.services.record_fact.record"}
    assert set(collector.resource()) == {"service.name", "service.version"}
    assert set(collector.paths) == {"/v1/traces"}


def test_a_fault_is_traced_by_its_class_and_without_what_it_says(edge: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    patient = edge.in_first_block()

    def breaks(*_: object, **__: object) -> None:
        raise KeyError(MARK)

    monkeypatch.setattr(record_fact, "record", breaks)
    with collecting() as collector, traced_ward(edge, collector.url) as client:
        assert recorded(client, patient) == 500
    require_unmarked(collector, patient)
    (fact,) = [span for span in collector.spans() if span.kind == span.SPAN_KIND_SERVER]
    assert (fact.status.code, fact.status.message) == (StatusCode.ERROR.value, "")
    assert not [span for span in collector.spans() if span.events]


def test_what_is_asked_every_few_seconds_is_not_traced(edge: Ward) -> None:
    with collecting() as collector, traced_ward(edge, collector.url) as client:
        for path in ("/health/live", "/health/ready", "/metrics", "/static/coursewatch.css"):
            client.get(path)
        client.get("/")
    assert [span.name for span in collector.spans()] == ["GET /"]


def test_jobs_and_deliveries_are_traced_too(edge: Ward) -> None:
    settings = replace(edge.house.settings, traces_url="http://127.0.0.1:9/")
    with collecting() as collector:
        with traced(replace(settings, traces_url=f"{collector.url}/v1/traces"), "coursewatch-scheduler") as provider:
            assert isinstance(provider, TracerProvider)
            observer = Observer(tracer=provider.get_tracer("coursewatch"))
            with observer.job("sweep"), observer.delivery("email"):
                pass
            with pytest.raises(KeyError), observer.job("seal"):
                raise KeyError(MARK)
        require_unmarked(collector)
    spans = {(span.name, *told(span).values()) for span in collector.spans()}
    assert spans == {("job", "sweep"), ("delivery", "email"), ("job", "seal", "KeyError")}
    assert set(collector.paths) == {"/v1/traces"}


def test_a_collector_that_never_answers_holds_up_no_request_and_no_end(edge: Ward) -> None:
    patient = edge.in_first_block()
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        with traced_ward(edge, f"http://127.0.0.1:{silent.getsockname()[1]}") as client:
            assert recorded(client, patient) == 201
            ending = monotonic()
        # Nothing is measured but that it ends: a wait for the answer would last for ever.
        assert monotonic() - ending < 10 * SHUTDOWN_SECONDS


def test_without_an_address_nothing_is_traced(edge: Ward) -> None:
    with traced(edge.house.settings, "coursewatch-api") as provider:
        assert provider is None
    headers = {**as_person("admin"), **OF_CALLER}
    assert edge.client.post(f"{BASE}/patients", json=REGISTRATION, headers=headers).status_code == 201
