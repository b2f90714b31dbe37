"""The two files with which a protocol of one's own begins: sound as they are, and without a clinical number."""

import json
from collections.abc import Mapping

from pydantic import TypeAdapter, ValidationError

from workflow.domain.errors import InvalidInputError, Problem
from workflow.protocols.files.vocabulary import Line, ProtocolId

# What the author still has to write; a text that says so is signed by nobody.
PLACEHOLDER = "PLACEHOLDER"
_ID = TypeAdapter[str](ProtocolId)
_TITLE = TypeAdapter[str](Line)

_PROTOCOL = """\
# A protocol is what its sources state. What they do not state is left out here and listed under not_stated.
# This file is sound as it stands: change one thing, run `coursewatch protocol check`, change the next.
id = {id}
version = "1"
title = {title}
scope = "PLACEHOLDER: for whom it is, and what it covers"
not_stated = [
  "PLACEHOLDER: what the sources leave open, one text each",
]

# Every source below names one of these keys, a comma, and the place: "LOCAL, page 12".
[citations]
LOCAL = "PLACEHOLDER: the document that states this protocol, with its version and date"

# What is given. The code is what people record with a start.
[[elements]]
code = "BLOCK_1"
label = "Block 1"
source = "LOCAL, PLACEHOLDER: page or section that names this block"

# A timing rule: from the day of its anchor it waits for what it expects. Numbers that you may state, in days after the
# anchor: earliest_days, target_days, latest_days, critical_days. A window without a number needs a note that says why.
[[windows]]
rule = "LOCAL-1"
label = "End of the block"
source = "LOCAL, PLACEHOLDER: page or section that states this rule"
anchor = "block_started"
expects = [{{ facts = ["block_completed"] }}]
closed_by = ["reinduction_failed"]
note = "PLACEHOLDER: no number of days is stated yet."
"""
_EXAMPLES = """\
# Worked examples: facts and a day in, windows and state out. Every check runs them; where one fails, the protocol is
# not used. Work them out by hand, from the sources, for every boundary: the last day in time, the first that is late.

[[examples]]
name = "A running block waits for its end"
why = "PLACEHOLDER: the reason, with its source (LOCAL, page or section; LOCAL-1)."
as_of = 2025-01-13
facts = [
  {{ type = "relapse_diagnosed", occurred_on = 2025-01-03, data = {{ relapse_site = "isolated_bm" }} }},
  {{ type = "protocol_chosen", occurred_on = 2025-01-03, data = {{ protocol = {id} }} }},
  {{ type = "block_started", occurred_on = 2025-01-06, data = {{ element = "BLOCK_1" }} }},
]
state = "reinduction.block"
windows = [
  {{ rule = "LOCAL-1", anchor_on = 2025-01-06, status = "open", verdict = "none", days = 7 }},
]
next = [
  {{ type = "block_completed", occurred_on = 2025-01-13, data = {{ given = "as_planned" }}, answer = "accepted" }},
]
"""


def beginning(protocol_id: str, title: str) -> Mapping[str, str]:
    """Return the texts of a new protocol's two files by name; raises InvalidInputError for an id or title of no use."""
    problems = [
        *_problems("id", protocol_id, _ID, "small letters, digits and hyphens, up to 80, as in three-blocks"),
        *_problems("title", title, _TITLE, "one line of text, not empty"),
    ]
    if problems:
        raise InvalidInputError(problems)
    # Every text that JSON writes is one that TOML reads.
    written = {"id": json.dumps(protocol_id), "title": json.dumps(title, ensure_ascii=False)}
    return {"protocol.toml": _PROTOCOL.format(**written), "examples.toml": _EXAMPLES.format(**written)}


def _problems(field: str, value: str, kind: TypeAdapter[str], allowed: str) -> list[Problem]:
    try:
        kind.validate_python(value)
    except ValidationError:
        return [Problem(field, "not_allowed", f"{json.dumps(value, ensure_ascii=False)} cannot stand here; {allowed}")]
    return []
