"""SECURITY.md names files that are there and limits that hold."""

import re

from api import admission, attempts, bodies, handshakes, wire
from api.schemas.requests import request_schemas
from tests.architecture.tree import ROOT
from workflow.persistence.limits import DEFAULT_LIMITS
from workflow.persistence.pages import HIGHEST_LIMIT
from workflow.services.read_correction import MOST_AT_ONCE

PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")


def limits() -> dict[str, str]:
    """Return the table of limits: what, and at most how much."""
    table = PAGE.partition("## Limits")[2].partition("\n## ")[0]
    rows = [line.split("|")[1:3] for line in table.splitlines() if line.startswith("|")]
    return {what.strip(): most.strip() for what, most in rows}


def entries(part: object) -> list[int]:
    """Return of every list in a part of a schema how many entries it may have."""
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    own = [part["maxItems"]] if isinstance(part, dict) and "maxItems" in part else []
    return own + [most for each in inner for most in entries(each)]


def test_every_file_that_is_named_is_there() -> None:
    named = re.findall(r"`((?:tests|docs|docker|api)/[\w./-]+|test_\w+\.py)`", PAGE)

    assert len(named) > 20
    for name in named:
        assert (ROOT / name).exists() or list((ROOT / "tests").rglob(name)), name


def test_every_limit_is_the_one_that_holds() -> None:
    lists = entries(request_schemas())

    assert limits() == {
        "what": "at most",
        "---": "---",
        "body (files come in by `coursewatch import` on the machine itself, of any size)": (
            f"{bodies.LARGEST_BODY_BYTES // 2**20} MiB"
        ),
        "levels of JSON": f"{bodies.DEEPEST}",
        "rows a page; corrections a batch": f"{HIGHEST_LIMIT}",
        "address and headers; headers": f"{wire.LARGEST_HEAD_BYTES // 2**10} KiB; {wire.MOST_HEADERS}",
        "path; query; parameters": (
            f"{admission.LONGEST_PATH_BYTES // 2**10} KiB; {admission.LONGEST_QUERY_BYTES // 2**10} KiB; "
            f"{admission.MOST_PARAMETERS}"
        ),
        "compressed bodies, WebSocket, other protocols": "none",
        "entries of a list in a body, by its field": f"{min(lists)} to {max(lists)}",
        "until TLS is agreed on; the head is there; the body; the answer is taken": (
            f"{handshakes.HANDSHAKE_SECONDS:.0f} s; {wire.HEAD_SECONDS:.0f} s; "
            f"{wire.BODY_SECONDS:.0f} s; {wire.ANSWER_SECONDS:.0f} s"
        ),
        "connections a process": f"{wire.MOST_CONNECTIONS}",
        "a statement; a lock; a turn to write": (
            f"{DEFAULT_LIMITS.statement_seconds:.0f} s; {DEFAULT_LIMITS.lock_seconds:.0f} s; "
            f"{DEFAULT_LIMITS.lock_seconds:.0f} s"
        ),
        f"wrong keys a minute from one address (IPv6: one /{attempts.IPV6_NETWORK_BITS}), of one id; in all": (
            f"{attempts.MOST_BY_ONE}; {attempts.MOST_FROM_ADDRESS}"
        ),
    }
    assert HIGHEST_LIMIT == MOST_AT_ONCE
