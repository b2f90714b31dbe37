"""What is said with findings: under treatment they classify no relapse, before it they may replace what is on file."""

from collections.abc import Iterator

from workflow.domain.facts.fact import FactDraft
from workflow.domain.facts.findings import Csf, Findings, RecordedFindings
from workflow.domain.patient import PatientState
from workflow.knowledge.wording import written
from workflow.protocols.model import Protocols
from workflow.rules.effects import found_under_treatment
from workflow.rules.judgement import Caution

_NOT_RECORDED = "not recorded"


def findings_after_start(before: PatientState, draft: FactDraft, _protocols: Protocols) -> Iterator[Caution]:
    """Yield that findings of a day under treatment leave the class of the relapse as it is."""
    course = before.course
    if not isinstance(draft.data, RecordedFindings) or course is None or not found_under_treatment(course, draft):
        return
    yield Caution(
        "findings_after_start",
        f"Treatment began on {course.treated_from}, so the relapse's class stays as it is. Date the fact on the day of "
        "the examination if that was before; a control marrow belongs in response_assessed; correct the relapse's "
        "findings if they were wrong.",
    )


def findings_replaced(before: PatientState, draft: FactDraft, _protocols: Protocols) -> Iterator[Caution]:
    """Yield which parts of the relapse's findings get another value by a work-up that goes on."""
    course = before.course
    if not isinstance(draft.data, RecordedFindings) or course is None or course.findings is None:
        return
    replaced = () if found_under_treatment(course, draft) else tuple(_replaced(course.findings, draft.data))
    if replaced:
        yield Caution("findings_replaced", f"Findings of this relapse are replaced: {', '.join(replaced)}.")


def _replaced(known: Findings, later: Findings) -> Iterator[str]:
    carried = later.model_fields_set - ({"csf"} if _another_sample(known.csf, later.csf) else set())
    values = _parts(later)
    for name, value in _parts(known).items():
        new = values.get(name, _NOT_RECORDED)
        if name.partition(".")[0] in carried and new != value:
            yield f"{name} {value} → {new}"


def _another_sample(known: Csf | None, later: Csf | None) -> bool:
    """Whether two instants tell two samples: the earlier one is kept beside the later one."""
    if known is None or later is None or None in {known.sampled_at, later.sampled_at}:
        return False
    return known.sampled_at != later.sampled_at


def _parts(findings: Findings) -> dict[str, str]:
    """Return what was recorded, part by part in words: `csf.wbc_per_ul` 5, `testis.left` normal."""
    parts: dict[str, str] = {}
    for name, value in findings.model_dump(mode="json", exclude_unset=True).items():
        if isinstance(value, dict):
            parts |= {f"{name}.{part}": _in_words(inner) for part, inner in value.items()}
        else:
            parts[name] = _in_words(value)
    return parts


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return " and ".join(" ".join(each.values()) for each in value)
    return written(value) if isinstance(value, float) else str(value)
