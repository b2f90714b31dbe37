"""Whatever was recorded or put right is possible where it stands, and has what its gates ask for."""

from collections.abc import Sequence
from dataclasses import replace

from tests.facts import TODAY
from tests.integration.corrections.reference import Entry, ReferenceFile
from workflow.domain.errors import Refusal
from workflow.domain.facts.types import REGISTRATION
from workflow.domain.roles import Role
from workflow.rules.correct import as_draft
from workflow.rules.fold import replay
from workflow.rules.gates import pass_gates
from workflow.rules.impossible import impossible
from workflow.rules.judgement import Circumstances


def require_possible(file: ReferenceFile, new: Sequence[Entry]) -> None:
    """Fail unless each of the newest entries of a file passes, judged where it stands now."""
    given = Circumstances(role=Role.ADMIN, today=TODAY, protocols=file.protocols)
    before = {moment.fact.seq: moment.before for moment in replay(file.standing(), file.protocols)}
    for entry in new:
        if entry.operation == "void" or entry.fact.type == REGISTRATION:
            continue
        draft = replace(as_draft(entry.fact), override=entry.fact.override)
        assert impossible(before[entry.fact.seq], draft, given) is None
        assert not isinstance(pass_gates(before[entry.fact.seq], draft, given), Refusal)
