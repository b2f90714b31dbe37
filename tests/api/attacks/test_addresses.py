"""Addresses that were written to lead elsewhere: out of a folder, to another host, into the log, to another method."""

import io
import json

import pytest

from api.logs import configure_logs
from tests.api.attacks.harmless import harmless
from tests.api.ward import BASE, Ward, as_person

OUT_OF_THE_FOLDER = [
    *("..%2f..%2fpyproject.toml", "%2e%2e/%2e%2e/pyproject.toml", "..%5c..%5cpyproject.toml", "....//pyproject.toml"),
    *("%2e%2e%2f%2e%2e%2fhardening.py", "/etc/passwd", "//etc/passwd", "%00", "coursewatch.css%00.png", "a%0d%0ab"),
    *("%c0%ae%c0%ae/hardening.py", "swagger/../../hardening.py", "%252e%252e%252fhardening.py", "~root"),
    *("a" * 300, "%ff%fe", "con", "coursewatch.css/x"),
]


@pytest.mark.parametrize("folder", ["/static/", "/static/swagger/", "/reference/", "/alerts/", f"{BASE}/protocols/"])
def test_no_path_leads_out_of_its_folder(edge: Ward, folder: str) -> None:
    edge.client.post("/sign-in", data={"key": as_person("viewer")["Authorization"].removeprefix("Bearer ")})
    for name in OUT_OF_THE_FOLDER:
        for headers in ({}, {"Accept": "text/html"}, as_person("viewer")):
            answer = edge.client.get(folder + name, headers=headers, follow_redirects=False)

            harmless(answer, 401, 404, 405, 422)
            assert "SECURITY_HEADERS" not in answer.text
            assert "root:" not in answer.text


def test_another_spelling_of_an_address_opens_nothing_without_a_key(edge: Ward) -> None:
    edge.in_first_block()
    for path in (
        *("/%2e%2e/api/v1/patients", "//api/v1/patients", "/api//v1/patients", "/api/v1/patients/", "/API/v1/patients"),
        *(
            "/api/v1/patients;x=y",
            "/api/v1/./patients",
            "/api/v1/%70atients/..",
            "/api/v1/patients%2f",
            "/api/v1/patients%20",
        ),
        *("/health/../api/v1/patients", "/static/../api/v1/patients", "/metrics/../api/v1/patients"),
    ):
        harmless(edge.client.get(path), 401, 404)


def test_a_method_that_nobody_offers_does_nothing_and_echoes_nothing(edge: Ward) -> None:
    for method in ("TRACE", "TRACK", "CONNECT", "PATCH", "DELETE", "PROPFIND", "DEBUG", "OPTIONS", "HEAD"):
        for path in ("/", "/worklist", f"{BASE}/patients", "/health/live", "/static/coursewatch.css", "/x"):
            answer = edge.client.request(method, path, headers={"X-Told": "something told in confidence"})

            harmless(answer, *([200, 401, 404, 405] if method == "HEAD" else [401, 404, 405]))
            assert "something told" not in answer.text
            assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost", "http://localhost.evil.example"]
)
def test_no_other_origin_is_allowed_to_read(edge: Ward, origin: str) -> None:
    asking = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    for answer in (
        edge.client.options(f"{BASE}/patients", headers=asking),
        edge.client.get(f"{BASE}/patients", headers={**as_person("viewer"), "Origin": origin}),
    ):
        harmless(answer, 200, 405)
        assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", 'a"><script>', "localhost\\evil.example"])
def test_the_name_in_host_and_its_kin_stands_in_no_answer(edge: Ward, host: str) -> None:
    """A cache in front of us, or a mail made of a page, would hand it on."""
    named = {"Host": host, "X-Forwarded-Host": host, "X-Forwarded-Prefix": f"//{host}", "Forwarded": f"host={host}"}
    for path in ("/", "/sign-in", "/worklist", "/nowhere", "/docs", "/openapi.json", f"{BASE}/patients"):
        answer = edge.client.get(path, headers={**named, "Accept": "text/html"}, follow_redirects=False)

        harmless(answer)
        assert "evil" not in answer.text
        assert "<script>" not in answer.text
        assert answer.headers["cache-control"] == "no-store"


def test_nothing_that_is_sent_begins_a_line_of_its_own_in_the_log(edge: Ward, logging_restored: None) -> None:
    stream = io.StringIO()
    configure_logs(stream)
    forged = '\n{"event": "forged"}\r\n'
    sent = {"X-Request-Id": "forged", "User-Agent": "forged", "Referer": "forged", "Idempotency-Key": "forged"}

    edge.client.get("/nowhere" + "%0a%0d%0aforged")
    edge.client.get(f"{BASE}/patients", params={"forged" + forged: forged}, headers={**as_person("viewer"), **sent})
    edge.client.request("forged", "/", headers=sent)
    edge.post("/patients/search", {"pseudonym": forged})
    edge.client.post("/sign-in", data={"key": f"cw_{forged}_x", "next": forged})

    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert len(lines) == 5
    assert "forged" not in stream.getvalue()
