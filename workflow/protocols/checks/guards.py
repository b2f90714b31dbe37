"""Whether a way leads on from every state whatever the guards say, with every gate shut that can be shut there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from workflow.domain.chart import INITIAL, STATES, SUSPENDED, TERMINAL, TRANSITIONS, Transition
from workflow.protocols.checks.chart import LEAVING_LIFE_OR_CARE, RETURNS, returns

# Where a course has come to rest: treatment with its aim reached, or on its way to no further decision.
SETTLED = ("hsct.transplanted", "maintenance", "follow_up")
AWAITS = "awaits:"
GIVING_UP = "palliative"
RELAPSE = "relapse_diagnosed"
# Guards that ask the patient; every other one asks what the fact says, and a fact may say anything.
OF_THE_PATIENT = ("has_course", "assessment_not_final", "intensive_completed", "local_therapy_indicated")


@dataclass(frozen=True, slots=True, kw_only=True)
class GateOnFacts:
    """A gate as the chart sees it: which facts it refuses, and which facts open it.

    `opens_itself` says why it needs no key: time passes, or the fact says something else. Without its `guard` it is
    never shut.
    """

    code: str
    refuses: str
    keys: tuple[str, ...] = ()
    opens_itself: str | None = None
    guard: str | None = None


GATES_ON_FACTS = (
    GateOnFacts(code="too_early", refuses="block_started", opens_itself="the day comes"),
    GateOnFacts(code="cap_reached", refuses="block_started", keys=("protocol_chosen",)),
    GateOnFacts(code="individual_decision_needed", refuses="block_started", keys=("block_decision",)),
    GateOnFacts(code="mrd_needed", refuses="consolidation_decided", keys=("mrd_reported", "mrd_not_available")),
    GateOnFacts(code="against_strategy", refuses="consolidation_decided", opens_itself="another decision passes"),
    GateOnFacts(
        code="relapse_without_remission",
        refuses=RELAPSE,
        keys=("response_assessed",),
        guard="has_course",
    ),
)
# Whether each guard of the patient holds, by its name as an arrow writes it.
Holds = Mapping[str, bool]


def guard_problems(
    transitions: Sequence[Transition] = TRANSITIONS,
    states: Mapping[str, str] = STATES,
    gates: Sequence[GateOnFacts] = GATES_ON_FACTS,
    *,
    terminal: Sequence[str] = TERMINAL,
) -> list[str]:
    """Return each state in which some combination of guards and shut gates leaves no way on, and how one gets there.

    A way on ends in transplantation, maintenance or follow-up: dying, leaving care, giving up and another relapse are
    none. A gate is taken to be shut wherever its fact is possible, unless a fact that opens it can be recorded there.
    """
    chart = _Chart(transitions, gates)
    safe = set(SETTLED) | set(terminal)
    while more := {state for state in states if state not in safe and not chart.trapped(state, safe)}:
        safe |= more
    return [chart.told(state, safe) for state in states if state not in safe]


class _Chart:
    """The arrows by state, asked under guards and gates."""

    def __init__(self, transitions: Sequence[Transition], gates: Sequence[GateOnFacts]) -> None:
        self.transitions = transitions
        self.gates = gates
        self.arrows: dict[str, list[Transition]] = {}
        for arrow in transitions:
            self.arrows.setdefault(arrow.source, []).append(arrow)
        self.without_course = self._reached_without_a_course()

    def trapped(self, state: str, safe: set[str]) -> Holds | None:
        """Return guards under which no fact leads from here to a safe state, or None where there are none."""
        return next((holds for holds in self._guards(state) if not self._ways(state, holds) & safe), None)

    def told(self, state: str, safe: set[str]) -> str:
        """Return in one sentence how a patient is trapped in a state."""
        holds = self.trapped(state, safe) or {}
        said = ", ".join(
            name if so else f"not {name}" for name, so in holds.items() if so or not name.startswith((AWAITS, RETURNS))
        )
        shut = self._shut(state, holds)
        here = self._facts(state)
        refused = ", ".join(
            f"{gate.code} refuses {gate.refuses}" for gate in self.gates if gate.code in shut and gate.refuses in here
        )
        path = " → ".join(self._path_to(state))
        return (
            f"{state} is a trap{f' where {said}' if said else ''}: {f'{refused}, and ' if refused else ''}no way leads "
            f"on to {', '.join(SETTLED)}; one gets there by {path}"
        )

    def _ways(self, state: str, holds: Holds) -> set[str]:
        """Return the states that the facts lead to which are possible here and which no gate refuses."""
        refused = {gate.refuses for gate in self.gates if gate.code in self._shut(state, holds)}
        return {
            dest
            for fact in self._facts(state)
            if fact not in refused
            and fact not in LEAVING_LIFE_OR_CARE
            and not (fact == RELAPSE and holds.get("has_course"))
            for dest in self._destinations(state, fact, holds)
            if dest != state and (dest != GIVING_UP or state in SUSPENDED)
        }

    def _shut(self, state: str, holds: Holds) -> set[str]:
        """Return the gates that no fact possible here opens."""
        return {
            gate.code
            for gate in self.gates
            if gate.opens_itself is None
            and (gate.guard is None or holds.get(gate.guard, True))
            and not any(self._destinations(state, key, holds) for key in gate.keys)
        }

    def _facts(self, state: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(arrow.fact for arrow in self.arrows.get(state, ())))

    def _destinations(self, state: str, fact: str, holds: Holds) -> set[str]:
        """Return where a fact can lead to, depending only on what it says; the first arrow that holds is taken."""
        found: set[str] = set()
        for arrow in self.arrows.get(state, ()):
            if arrow.fact == fact and all(holds.get(guard, True) for guard in arrow.when):
                found.add(arrow.dest)
                if all(guard in holds for guard in arrow.when):
                    break
        return found

    def _guards(self, state: str) -> Iterator[Holds]:
        """Yield every combination of the patient's guards that arrows from a state ask, and that can be."""
        asked = {guard for arrow in self.arrows.get(state, ()) for guard in arrow.when}
        flags = sorted(asked & set(OF_THE_PATIENT))
        values = [self._values(state, flag) for flag in flags]
        awaited = [guard for guard in sorted(asked) if guard.startswith(AWAITS)]
        # Suspended and palliative patients were somewhere before; of all others nothing asks where.
        been = [guard for guard in sorted(asked) if guard.startswith(RETURNS) and self._came_from(state, guard)]
        for chosen, waits, was in product(product(*values), (None, *awaited), been or (None,)):
            one_of = {guard: guard in {waits, was} for guard in sorted(asked) if guard.startswith((AWAITS, RETURNS))}
            yield dict(zip(flags, chosen, strict=True)) | one_of

    def _values(self, state: str, flag: str) -> tuple[bool, ...]:
        """Return what a guard can say in a state: a course begins with the first relapse, and never ends."""
        if flag != "has_course":
            return (True, False)
        if state == INITIAL:
            return (False,)
        return (True, False) if state in self.without_course else (True,)

    def _came_from(self, state: str, guard: str) -> bool:
        """Whether a state can be come to from the one that a guard names.

        Who was lost while palliative, or palliative while lost, comes back to what was before both in the end.
        """
        source = guard.removeprefix(RETURNS)
        return source not in (*SUSPENDED, GIVING_UP) and any(
            arrow.dest == state and not returns(arrow) for arrow in self.arrows.get(source, ())
        )

    def _reached_without_a_course(self) -> set[str]:
        reached, frontier = {INITIAL}, {INITIAL}
        while frontier:
            onward = {
                arrow.dest
                for arrow in self.transitions
                if arrow.source in frontier
                and arrow.fact != RELAPSE
                and "has_course" not in arrow.when
                and not returns(arrow)
            }
            frontier = onward - reached
            reached |= frontier
        return reached

    def _path_to(self, state: str) -> tuple[str, ...]:
        """Return the fewest facts that lead to a state, whatever the guards say."""
        paths: dict[str, tuple[str, ...]] = {INITIAL: ()}
        frontier = [INITIAL]
        while frontier and state not in paths:
            here = frontier.pop(0)
            for arrow in self.arrows.get(here, ()):
                if arrow.dest not in paths and not returns(arrow):
                    paths[arrow.dest] = (*paths[here], arrow.fact)
                    frontier.append(arrow.dest)
        return paths.get(state, ()) or ("no fact",)
