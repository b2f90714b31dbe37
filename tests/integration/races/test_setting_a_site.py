"""Who sets a site and who holds its patients lock in one order: neither waits for the other in a circle."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.api.ward import opened_ward
from tests.integration.persistence.people import lock
from tests.integration.races.waiting import LONGEST_WAIT_SECONDS, until_somebody_waits
from tests.introduced import changing
from workflow.domain.actor import LOCAL_ADMIN
from workflow.services import sites

# It locks those who can fall silent for the one, and everybody for the other.
BOTH = {"silent_after_days": 5, "mrd_result_days": 14}


@pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)
def test_who_sets_all_of_a_site_at_once_holds_nobody_while_waiting_for_its_first_patient(
    database_url: str, tmp_path: Path
) -> None:
    with opened_ward(database_url, tmp_path) as ward:
        never_silent, in_treatment = ward.register(pseudonym="A-1"), ward.in_first_block(pseudonym="A-2")
        assert never_silent < in_treatment
        database = ward.house.database
        with ThreadPoolExecutor(1) as other:
            with changing(database) as connection:
                lock(database, connection, never_silent)
                setting = other.submit(sites.put, ward.house, LOCAL_ADMIN, "north", BOTH)
                until_somebody_waits(database)
                lock(database, connection, in_treatment)
            assert setting.result(LONGEST_WAIT_SECONDS).status == 200
