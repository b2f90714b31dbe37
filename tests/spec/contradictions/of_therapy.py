"""Examples of block intervals and local therapy."""

from datetime import date
from typing import Any

from tests.facts import OVERRIDE, a_relapsed_patient, a_running_block, after_relapse
from tests.spec.contradictions.example import Example
from workflow.domain.facts.treatment import LocalTherapyGiven
from workflow.protocols.files.vocabulary import DOSE_UNITS
from workflow.protocols.library import shipped
from workflow.protocols.model import WindowRule

STARTED_ON = after_relapse(3)


def verdict_after(days: int) -> str | None:
    """Return the verdict on a second block that starts so many days after the first."""
    file = a_running_block(STARTED_ON)
    file.add("block_completed", after_relapse(8))
    file.add("block_started", after_relapse(3 + days), element="R2", override=OVERRIDE if days < 14 else None)
    interval = next(window for window in file.state.windows if window.id == "1:TR-001:f4")
    return interval.verdict(file.today)


def recorded(on: date, /, **data: Any) -> LocalTherapyGiven:  # noqa: ANN401 -- whatever a test writes
    """Return local therapy as the program keeps it."""
    file = a_relapsed_patient()
    fact = file.add("local_therapy_given", on, **data).fact
    assert isinstance(fact.data, LocalTherapyGiven)
    return fact.data


def dose_kept(target: str, **dose: float) -> float | None:
    """Return the dose that is kept of an irradiation."""
    return recorded(after_relapse(200), target=target, kind="irradiation", **dose).dose_gy


def local_therapy_after_maintenance() -> tuple[str, str]:
    """Return how a course stands before and after irradiation that was given in follow-up."""
    file = a_relapsed_patient()
    file.add("block_started", after_relapse(1), element="R1")
    file.add("block_completed", after_relapse(6))
    file.add("response_assessed", after_relapse(20), marrow_blasts_percent=1, peripheral_blasts=False, final=True)
    file.add("consolidation_decided", after_relapse(21), decision="chemotherapy")
    file.add("intensive_chemotherapy_completed", after_relapse(100))
    file.add("maintenance_started", after_relapse(101))
    file.add("maintenance_completed", after_relapse(400))
    before = file.state.state
    file.add("local_therapy_given", after_relapse(410), target="cns", kind="irradiation", dose_gy=18)
    return before, file.state.state


def local_therapy_windows() -> dict[str, WindowRule]:
    """Return the windows that wait for local therapy, of the newest version of each protocol that has one."""
    newest = {protocol.id: protocol for protocol in shipped().versions}
    return {
        name: window
        for name, protocol in newest.items()
        for window in protocol.windows
        if any("local_therapy_given" in expected.facts for expected in window.expects)
    }


def awaiting_local_therapy() -> dict[str, bool]:
    """Return the protocols that await local therapy, and whether only where it is indicated."""
    return {name: window.local_therapy_indicated for name, window in local_therapy_windows().items()}


THERAPY = (
    Example(
        of="C41",
        says="start to start, 14 to 21 days are on time, 21 included",
        shown=lambda: tuple(verdict_after(days) for days in (13, 14, 21)),
        expected=("early", "on_time", "on_time"),
        otherwise=("early", "on_time", "late"),
    ),
    Example(
        of="C41",
        says="22 to 25 days are late, and critical begins with 26, the first day of more than 25",
        shown=lambda: tuple(verdict_after(days) for days in (22, 25, 26)),
        expected=("late", "late", "critical"),
        otherwise=("critical", "critical", "critical"),
    ),
    Example(
        of="C48",
        says="the dose to the testes is kept as given, 24, 18 or 15 Gy, and none where none was stated",
        shown=lambda: (*(dose_kept("testis", dose_gy=dose) for dose in (24, 18, 15)), dose_kept("testis")),
        expected=(24, 18, 15, None),
        otherwise=(24, 24, 24, 24),
    ),
    Example(
        of="C48",
        says="surgery is local therapy as well, and has no dose",
        shown=lambda: recorded(after_relapse(30), target="testis_left", kind="orchidectomy").dose_gy,
        expected=None,
        otherwise=24,
    ),
    Example(
        of="C49",
        says="the dose to the CNS is kept as given, and none where none was stated: there is no default",
        shown=lambda: (*(dose_kept("cns", dose_gy=dose) for dose in (24, 18, 15)), dose_kept("cns")),
        expected=(24, 18, 15, None),
        otherwise=(24, 24, 24, 24),
    ),
    Example(
        of="C49",
        says="irradiation is recorded after maintenance as well",
        shown=local_therapy_after_maintenance,
        expected=("follow_up", "follow_up"),
        otherwise=("follow_up", "local_therapy"),
    ),
    Example(
        of="C48",
        says="local therapy is awaited under the protocols of ALL-REZ BFM, where it is indicated, and under no other",
        shown=awaiting_local_therapy,
        expected={"all-rez-bfm-90": True, "all-rez-bfm-95": True, "all-rez-bfm-2002": True},
        otherwise={"all-rez-bfm-90": False, "all-rez-bfm-95": False, "all-rez-bfm-2002": False, "ukall-r3": False},
    ),
    Example(
        of="C49",
        says="the wait for it has no latest day, and the start of maintenance does not end it: it may come after that",
        shown=lambda: tuple(
            (window.latest_days, window.critical_days, "maintenance_started" in window.closed_by)
            for window in local_therapy_windows().values()
        ),
        expected=((None, None, False),) * 3,
        otherwise=((None, None, True),) * 3,
    ),
    Example(
        of="C49",
        says="no protocol can state a dose of irradiation that the program could propose: no dose is in grays",
        shown=lambda: [unit for unit in DOSE_UNITS if "gy" in unit.casefold()],
        expected=[],
        otherwise=["Gy"],
    ),
)
