"""The correction laws on both databases, whatever is recorded, corrected, moved and asked in any order."""

from pathlib import Path

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.integration.corrections.hospitals import opened_house
from tests.integration.corrections.machine import Corrections


def test_whatever_is_corrected_everything_known_at_any_clocks_is_the_fold(database_url: str, tmp_path: Path) -> None:
    with opened_house(database_url, tmp_path) as (house, clock):

        class OfThisHouse(Corrections):
            def __init__(self) -> None:
                super().__init__(house, clock)

        run_state_machine_as_test(OfThisHouse, settings=settings(max_examples=14, stateful_step_count=25))
