"""Caps and minima agree with a naive reading of what was given, and next steps with what recording answers."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.facts import OVERRIDE, PatientFile, a_draft
from tests.spec.small_protocols import BLOCKS, CYCLE_AFTER_CYCLE, TWO_MINIMA, a_course_of, cycles, small
from workflow.domain.errors import Refusal
from workflow.rules.next_steps import next_steps

MOST, FROM_START, FROM_END = 2, timedelta(days=42), timedelta(days=14)
# Both minima have their boundary among these sums: 42 days from a start, and 14 from an end.
GAPS = st.sampled_from((13, 14, 15))
LENGTHS = st.sampled_from((26, 27, 28, 29))
STEPS = ("start", "start", "start", "start", "start", "choose", "fail", "relapse", "relapse")


@dataclass
class Given:
    """One start as somebody would write it on paper."""

    protocol: str
    element: str
    on: date
    ended_on: date
    course: int


@dataclass
class OnPaper:
    """A patient as the tests keep them, beside the file."""

    file: PatientFile
    scope: str
    protocol: str = "cycles"
    course: int = 1
    starts: list[Given] = field(default_factory=list)
    today: date = date(2025, 1, 7)

    def answer(self, element: str) -> str:
        """Read off the paper what a start today is answered."""
        if self.protocol != "cycles" or not element.startswith("CYCLE"):
            return "accepted"
        counted = [
            start
            for start in self.starts
            if start.protocol == "cycles"
            and start.element.startswith("CYCLE")
            and (self.scope == "life" or start.course == self.course)
        ]
        if len(counted) >= MOST or int(element.removeprefix("CYCLE_")) > MOST:
            return "cap_reached"
        in_this_course = [start for start in counted if start.course == self.course]
        # Whatever lies between: another element, another protocol, a failure.
        too_early = any(self.today < max(start.on + FROM_START, start.ended_on + FROM_END) for start in in_this_course)
        return "too_early" if too_early else "accepted"

    def start(self, element: str, length: int, *, ceased: bool) -> None:
        """Write a start, with a reason where it is refused, and its end."""
        expected, draft = self.answer(element), a_draft("block_started", self.today, element=element)
        outcome = self.file.propose(draft)
        assert (outcome.code if isinstance(outcome, Refusal) else "accepted") == expected
        self.file.add("block_started", self.today, override=OVERRIDE, element=element)
        started_on, self.today = self.today, self.today + timedelta(days=length)
        if ceased:
            self.file.add("block_ended", self.today, element=element, end="ceased", reason="toxicity")
        else:
            self.file.add("block_completed", self.today)
        self.starts.append(Given(self.protocol, element, started_on, self.today, self.course))

    def go_on(self, step: str) -> None:
        """Write something else than a start: another protocol, a failure, a relapse after a remission."""
        self.file.today = self.today
        if step == "choose":
            self.protocol = "blocks" if self.protocol == "cycles" else "cycles"
            self.file.add("protocol_chosen", self.today, protocol=self.protocol)
        elif step == "fail" and self.file.state.state == "reinduction.recovery":
            self.file.add("reinduction_failed", self.today)
        elif step == "relapse" and self.starts:
            self.file.add("relapse_diagnosed", self.today, override=OVERRIDE)
            self.file.add("protocol_chosen", self.today, protocol=self.protocol)
            self.course += 1


@settings(max_examples=60)
@given(st.sampled_from(("course", "life")), st.booleans(), st.data())
def test_caps_and_minima_are_those_of_the_paper_and_next_steps_say_so(
    scope: str,
    cycles_only: bool,
    data: st.DataObject,
) -> None:
    protocol = cycles(scope, more=TWO_MINIMA + (CYCLE_AFTER_CYCLE if cycles_only else ""))
    paper = OnPaper(a_course_of([protocol, small("blocks", BLOCKS)]), scope)
    for step in data.draw(st.lists(st.sampled_from(STEPS), min_size=4, max_size=6)):
        paper.today += timedelta(days=data.draw(GAPS))
        paper.file.today = paper.today
        offered = next(
            known
            for known in next_steps(paper.file.state, paper.today, paper.file.protocols)
            if known.type == "block_started"
        )
        assert offered.allowed == ("accepted" in {paper.answer(element) for element in offered.elements})
        if step != "start":
            paper.go_on(step)
            continue
        others = ("CYCLE_1", "CYCLE_3", "PREPHASE") if paper.protocol == "cycles" else ("R1", "R2")
        element = data.draw(st.sampled_from((*(offered.elements[0] for _ in range(6)), *others)))
        paper.file.today = paper.today + timedelta(days=40)
        paper.start(element, data.draw(LENGTHS), ceased=data.draw(st.integers(0, 3)) == 0)
