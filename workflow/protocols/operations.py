"""What a ward waits for under every protocol: rules of daily work, for which no source states a number of days."""

from hashlib import sha256

from workflow.domain.windows import DECISION, MRD_RESULT
from workflow.protocols.model import Expectation, Protocol, Protocols, WindowRule

_NO_NUMBER = "The sources state no number of days."

WINDOWS = (
    WindowRule(
        rule=MRD_RESULT,
        label="MRD result",
        source="operational: a sample was taken and its result is awaited",
        anchor="mrd_sampled",
        expects=(Expectation(facts=("mrd_reported", "mrd_not_available")),),
        boundary="Calendar dates at the patient's site, counted from the day of the sample.",
        note=f"{_NO_NUMBER} A site sets its own (mrd_result_days); without it nothing reminds of a missing result.",
    ),
    WindowRule(
        rule=DECISION,
        label="Consolidation decision",
        source="operational: the final assessment and the MRD results awaited are in, so the course waits",
        anchor="response_assessed",
        expects=(Expectation(facts=("consolidation_decided",)),),
        target_days=0,
        closed_by=("block_started", "reinduction_failed"),
        boundary="The day on which the last thing came in that the decision waited for.",
        note=_NO_NUMBER,
    ),
)
OPERATIONS = Protocol(
    id="operations",
    version="1",
    title="Daily work",
    scope="every course, whatever its protocol",
    elements=(),
    windows=WINDOWS,
    mrd_points=(),
    without_window={},
    citations={},
    not_stated=("how long an MRD result may take", "how long a decision may take"),
    silent_after_days=7,
    sha256=sha256(repr(WINDOWS).encode()).hexdigest(),
    body="",
)


def protocol_of(ref: str, protocols: Protocols) -> Protocol | None:
    """Return what a window's `protocol` (id@version) names: daily work, or one of the protocols at hand."""
    return OPERATIONS if ref == OPERATIONS.ref else protocols.named(ref)
