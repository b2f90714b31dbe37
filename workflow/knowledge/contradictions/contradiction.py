"""What one contradiction between the sources is made of."""

from dataclasses import dataclass
from typing import Literal

Priority = Literal["S", "D", "I", "X"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """One place where the sources disagree, misprint or leave a hole, and how it is read here.

    `priority`: S touches a patient's safety, D changes a computed class, I is for information, X is how a table whose
    layout was lost was read. `guards` name where the reading is kept: a module of this program, a row of the decision
    table (CD-002), a timing rule (TR-001), a gap of the site definitions (G1) or the protocols that show it; empty
    where nothing here uses the sentence.
    """

    id: str
    priority: Priority
    finding: str
    resolution: str
    guards: tuple[str, ...] = ()
