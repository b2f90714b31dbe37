"""What samples of cerebrospinal fluid prove: the one rule of CNS involvement, and its variant of two samples."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from workflow.domain.calendar import MINUS
from workflow.domain.facts.findings import Csf
from workflow.knowledge.wording import written

# 002, Table 2: at least 5 leucocytes/µl with blasts, and no more than 20 erythrocytes/µl.
CSF_LEUCOCYTES_PER_UL = 5
CSF_ERYTHROCYTES_PER_UL = 20
# 002, Table 2 note 1 [38,40]; TR-033: hours between the instants of two samples, not days.
SECOND_SAMPLE_AFTER = timedelta(hours=24)

CsfState = Literal["positive", "unconfirmed", "few_cells", "not_evaluable", "incomplete", "negative", "not_recorded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CsfReading:
    """What the CSF says, and the sentence with its numbers.

    `unconfirmed`: positive, where the protocol asks for a second sample. `few_cells`: blasts among fewer than 5 cells.
    `incomplete`: something was not recorded that decides; `missing` names it.
    """

    state: CsfState
    text: str
    missing: tuple[str, ...] = ()


def read_csf(latest: Csf | None, earlier: Sequence[Csf] = (), *, second_sample: bool) -> CsfReading:
    """Return what the samples of one relapse prove (002, Table 2; contradictions C15, C16).

    One positive sample proves, whatever comes after it; otherwise the last one speaks. With `second_sample` only
    positive samples with no other between them prove, the last at least 24 hours after the first.
    """
    samples = _in_order((*earlier, *((latest,) if latest else ())))
    if not samples:
        return CsfReading(state="not_recorded", text="no CSF on record")
    positive = [sample for sample in samples if state_of_sample(sample) == "positive"]
    if not positive:
        last = samples[-1]
        return CsfReading(state=state_of_sample(last), text=sample_text(last), missing=_not_recorded(last))
    if not second_sample:
        return CsfReading(state="positive", text=sample_text(positive[-1]))
    confirmed, interval = _confirmation(samples)
    return CsfReading(state="positive" if confirmed else "unconfirmed", text=f"{sample_text(positive[-1])}; {interval}")


def state_of_sample(csf: Csf) -> CsfState:
    """Return what one sample says by itself."""
    if csf.rbc_per_ul is not None and csf.rbc_per_ul > CSF_ERYTHROCYTES_PER_UL:
        return "not_evaluable"
    if csf.blasts is None or csf.wbc_per_ul is None:
        return "incomplete"
    if not csf.blasts:
        return "negative"
    if csf.wbc_per_ul < CSF_LEUCOCYTES_PER_UL:
        return "few_cells"
    return "incomplete" if csf.rbc_per_ul is None else "positive"


def sample_text(csf: Csf) -> str:
    """Return one sample beside its limits: `CSF: 6 ≥ 5 cells/µl, blasts seen, 3 ≤ 20 erythrocytes/µl`."""
    cells, erythrocytes = "cells not recorded", "erythrocytes not recorded"
    if csf.wbc_per_ul is not None:
        relation = "<" if csf.wbc_per_ul < CSF_LEUCOCYTES_PER_UL else "≥"
        cells = f"{written(csf.wbc_per_ul)} {relation} {CSF_LEUCOCYTES_PER_UL} cells/µl"
    if csf.rbc_per_ul is not None:
        relation = ">" if csf.rbc_per_ul > CSF_ERYTHROCYTES_PER_UL else "≤"
        erythrocytes = f"{written(csf.rbc_per_ul)} {relation} {CSF_ERYTHROCYTES_PER_UL} erythrocytes/µl"
    blasts = {True: "blasts seen", False: "no blasts", None: "blasts not recorded"}[csf.blasts]
    return f"CSF: {cells}, {blasts}, {erythrocytes}"


def _not_recorded(csf: Csf) -> tuple[str, ...]:
    return tuple(name for name in ("wbc_per_ul", "blasts", "rbc_per_ul") if getattr(csf, name) is None)


def _in_order(samples: tuple[Csf, ...]) -> tuple[Csf, ...]:
    timed = [(sample.sampled_at, sample) for sample in samples if sample.sampled_at is not None]
    if len(timed) < len(samples):
        return samples
    return tuple(sample for _instant, sample in sorted(timed, key=lambda one: one[0]))


def _confirmation(samples: Sequence[Csf]) -> tuple[bool, str]:
    run: list[datetime] = []
    last_run: list[datetime] = []
    for sample in samples:
        if state_of_sample(sample) != "positive" or sample.sampled_at is None:
            run = []
            continue
        run = [*run, sample.sampled_at]
        last_run = run
        if run[-1] - run[0] >= SECOND_SAMPLE_AFTER:
            return True, f"{_apart(run[0], run[-1])} ≥ 24 h"
    if len(last_run) > 1:
        return False, f"{_apart(last_run[0], last_run[-1])} < 24 h"
    if any(sample.sampled_at is None for sample in samples):
        return False, "the time of a sample is not recorded, so the hours between samples cannot be counted"
    return False, "no second positive sample follows it"


def _apart(first: datetime, second: datetime) -> str:
    minutes = int((second - first).total_seconds() // 60)
    return f"{_instant(second)} {MINUS} {_instant(first)} = {minutes // 60} h {minutes % 60} min"


def _instant(instant: datetime) -> str:
    return instant.isoformat(timespec="minutes")
