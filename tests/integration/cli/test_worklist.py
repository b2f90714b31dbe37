"""`coursewatch worklist`: who needs a decision first, as a table for people and as JSON for programs."""

import json
from pathlib import Path

from tests.integration.cli.files import course, row, write
from tests.integration.cli.running import NOW, coursewatch
from workflow.settings import Settings

# R2 of every course started on 2025-01-28: late from 22 days (2025-02-19), critical from 26 days (2025-02-23).
LATE_ON, CRITICAL_ON = "2025-02-19", "2025-02-23"


def a_ward(*lines: str) -> None:
    later = [line.replace("2025-01-28", "2025-01-30") for line in course("ALL-0003", "wien")]
    write(Path("facts.csv"), *course("ALL-0001"), *course("ALL-0002"), *later, *lines)
    assert coursewatch("import", "facts.csv").code == 0


def standings(*arguments: str) -> list[tuple[str, str]]:
    document = json.loads(coursewatch("worklist", "--rule", "TR-001", "--json", *arguments).out)
    return [(item["pseudonym"], item["status"]) for item in document["items"]]


def test_an_empty_worklist_says_so(home: Settings) -> None:
    finished = coursewatch("worklist", "--as-of", "2025-06-30")
    assert finished.code == 0
    assert finished.err == "As of 2025-06-30: nothing is late, critical, due or unknown.\n"


def test_the_most_urgent_stands_first(home: Settings) -> None:
    a_ward(row("ALL-0002", "block_completed", "2025-02-02", data_given="as_planned"))
    assert standings("--as-of", CRITICAL_ON) == [
        ("ALL-0001", "critical"),
        ("ALL-0002", "critical"),
        ("ALL-0003", "late"),
    ]


def test_the_table_shows_what_a_ward_round_needs(home: Settings) -> None:
    a_ward()
    finished = coursewatch("worklist", "--as-of", LATE_ON, "--rule", "TR-001")
    header, first, *_ = finished.out.splitlines()
    assert header.split("  ")[0] == "patient"
    for shown in (
        "ALL-0001",
        "berlin",
        "reinduction.block",
        "TR-001",
        "2025-01-28",
        "22",
        "late, unknown",
        CRITICAL_ON,
    ):
        assert shown in first
    assert finished.err == f"As of {LATE_ON}: TR-001: 2 late, 1 due\n"


def test_a_site_and_a_status_may_be_asked_for(home: Settings) -> None:
    a_ward()
    assert standings("--as-of", CRITICAL_ON, "--site", "wien") == [("ALL-0003", "late")]
    assert standings("--as-of", CRITICAL_ON, "--status", "late") == [("ALL-0003", "late")]
    assert standings("--as-of", "2025-01-29", "--status", "upcoming", "--site", "berlin") == [
        ("ALL-0001", "upcoming"),
        ("ALL-0002", "upcoming"),
    ]


def test_the_json_counts_by_rule(home: Settings) -> None:
    a_ward()
    document = json.loads(coursewatch("worklist", "--as-of", LATE_ON, "--json").out)
    assert document["as_of"] == LATE_ON
    assert document["summary"]["TR-001"] == {"late": 2, "due": 1}
    assert set(document) == {"as_of", "items", "summary"}


def test_owner_and_last_contact_are_shown(home: Settings) -> None:
    ndjson = Path("facts.ndjson")
    a_ward()
    told = [("owner_changed", {"actor": "dr.k"}), ("contact_recorded", {"on": "2025-02-18"})]
    facts = [{"patient": "ALL-0001", "type": name, "occurred_on": "2025-02-18", "data": data} for name, data in told]
    ndjson.write_text("\n".join(map(json.dumps, facts)), encoding="utf-8")
    coursewatch("import", ndjson)
    line = next(line for line in coursewatch("worklist", "--as-of", LATE_ON).out.splitlines() if "ALL-0001" in line)
    assert "dr.k" in line
    assert "2025-02-18" in line


def test_what_was_known_at_an_instant_may_be_asked_for(home: Settings) -> None:
    a_ward()
    long_ago = ("--as-of", CRITICAL_ON, "--known-at", "2020-01-01T00:00:00+01:00")
    finished = coursewatch("worklist", *long_ago)
    known = "by what was known at 2019-12-31 23:00:00 UTC"
    assert finished.err == f"As of {CRITICAL_ON}, {known}: nothing is late, critical, due or unknown.\n"
    document = json.loads(coursewatch("worklist", *long_ago, "--json").out)
    assert (document["items"], document["settled"]) == ([], True)
    # An instant ahead knows what is known now, and may still gain facts.
    ahead = coursewatch("worklist", "--as-of", CRITICAL_ON, "--known-at", "2100-01-01T00:00:00Z", "--rule", "TR-001")
    assert "2 critical, 1 late" in ahead.err
    assert "That instant lies ahead: this is what is known by now" in ahead.err
    just_now = coursewatch("worklist", "--as-of", CRITICAL_ON, "--known-at", f"{NOW:%Y-%m-%dT%H:%M:%SZ}")
    assert just_now.err.endswith("ask again in a minute.\n")


def test_an_instant_without_its_offset_is_refused(home: Settings) -> None:
    finished = coursewatch("worklist", "--known-at", "2025-01-01T00:00:00")
    assert finished.code == 2
    assert "offset" in finished.err
