"""`make audit` is seen failing: a made-up source on this machine says that a package is vulnerable, or says nothing."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.audit.findings import Audit, Leave, Vulnerability, judged, read_leaves

LOCK = """\
frail==1.2.3 \\
    --hash=sha256:{0}
sound==4.5.6 \\
    --hash=sha256:{0}
""".format("0" * 64)
KNOWN = {
    "vulns": [
        {
            "id": "PYSEC-2026-1",
            "aliases": ["CVE-2026-0001"],
            "summary": "whoever sends a long name is let in",
            "affected": [
                {
                    "package": {"name": "frail", "ecosystem": "PyPI"},
                    "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2.4"}]}],
                }
            ],
        }
    ]
}
FRAIL = Vulnerability("frail", "1.2.3", ("PYSEC-2026-1", "CVE-2026-0001"), ("1.2.4",), "let in")
TODAY = date(2026, 6, 1)


class _Source(BaseHTTPRequestHandler):
    """Answers as https://api.osv.dev/v1/query does, or as one that is out of order."""

    status = 200

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = json.dumps(KNOWN if asked["package"]["name"] == "frail" else {}).encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def source(*, status: int = 200) -> Iterator[str]:
    handler = type("Source", (_Source,), {"status": status})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1/query"
        finally:
            server.shutdown()
            thread.join()


def run(folder: Path, url: str, exceptions: str = "", **environment: str) -> tuple[int, str]:
    (folder / "some.lock").write_text(LOCK, encoding="ascii")
    (folder / "exceptions.toml").write_text(exceptions, encoding="utf-8")
    chosen = ("--lock", str(folder / "some.lock"), "--exceptions", str(folder / "exceptions.toml"))
    done = subprocess.run(
        [sys.executable, "-m", "tests.audit", *chosen],
        env={**os.environ, "AUDIT_URL": url, "HOME": str(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_a_known_vulnerability_fails_with_its_name_and_the_way_out(tmp_path: Path) -> None:
    with source() as url:
        code, said = run(tmp_path, url)

    assert code == 1
    assert "frail 1.2.3: PYSEC-2026-1, CVE-2026-0001: whoever sends a long name is let in" in said
    assert "raise it to 1.2.4: make lock" in said
    assert "Audited 2 of 2 packages: 1 to be mended." in said


def test_one_that_was_looked_at_stays_until_its_day(tmp_path: Path) -> None:
    leave = '[[exception]]\nid = "CVE-2026-0001"\npackage = "frail"\nreason = "we send no names"\nuntil = 2999-12-31\n'
    with source() as url:
        code, said = run(tmp_path, url, leave)

    assert code == 0
    assert "frail: CVE-2026-0001 stays until 2999-12-31: we send no names" in said


@pytest.mark.parametrize(("required", "expected"), [("", 0), ("required", 1)])
def test_a_source_that_is_out_of_order_is_no_clean_bill(tmp_path: Path, required: str, expected: int) -> None:
    with source(status=503) as url:
        code, said = run(tmp_path, url, AUDIT=required)

    assert code == expected
    assert "NOT AUDITED: no vulnerability source answered" in said


def test_packages_that_the_source_does_not_know_are_counted_apart() -> None:
    fails, told = judged(Audit(2, ("own",), ()), [Leave("X", "own", "a reason in words", TODAY)], TODAY)

    assert (fails, told) == ([], [])


def test_an_exception_ends_with_its_day_and_is_one_packages_own() -> None:
    audit = Audit(1, (), (FRAIL,))

    assert judged(audit, [Leave("PYSEC-2026-1", "frail", "not used here", TODAY)], TODAY)[0] == []
    (over,) = judged(audit, [Leave("PYSEC-2026-1", "frail", "not used here", date(2026, 5, 31))], TODAY)[0]
    assert "it might stay until 2026-05-31 only: not used here" in over
    fails, told = judged(audit, [Leave("PYSEC-2026-1", "other", "not used here", TODAY)], TODAY)
    assert len(fails) == 1
    assert told == ["other: PYSEC-2026-1 is known no longer; take its exception out"]


@pytest.mark.parametrize(
    "entry",
    [
        'id = "X"\npackage = "p"\nuntil = 2026-01-01',
        'id = "X"\npackage = "p"\nreason = "a reason in words"',
        'id = "X"\npackage = "p"\nreason = "a reason in words"\nuntil = "soon"',
        'id = "X"\npackage = "p"\nreason = "because"\nuntil = 2026-01-01',
    ],
)
def test_an_exception_without_reason_or_end_is_none(tmp_path: Path, entry: str) -> None:
    file = tmp_path / "exceptions.toml"
    file.write_text(f"[[exception]]\n{entry}\n", encoding="utf-8")

    with pytest.raises(ValueError, match=r"exceptions\.toml"):
        read_leaves(file)
