"""Files MRD results to the course that their sample belongs to, and asks where a time point does not fit the blocks."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from workflow.domain.facts.fact import Fact, fact_id
from workflow.domain.facts.response import MrdNotAvailable, MrdReported
from workflow.domain.patient import Block, Course, MrdOnFile, PatientState

# The time points that name the end of the n-th block of an attempt; BFM counts two induction courses (002, MRD [31]).
_AFTER_BLOCK = {"END_BLOCK_1": 1, "END_BLOCK_2": 2, "END_BLOCK_3": 3, "AFTER_INDUCTION_COURSE_2": 2}
_AFTER_START = ("END_INDUCTION", "WEEK_5", "WEEK_12", "PRE_HSCT")
_AFTER_INDUCTION = ("consolidation", "bridging")
_ORDINALS = {1: "first", 2: "second", 3: "third"}
# Ends that somebody recorded; what cut a block off says nothing of the day on which it ended.
_RECORDED_ENDS = ("completed", "ceased")


def course_of(state: PatientState, sample_on: date) -> Course | None:
    """Return the course that was under way on the day of a sample: from its relapse to the next; None before all."""
    begun = [course for course in state.courses if course.relapse_on <= sample_on]
    return begun[-1] if begun else None


def course_of_fact(state: PatientState, fact: Fact) -> Course | None:
    """Return the course of the sample that a result speaks of; of every other fact the one that it falls in."""
    return course_of(state, fact.data.sample_on) if isinstance(fact.data, MrdReported) else state.course


def filed(state: PatientState, fact: Fact) -> PatientState:
    """Return the patient with a result, or the lack of one, in its course; a sample before all courses is in none.

    A result in doubt is filed, waits for a clinician, and is used for nothing until then.
    """
    course = course_of_fact(state, fact)
    if course is None:
        return state
    if isinstance(fact.data, MrdNotAvailable):
        points = dict.fromkeys((*course.mrd_not_available, fact.data.timepoint))
        return _with(state, replace(course, mrd_not_available=tuple(points)))
    if not isinstance(fact.data, MrdReported):
        return state
    doubt = doubt_of(course, fact.data.timepoint, fact.data.sample_on)
    result = MrdOnFile(fact=fact.lineage, version=fact.seq, result=fact.data, doubt=doubt)
    after = _with(state, replace(course, mrd=(*course.mrd, result)))
    return after if doubt is None else replace(after, unconfirmed=(*state.unconfirmed, fact.lineage))


def judged_anew(before: PatientState, after: PatientState) -> PatientState:
    """Return the patient with the results of a course held against its blocks again, where these have changed.

    A doubt that goes away waits for nobody any more, a new one does; what a clinician has confirmed stays as it is.
    """
    was = before.course
    if was is None or not was.mrd:
        return after
    course = next(known for known in after.courses if known.number == was.number)
    if course.blocks is was.blocks:
        return after
    results = tuple(_held_against(course, known) for known in course.mrd)
    if results == course.mrd:
        return after
    doubted, doubtful = _in_doubt(course.mrd), _in_doubt(results)
    waiting = [fact for fact in after.unconfirmed if fact not in doubted or fact in doubtful]
    unconfirmed = tuple(dict.fromkeys((*waiting, *doubtful)))
    return replace(_with(after, replace(course, mrd=results)), unconfirmed=unconfirmed)


def _held_against(course: Course, known: MrdOnFile) -> MrdOnFile:
    if known.confirmed:
        return known
    return replace(known, doubt=doubt_of(course, known.result.timepoint, known.result.sample_on))


def _in_doubt(results: tuple[MrdOnFile, ...]) -> tuple[int, ...]:
    return tuple(known.fact for known in results if known.doubt is not None)


def results_that_count(course: Course) -> tuple[MrdReported, ...]:
    """Return the results by which a course may be judged: without doubt, and of its present attempt.

    What was measured before the treatment began, or in an attempt that failed, says nothing of how this one works.
    """
    return tuple(
        known.result
        for known in course.mrd
        if known.doubt is None
        and _attempt_of(course, known.result.sample_on) == course.attempt
        and not (known.result.timepoint == "OTHER" and _started(course, known.result.sample_on) == [])
    )


def _attempt_of(course: Course, sample_on: date) -> int:
    started = _started(course, sample_on)
    return started[-1].attempt if started else 1


def _started(course: Course, sample_on: date) -> list[Block]:
    """Return the blocks begun before a sample; one of the day of a start is taken to come before it (contract §4)."""
    return [block for block in course.blocks if block.started_on < sample_on]


def put_right_since(state: PatientState, fact: str, seq: int) -> bool:
    """Whether a result was corrected after a confirmation, the fact `seq`: then nobody confirmed what stands now."""
    return any(
        known.version != known.fact and known.version > seq
        for course in state.courses
        for known in course.mrd
        if _is(known, fact)
    )


def confirmed(state: PatientState, fact: str) -> PatientState:
    """Return the patient after a clinician has confirmed a fact, by its id: a result in doubt counts from then on."""
    for course in state.courses:
        if any(_is(known, fact) for known in course.mrd):
            results = tuple(_as_confirmed(known) if _is(known, fact) else known for known in course.mrd)
            return _with(state, replace(course, mrd=results))
    return state


def _as_confirmed(known: MrdOnFile) -> MrdOnFile:
    return replace(known, doubt=None, confirmed=True)


def _is(known: MrdOnFile, fact: str) -> bool:
    return fact_id(known.fact) == fact


def is_on_file(state: PatientState, timepoint: str, sample_on: date) -> bool:
    """Whether a result of this time point and day is on file in the course of its sample."""
    course = course_of(state, sample_on)
    samples = {(known.result.timepoint, known.result.sample_on) for known in course.mrd} if course else set()
    return (timepoint, sample_on) in samples


def doubt_of(course: Course, timepoint: str, sample_on: date) -> str | None:
    """Return why a sample of this day cannot be of this time point, as far as blocks are on file; None where it can.

    The sources state no day for any of these samples: the blocks alone say what fits. The n-th block of an attempt
    ends on or before the sample, where its end is on file, and the next block starts on it or later. Induction has
    ended where no block runs, and none after induction has started.
    """
    nth = _AFTER_BLOCK.get(timepoint)
    if nth is not None:
        return _doubt_after_block(course, nth, sample_on)
    if timepoint not in _AFTER_START:
        return None
    if not course.blocks:
        return f"no block of course {course.number} is on file"
    first = course.blocks[0]
    if sample_on <= first.started_on:
        return f"the sample of {sample_on} was not taken after the first start, {first.element} of {first.started_on}"
    if timepoint == "PRE_HSCT" and course.transplanted_on is not None and sample_on > course.transplanted_on:
        return f"the sample of {sample_on} was taken after the transplant of {course.transplanted_on}"
    return _doubt_at_end_of_induction(course, sample_on) if timepoint == "END_INDUCTION" else None


def _doubt_at_end_of_induction(course: Course, sample_on: date) -> str | None:
    started = _started(course, sample_on)
    for block in started:
        doubt = _doubt_of_end(block, sample_on)
        if doubt is not None:
            return doubt
    later = (block for block in started if block.attempt == started[-1].attempt and block.phase in _AFTER_INDUCTION)
    return next((_taken_after_start(block, sample_on) for block in later), None)


def _doubt_after_block(course: Course, nth: int, sample_on: date) -> str | None:
    doubts = [_doubt_about(block, following, sample_on) for block, following in _nth_blocks(course, nth)]
    if not doubts:
        return f"no attempt of course {course.number} has a {_ORDINALS[nth]} block on file"
    return None if None in doubts else doubts[-1]


def _nth_blocks(course: Course, nth: int) -> Iterator[tuple[Block, Block | None]]:
    """Yield the n-th block of every attempt with the block that follows it in the course."""
    counted: dict[int, int] = {}
    for block, following in zip(course.blocks, (*course.blocks[1:], None), strict=False):
        counted[block.attempt] = counted.get(block.attempt, 0) + 1
        if counted[block.attempt] == nth:
            yield block, following


def _doubt_about(block: Block, following: Block | None, sample_on: date) -> str | None:
    if block.ended not in _RECORDED_ENDS and sample_on <= block.started_on:
        return f"the sample of {sample_on} was not taken after the start of {_named(block)}"
    doubt = _doubt_of_end(block, sample_on)
    if doubt is None and following is not None and sample_on > following.started_on:
        return _taken_after_start(following, sample_on)
    return doubt


def _doubt_of_end(block: Block, sample_on: date) -> str | None:
    """Return why a block was not over when the sample was taken; None where it was, or where nobody can say."""
    if block.ended_on is None:
        return f"{_named(block)} is still running; its end is not on file"
    if block.ended in _RECORDED_ENDS and sample_on < block.ended_on:
        return f"the sample of {sample_on} was taken before {_named(block)} ended on {block.ended_on}"
    return None


def _taken_after_start(block: Block, sample_on: date) -> str:
    return f"the sample of {sample_on} was taken after {_named(block)} had started"


def _named(block: Block) -> str:
    return f"{block.element} of {block.started_on}"


def _with(state: PatientState, course: Course) -> PatientState:
    if state.course is not None and state.course.number == course.number:
        return replace(state, course=course)
    ended = tuple(course if known.number == course.number else known for known in state.ended_courses)
    return replace(state, ended_courses=ended)
