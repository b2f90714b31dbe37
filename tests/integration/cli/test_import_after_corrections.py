"""The same file again, after what it brought was corrected: it is known, whatever stands there now."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.databases import Urls
from tests.integration.cli.running import at_home, coursewatch
from tests.introduced import seeing
from workflow import bootstrap
from workflow.domain.actor import LOCAL_ADMIN
from workflow.services.correct_facts import correct_facts
from workflow.services.house import House

REGISTERED = {"pseudonym": "P1", "site": "berlin", "diagnosis_date": "2022-03-01", "phenotype": "BCP"}
RELAPSE = {"relapse_site": "isolated_bm"}
LINES = [
    {"patient": "P1", "type": "patient_registered", "occurred_on": "2025-01-06", "data": REGISTERED},
    {"patient": "P1", "type": "relapse_diagnosed", "occurred_on": "2025-01-06", "data": RELAPSE},
    {"patient": "P1", "type": "note_added", "occurred_on": "2025-01-07", "data": {"text": "seen"}, "external_id": "n1"},
]
CORRECTIONS: dict[str, dict[str, object]] = {
    "the pseudonym": {
        "supersedes": "f1",
        "reason": "misread",
        "fact": {"type": "patient_registered", "occurred_on": "2025-01-06", "data": {**REGISTERED, "pseudonym": "P9"}},
    },
    "the hospital": {
        "supersedes": "f1",
        "reason": "registered at the wrong one",
        "fact": {"type": "patient_registered", "occurred_on": "2025-01-06", "data": {**REGISTERED, "site": "wien"}},
    },
    "a date": {
        "supersedes": "f2",
        "reason": "misread",
        "fact": {"type": "relapse_diagnosed", "occurred_on": "2025-01-05", "data": RELAPSE},
    },
    "nothing but its end": {"voids": "f3", "reason": "another patient"},
}


def patients(house: House) -> list[str]:
    with seeing(house.database) as connection:
        return list(connection.execute(text("SELECT id FROM patient")).scalars())


@pytest.mark.parametrize("what", CORRECTIONS)
def test_a_file_is_known_again_after_a_correction_of(
    what: str, database_urls: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = at_home(tmp_path, database_urls, monkeypatch)
    file = tmp_path / "facts.ndjson"
    file.write_text("\n".join(json.dumps(line) for line in LINES), encoding="utf-8")
    assert coursewatch("site", "set", "wien").code == 0
    assert coursewatch("import", file).code == 0
    house = bootstrap.build(settings)
    (patient,) = patients(house)
    assert correct_facts(house, LOCAL_ADMIN, patient, CORRECTIONS[what]).status == 200

    again = coursewatch("import", file)

    assert "0 accepted, 3 known" in " ".join((again.err + again.out).split()), again.err
    assert patients(house) == [patient]
    house.close()
