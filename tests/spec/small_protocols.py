"""Small protocols for tests of gates and warnings, and patients who follow them: each states one thing."""

from collections.abc import Sequence

from tests.facts import PatientFile, a_registered_patient
from workflow.protocols.files.parse import parse_protocol
from workflow.protocols.model import Protocol, Protocols

RELAPSED_ON = "2025-01-06"
HEAD = """
id = "{id}"
version = "{version}"
title = "Small"
scope = "Tests"

[citations]
000 = "A source"
"""
CYCLES = """
[[elements]]
code = "CYCLE"
label = "Cycle"
source = "000, page 1"
numbered = true

[[elements]]
code = "PREPHASE"
label = "Prephase"
source = "000, page 1"

[[caps]]
rule = "CAP-1"
elements = ["CYCLE"]
most = 2
scope = "{scope}"
source = "000, page 2"
"""
BLOCKS = """
[[elements]]
code = "R1"
label = "R1"
source = "000, page 1"

[[elements]]
code = "R2"
label = "R2"
source = "000, page 1"
"""
DECISION_OF_S4 = """
[individual_decision]
rule = "TR-006"
risk = { scheme = "ALL_REZ_BFM_95", groups = ["S4"] }
source = "000, page 3"
"""
CYCLE_AFTER_CYCLE = """
[[sequence]]
after = "CYCLE"
then = ["CYCLE"]
source = "000, page 6"
"""
# From the start 42 days, and 14 from the end: whichever is later.
TWO_MINIMA = """
[[windows]]
rule = "W-1"
label = "Next cycle"
source = "000, page 4: 42 days"
anchor = "block_started"
anchor_elements = ["CYCLE"]
expects = [{ facts = ["block_started"], elements = ["CYCLE"] }]
hard_min_days = 42
hard_min_elements = ["CYCLE"]

[[windows]]
rule = "W-2"
label = "Free interval"
source = "000, page 5: 14 days free"
anchor = "block_completed"
anchor_elements = ["CYCLE"]
expects = [{ facts = ["block_started"], elements = ["CYCLE"] }]
hard_min_days = 14
hard_min_elements = ["CYCLE"]
"""
# From start to start of any block 14 days.
MINIMUM_OF_BLOCKS = """
[[windows]]
rule = "TR-001"
label = "Next block"
source = "000, page 9: 14 days"
anchor = "block_started"
expects = [{ facts = ["block_started"] }]
hard_min_days = 14
hard_min_elements = ["R1", "R2"]
closed_by = ["reinduction_failed"]
"""
# First relapses by registration: 12 months after the diagnosis, soon after frontline therapy, and nobody knows when.
VERY_EARLY = {"diagnosis_date": "2024-01-06", "frontline_end_date": "2024-12-01"}
EARLY = {"diagnosis_date": "2022-03-01", "frontline_end_date": "2024-10-01"}
OF_UNKNOWN_TIME = {"diagnosis_date": "2022-03-01", "frontline_end_date": None}


def small(protocol_id: str, *parts: str, version: str = "1") -> Protocol:
    """Return a protocol of these parts of text."""
    return parse_protocol(HEAD.format(id=protocol_id, version=version) + "".join(parts), "protocol.toml")


def cycles(scope: str = "course", protocol_id: str = "cycles", version: str = "1", more: str = "") -> Protocol:
    """Return a protocol of numbered cycles, two of them at most."""
    return small(protocol_id, CYCLES.replace("{scope}", scope), more, version=version)


def a_course_of(protocols: Sequence[Protocol], **registered: object) -> PatientFile:
    """Return a patient with a first relapse, an isolated marrow one, who follows the first of these protocols."""
    file = a_registered_patient(Protocols(tuple(protocols)), **registered)
    file.add("relapse_diagnosed", RELAPSED_ON, relapse_site="isolated_bm")
    file.add("protocol_chosen", RELAPSED_ON, protocol=protocols[0].ref)
    return file


def give(file: PatientFile, element: str, started_on: str, ended_on: str) -> PatientFile:
    """Record an element that was given to its end."""
    file.add("block_started", started_on, element=element)
    file.add("block_completed", ended_on)
    return file
