"""The machine of the laws: records, corrects, moves and asks, and after every act compares with the slow reference."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.facts import REGISTERED, RELAPSED_ON
from tests.integration.alike import comparable
from tests.integration.corrections import drawing, stored
from tests.integration.corrections.anew import require_as_if_right_at_first
from tests.integration.corrections.drawing import SELDOM
from tests.integration.corrections.gates import require_possible
from tests.integration.corrections.hospitals import OPENED_AT, HandClock
from tests.integration.corrections.questions import KINDS, Question, asked, lasting, require_as_reference
from tests.integration.corrections.reference import Entry, ReferenceFile, Told
from tests.spec.chart_paths import reach
from workflow.domain.actor import LOCAL_ADMIN
from workflow.domain.errors import InvalidInputError
from workflow.domain.patient import PatientState
from workflow.rules.record import KEEPS_CONFLICTS
from workflow.services.clocks import Clocks
from workflow.services.correct_facts import correct_facts
from workflow.services.errors import ServiceError
from workflow.services.house import Answer, House
from workflow.services.move_facts import move_facts
from workflow.services.patient_write import Conditions
from workflow.services.read_history import history
from workflow.services.record_fact import record
from workflow.services.register_patient import register

Act = Callable[..., Answer]
MOST_QUESTIONS = 12
BEGINNINGS = ("reinduction.block", "mrd_check", "consolidation.recovery", "hsct.preparation", "maintenance")
# What is done how often.
KINDS_OF_STEPS = (
    *("record",) * 6,
    *("correction",) * 6,
    *("batch",) * 3,
    *("move",) * 3,
    "registration",
    "wait",
    *("ask",) * 4,
    "ask again",
)
PAUSES = (timedelta(hours=7), timedelta(days=1), timedelta(days=30))
NUMBERS = count(1)
PREVIEW = Conditions(preview=True)
# The first one has the longest course, so most is done to them.
PATIENTS = st.sampled_from([0, 0, 1, 2])


class Corrections(RuleBasedStateMachine):
    """Three patients of one house; every example has its own, and begins at the same instant."""

    def __init__(self, house: House, clock: HandClock) -> None:
        super().__init__()
        self.house, self.clock = house, clock
        clock.now = OPENED_AT
        self.files: list[ReferenceFile] = []
        self.rows: stored.Rows = {}
        self.answered: dict[Question, str] = {}

    @initialize(begun=st.sampled_from(BEGINNINGS))
    def admit(self, begun: str) -> None:
        for state in (begun, "relapse_diagnosed", "registered"):
            file = self._registered()
            for fact in reach(state).facts[1:]:
                answer = record(self.house, LOCAL_ADMIN, file.patient_id, drawing.raw(fact))
                file.learn(json.loads(answer.body)["fact"])
        self.rows = self._stored()

    def _registered(self) -> ReferenceFile:
        raw = REGISTERED | {"pseudonym": f"ALL-{next(NUMBERS)}", "occurred_on": str(RELAPSED_ON)}
        patient_id = json.loads(register(self.house, LOCAL_ADMIN, raw).body)["id"]
        file = ReferenceFile(patient_id, self.house.protocols)
        (told,) = json.loads(history(self.house, LOCAL_ADMIN, patient_id, Clocks()).body)["items"]
        file.learn(told)
        self.files.append(file)
        return file

    @rule(data=st.data(), kind=st.sampled_from(KINDS_OF_STEPS), which=PATIENTS)
    def go_on(self, data: st.DataObject, kind: str, which: int) -> None:
        """Do one thing: one rule for all of them, for the machine leaves out whole rules in most of its runs."""
        file = self.files[which]
        if kind == "ask":
            self._ask(data, file)
        elif kind == "ask again":
            self._ask_again(data)
        elif kind == "wait":
            self.clock.now += data.draw(st.sampled_from(PAUSES))
        else:
            self._act(data, kind, file, preview=data.draw(SELDOM), keep=data.draw(SELDOM))

    def _act(self, data: st.DataObject, kind: str, file: ReferenceFile, *, preview: bool, keep: bool) -> None:
        if kind == "record" or (kind != "registration" and not drawing.correctable(file)):
            raw = drawing.a_fact(data.draw, file)
            act = partial(record, self.house, LOCAL_ADMIN, file.patient_id, raw | {"keep_conflicts": keep})
            self._carry_out("record", act, (file,), preview=preview, keep=keep)
        elif kind == "move":
            self._move(data, file, preview=preview, keep=keep)
        else:
            self._correct(kind, file, self._corrections(data, kind, file), preview=preview, keep=keep)

    def _corrections(self, data: st.DataObject, kind: str, file: ReferenceFile) -> list[drawing.Raw]:
        if kind == "batch":
            return drawing.a_batch(data.draw, file)
        if kind == "correction":
            return [drawing.a_correction(data.draw, file)]
        # One pseudonym is new, the others are of this house: for another patient they are taken.
        pseudonyms = [f"ALL-{next(NUMBERS)}", *(each.state.registration.pseudonym for each in self.files)]
        return [drawing.a_registration_correction(data.draw, file, pseudonyms)]

    def _correct(
        self, name: str, file: ReferenceFile, corrections: Sequence[drawing.Raw], *, preview: bool, keep: bool
    ) -> None:
        body = dict(corrections[0]) if len(corrections) == 1 else {"corrections": list(corrections)}
        act = partial(correct_facts, self.house, LOCAL_ADMIN, file.patient_id, body | {"keep_conflicts": keep})
        self._carry_out(name, act, (file,), preview=preview, keep=keep)

    def _move(self, data: st.DataObject, wrong: ReferenceFile, *, preview: bool, keep: bool) -> None:
        away = data.draw(st.sampled_from([1, 2]))
        right = self.files[(self.files.index(wrong) + away) % len(self.files)]
        facts = drawing.correctable(wrong)
        several = data.draw(st.sampled_from([1, 1, 2, 3, len(facts)]))
        raw = {
            "from": wrong.patient_id,
            "to": right.patient_id,
            "facts": [fact.id for fact in facts[-several:]],
            "reason": drawing.REASON,
            "keep_conflicts": keep,
        }
        act = partial(move_facts, self.house, LOCAL_ADMIN, raw)
        self._carry_out("move", act, (wrong, right), preview=preview, keep=keep)

    def _ask(self, data: st.DataObject, file: ReferenceFile) -> None:
        kind = data.draw(st.sampled_from(KINDS))
        question = Question(kind, file.patient_id, self._a_day(data, file), self._an_instant(data, file))
        body = asked(self.house, question)
        require_as_reference(self.house, question, body, file, self.clock.now)
        if question.known_at is not None and len(self.answered) < MOST_QUESTIONS:
            self.answered[question] = lasting(body)

    def _ask_again(self, data: st.DataObject) -> None:
        if self.answered:
            self._require_same(data.draw(st.sampled_from(list(self.answered))))

    def _require_same(self, question: Question) -> None:
        assert lasting(asked(self.house, question)) == self.answered[question]

    def teardown(self) -> None:
        for question in self.answered:
            self._require_same(question)
        for file in self.files:
            stored.require_as_reference(self.rows, file, file.instants)
            require_as_if_right_at_first(self.house, file)

    def _a_day(self, data: st.DataObject, file: ReferenceFile) -> date | None:
        days = {entry.fact.occurred_on for entry in file.entries}
        near = sorted({day + timedelta(days=off) for day in days for off in (-1, 0, 1, 22)})
        return data.draw(st.none() | st.sampled_from(near))

    def _an_instant(self, data: st.DataObject, file: ReferenceFile) -> datetime | None:
        """Return an instant that has passed: one of recording, or the last one before it."""
        known = [instant - off for instant in file.instants for off in (timedelta(0), timedelta(microseconds=1))]
        return data.draw(st.none() | st.sampled_from(known) | st.just(self.clock.now))

    def _carry_out(self, name: str, act: Act, files: Sequence[ReferenceFile], *, preview: bool, keep: bool) -> None:
        """Carry an act out, perhaps after a preview, and check what it changed; `keep` allows conflicts."""
        previewed = self._answer(partial(act, conditions=PREVIEW)) if preview else None
        assert not preview or self._stored() == self.rows, "a preview stored something"
        answer = self._answer(act)
        event(f"{name}: {answer if isinstance(answer, str) else 'accepted'}")
        now = self._stored()
        if isinstance(answer, str):
            assert previewed in (None, answer)
            assert now == self.rows, "a refused act stored something"
            return
        assert previewed is None or _said(previewed) == _said(answer)
        before = [file.state for file in files]
        facts = _facts_told(answer)
        for file, told in zip(files, facts, strict=True):
            file.learn(*told)
        self.rows = now
        assert len({file.instants[-1] for file in files}) == 1, "there was an instant at which only one side was known"
        for file in files:
            stored.require_as_reference(now, file, file.instants[-2:])
        for file, told, was in zip(files, facts, before, strict=True):
            new = file.entries[-len(told) :]
            require_possible(file, new)
            assert keep or not _wrongly_lost(was, file.state, new)

    def _answer(self, act: Act) -> dict[str, Any] | str:
        """Return the answer, or the code of the refusal."""
        try:
            told: dict[str, Any] = json.loads(act().body)
        except ServiceError as refused:
            return refused.code
        except InvalidInputError as invalid:
            return invalid.problems[0].code
        return told

    def _stored(self) -> stored.Rows:
        return stored.rows_of(self.house.database, (file.patient_id for file in self.files))


def _facts_told(answer: Mapping[str, Any]) -> list[list[Told]]:
    """Return the facts of an answer for each patient that the act was about."""
    if "fact" in answer:
        return [[answer["fact"]]]
    if "from" in answer:
        # Told in the order of the request; stored in that of the files.
        return [sorted((pair[end] for pair in answer["facts"]), key=_place) for end in ("void", "record")]
    return [answer["facts"]]


def _said(told: object) -> object:
    """Return an answer without what a preview cannot know: when, the version, and the ids of alerts."""
    return comparable(told, without={"recorded_at", "version", "stored"})


def _wrongly_lost(before: PatientState, after: PatientState, new: Sequence[Entry]) -> set[int]:
    """Return the facts that lost their step though nobody sent keep_conflicts; an end of care overtakes others only."""
    lost = {conflict.fact for conflict in after.conflicts} - {conflict.fact for conflict in before.conflicts}
    if all(entry.fact.type in KEEPS_CONFLICTS and entry.operation != "void" for entry in new):
        return lost & {entry.fact.lineage for entry in new}
    return lost


def _place(told: Mapping[str, Any]) -> int:
    return int(str(told["id"]).removeprefix("f"))
