"""Facts, corrections and imports at one patient at the same moment: one history, that some order of them gives."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from tests.integration.races.bedside import Bed, admitted, at_once, in_first_block, one_by_one, outcomes, told_of
from tests.integration.races.processes import Hospital
from tests.integration.races.soundness import facts_of
from tests.integration.races.wire import Letter, Reply
from workflow.domain.actor import LOCAL_ADMIN
from workflow.domain.facts.fact import Fact
from workflow.services.import_facts import import_facts
from workflow.services.import_report import ImportResult
from workflow.services.import_rows import rows_of

ROUNDS = 5
R1 = {"element": "R1"}
RECORDED, CORRECTED = 201, 200
REFUSED = frozenset(
    {
        (409, "already_corrected"),
        (409, "makes_conflicts"),
        (409, "not_possible_in_state"),
        (409, "too_early"),
        (412, "stale_version"),
    }
)
ANY_DAY = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class File:
    """A file to import: a note, a laboratory result, and the end of a block that may not be running."""

    about: str

    def bring_in(self, opened: Hospital, bed: Bed) -> ImportResult:
        """Import the file for a patient."""
        facts = (
            {"type": "note_added", "occurred_on": "2025-01-16", "data": {"text": self.about}},
            {"type": "counts_recorded", "occurred_on": "2025-01-15", "data": {"anc": 200}, "external_id": self.about},
            {"type": "block_completed", "occurred_on": "2025-01-14", "data": {"given": "modified"}},
        )
        lines = "\n".join(json.dumps({"patient": bed.pseudonym, **fact}) for fact in facts)
        return import_facts(opened.house, LOCAL_ADMIN, list(rows_of(lines.encode(), "file.ndjson")))


def wanted_at_once(bed: Bed) -> list[Letter]:
    """Return what ten people want at the same moment, some of it impossible after others."""
    return [
        bed.supersede("f4", "block_started", "2025-01-09", R1),
        bed.void("f4"),
        bed.supersede("f2", "relapse_diagnosed", "2025-01-05", {"relapse_site": "isolated_bm"}),
        bed.record("block_completed", "2025-01-13", {"given": "as_planned"}),
        bed.record("block_started", "2025-01-22", {"element": "R2"}),
        bed.record("block_started", "2025-01-23", {"element": "R2"}),
        bed.record("counts_recorded", "2025-01-17", {"anc": 300}),
        bed.note("read at version 4", If_Match='"4"'),
        bed.note("also read at version 4", If_Match='"4"'),
        bed.note("seen"),
    ]


def history(opened: Hospital, bed: Bed) -> list[Fact]:
    """Return what is stored of a patient after the registration, as if recorded at one instant."""
    return [replace(fact, recorded_at=ANY_DAY) for fact in facts_of(opened.house, bed.id)[1:]]


def test_facts_corrections_and_imports_at_once_come_to_what_some_order_of_them_gives(opened: Hospital) -> None:
    for _ in range(ROUNDS):
        bed, file = in_first_block(opened), File("from the laboratory")
        letters = wanted_at_once(bed)
        imports = [lambda bed=bed, file=file: file.bring_in(opened, bed)] * 2
        *replies, first, second = at_once(opened, [*letters, *imports])
        refused = {(reply.status, reply.code) for reply in replies if reply.status not in {RECORDED, CORRECTED}}
        assert refused <= REFUSED
        require_one_import(first, second)
        require_what_a_serial_order_gives(opened, bed, replies, file)


def require_one_import(first: ImportResult, second: ImportResult) -> None:
    """Check that of two imports of one file one brought the rows in, and the other found them."""
    brought = [result.count("accepted") for result in (first, second)]
    known = [result.count("known") for result in (first, second)]
    assert (min(brought), min(known)) == (0, 0)
    assert max(brought) == max(known) >= 2


def require_what_a_serial_order_gives(opened: Hospital, bed: Bed, replies: Sequence[Reply], file: File) -> None:
    """Check that the same acts, one after the other in the order of their versions, are answered and stored alike."""
    twin = in_first_block(opened)
    letters = wanted_at_once(twin)
    by_version = {
        reply.version: (reply, letter)
        for reply, letter in zip(replies, letters, strict=True)
        if reply.status in {RECORDED, CORRECTED}
    }
    for version in range(5, 5 + len(by_version) + 1):
        if version not in by_version:
            file.bring_in(opened, twin)
            continue
        reply, letter = by_version[version]
        # What was read at version 4 was recorded upon version 4, so that the twin's is at version 4 too.
        (again,) = one_by_one(opened, [letter])
        assert told_of(again, twin) == told_of(reply, bed)
    assert history(opened, twin) == history(opened, bed)


def test_two_people_who_correct_one_version_at_once_are_one_200_and_one_409(opened: Hospital) -> None:
    for _ in range(ROUNDS):
        bed = in_first_block(opened)
        mine = bed.supersede("f4", "block_started", "2025-01-09", R1)
        yours = replace(bed.supersede("f4", "block_started", "2025-01-10", R1), who="data_manager")
        replies = at_once(opened, [mine, yours])
        assert outcomes(replies) == [(200, None), (409, "already_corrected")]
        stored = facts_of(opened.house, bed.id)
        assert [fact.target_seq for fact in stored] == [None, None, None, None, 4]


def test_one_correction_sent_at_once_under_one_key_is_made_once_and_answered_alike(opened: Hospital) -> None:
    for number in range(ROUNDS):
        bed = in_first_block(opened)
        letter = bed.supersede("f4", "block_started", "2025-01-09", R1, Idempotency_Key=f"{bed.id}-{number}")
        replies = at_once(opened, [letter] * 4)
        replies += one_by_one(opened, [letter])
        assert set(replies) == {replies[0]}
        assert replies[0].status == CORRECTED
        assert len(facts_of(opened.house, bed.id)) == 5


def test_of_many_who_read_one_version_and_send_it_along_one_is_recorded(opened: Hospital) -> None:
    for _ in range(ROUNDS):
        bed = admitted(opened)
        letters = [bed.note(f"note {number}", If_Match='"1"') for number in range(6)]
        replies = at_once(opened, letters)
        assert outcomes(replies) == [(201, None), *[(412, "stale_version")] * 5]
        assert len(facts_of(opened.house, bed.id)) == 2


def test_one_external_id_sent_at_once_by_several_is_recorded_once(opened: Hospital) -> None:
    for _ in range(ROUNDS):
        bed = admitted(opened)
        letters = [bed.note(f"note {number}", external_id="laboratory-1") for number in range(4)]
        replies = at_once(opened, letters)
        assert outcomes(replies) == [(201, None), *[(409, "already_exists")] * 3]
        assert len(facts_of(opened.house, bed.id)) == 2
