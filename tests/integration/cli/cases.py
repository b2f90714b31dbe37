"""Files of cases for `coursewatch classify`: a header, two rows that can be read, and the columns that are added."""

import csv
import io
from pathlib import Path

from tests.integration.cli.running import Finished, coursewatch

HEADER = "pseudonym,diagnosis_date,frontline_end_date,relapse_date,phenotype,relapse_site"
EARLY = "P1,2021-09-29,2023-09-29,2024-01-05,BCP,isolated_bm"
LATE = "P2,2021-09-29,2023-09-29,2024-06-28,BCP,isolated_bm"
ADDED = [
    *("timing.BFM", "timing.COG", "timing.COG_subclass", "timing.PDQ"),
    *("class.relapse_site", "class.site_gaps"),
    *("risk.BFM", "risk.UKALL_R3", "risk.I_BFM_SG", "risk.ALL_REZ_BFM_95"),
    *("recommendation.BFM_2002", "recommendation.UKALL_R3", "recommendation.I_BFM_FIG1"),
    *("recommendation.COG_TABLE6", "recommendation.PDQ_2014", "recommendation.APPROACH_001"),
    *("recommendation.BFM_2002.conditional_on", "recommendation.UKALL_R3.conditional_on"),
    *("recommendation.I_BFM_FIG1.conditional_on", "recommendation.COG_TABLE6.conditional_on"),
    *("recommendation.PDQ_2014.conditional_on", "recommendation.APPROACH_001.conditional_on"),
    *("flags", "error"),
]


def asked(*lines: str, end: str = "\n", options: tuple[str, ...] = ()) -> Finished:
    Path("cases.csv").write_bytes((end.join(lines) + end).encode())
    return coursewatch("classify", "cases.csv", *options)


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))
