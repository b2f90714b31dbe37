"""What stored snapshots depend on has one hash: whoever changes a table makes every patient be folded anew."""

import pytest

from workflow import bootstrap
from workflow.knowledge.risk_tables import SCHEMES
from workflow.knowledge.statements import STATEMENTS
from workflow.knowledge.strategies import STRATEGIES
from workflow.knowledge.tables import tables_in_full
from workflow.protocols.library import shipped


def test_the_tables_in_full_are_the_same_in_every_process_and_name_every_row() -> None:
    text = tables_in_full()
    assert " at 0x" not in text
    rows = [row.id for table in STRATEGIES.values() for row in table.rows] + [row.id for row in STATEMENTS]
    assert all(f"'{name}'" in text for name in (*STRATEGIES, *rows, *(scheme.id for scheme in SCHEMES)))


def test_another_table_makes_another_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = bootstrap.engine_of(shipped().versions)
    assert bootstrap.engine_of(shipped().versions) == engine
    monkeypatch.setattr(bootstrap, "tables_in_full", lambda: tables_in_full().replace("months=18", "months=17", 1))
    assert bootstrap.engine_of(shipped().versions) != engine
