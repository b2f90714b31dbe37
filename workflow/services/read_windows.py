"""The timing windows of a patient, and the proof of one."""

from workflow.domain.actor import Actor
from workflow.persistence.unit_of_work import reading
from workflow.rules.explain import explain
from workflow.rules.next_steps import next_steps as steps_of
from workflow.services import answers
from workflow.services.clocks import Clocks
from workflow.services.errors import NotFoundError
from workflow.services.house import Answer, House
from workflow.services.read_patient import see


def windows(house: House, actor: Actor, patient_id: str, clocks: Clocks) -> Answer:
    """Return all windows of all courses with status and verdict at a pair of clocks."""
    with reading(house.database, actor) as unit:
        seen = see(house, actor, patient_id, clocks, unit)
        unit.note("read_windows", patient_id=patient_id)
    shapes = answers.windows_shapes(
        seen.state, seen.state.windows, seen.as_of, house.protocols, seen.setting.silent_after_days
    )
    return Answer(200, answers.to_json(answers.page(shapes, settled=seen.settled)), seen.row.version)


def explanation(house: House, actor: Actor, patient_id: str, window_id: str, clocks: Clocks) -> Answer:
    """Return the proof of one window at a pair of clocks; raises NotFoundError where the id names none."""
    with reading(house.database, actor) as unit:
        seen = see(house, actor, patient_id, clocks, unit)
        unit.note("read_explanation", patient_id=patient_id)
    proof = explain(seen.state, window_id, seen.as_of, house.protocols)
    if proof is None:
        raise NotFoundError("no such window of this patient at these clocks")
    shape = answers.explanation_shape(proof) | answers.settledness(settled=seen.settled)
    return Answer(200, answers.to_json(shape), seen.row.version)


def next_steps(house: House, actor: Actor, patient_id: str) -> Answer:
    """Return every fact type as it stands today: allowed or not, why not, from when, what it needs."""
    with reading(house.database, actor) as unit:
        seen = see(house, actor, patient_id, Clocks(), unit)
        unit.note("read_next_steps", patient_id=patient_id)
    steps = steps_of(seen.state, seen.as_of, house.protocols, recommendations=house.settings.recommendations)
    return Answer(
        200, answers.to_json(answers.page([answers.next_step_shape(step) for step in steps])), seen.row.version
    )
