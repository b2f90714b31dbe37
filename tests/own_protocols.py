"""A hospital's own protocol, written into a folder as its people would."""

from datetime import date
from hashlib import sha256
from pathlib import Path

_PROTOCOL = """id = "home-blocks"
version = "{version}"
title = "Blocks of the hospital"
scope = "Made up for tests"
{in_force}
[citations]
HOME = "The hospital's own procedure"

[[elements]]
code = "B1"
label = "First block"
source = "HOME, page 1"

[[windows]]
rule = "HOME-1"
label = "Next block"
source = "HOME, page 2"
anchor = "block_started"
expects = [{{ facts = ["block_started"] }}]
closed_by = ["conditioning_started", "transplanted", "maintenance_started", "reinduction_failed"]
target_days = {days}
latest_days = {days}
"""
_EXAMPLES = """[[examples]]
name = "The next block is due"
why = "It stands on the day of its target."
as_of = {as_of}
facts = [
  {{ type = "relapse_diagnosed", occurred_on = {first}, data = {{ relapse_site = "isolated_bm" }} }},
  {{ type = "protocol_chosen", occurred_on = {first}, data = {{ protocol = "{name}" }} }},
  {{ type = "block_started", occurred_on = {first}, data = {{ element = "B1" }} }},
]
state = "reinduction.block"
windows = [
  {{ rule = "HOME-1", anchor_on = {first}, status = "open", target_on = {as_of}, latest_on = {as_of} }},
]
"""
FIRST = date(2025, 1, 1)
DAYS = 28


def write_own(
    directory: Path, version: str = "1", *, days: int = DAYS, in_force_from: date | None = None, name: str | None = None
) -> str:
    """Write a version of the hospital's protocol below a directory; return the SHA-256 of its text."""
    folder = directory / f"home-blocks@{version}"
    folder.mkdir(parents=True, exist_ok=True)
    in_force = f"in_force_from = {in_force_from}\n" if in_force_from else ""
    text = _PROTOCOL.format(version=version, in_force=in_force, days=days)
    (folder / "protocol.toml").write_text(text, encoding="utf-8")
    due = date.fromordinal(FIRST.toordinal() + days)
    chosen = name or f"home-blocks@{version}"
    (folder / "examples.toml").write_text(_EXAMPLES.format(first=FIRST, as_of=due, name=chosen), encoding="utf-8")
    return sha256(text.encode()).hexdigest()
