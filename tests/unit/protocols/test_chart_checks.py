"""The chart has no state that nobody can reach or leave, and the check would see one."""

from dataclasses import replace

from workflow.domain.chart import STATES, TRANSITIONS, Transition
from workflow.protocols.checks.chart import chart_problems


def test_the_chart_of_the_house_is_sound() -> None:
    assert chart_problems() == []


def test_a_state_nobody_can_reach_is_named() -> None:
    without = [arrow for arrow in TRANSITIONS if arrow.fact != "maintenance_started"]

    assert "no facts lead from registered to the state maintenance" in chart_problems(without)


def test_coming_back_to_a_state_does_not_count_as_reaching_it() -> None:
    returns = [arrow for arrow in TRANSITIONS if arrow.fact == "care_resumed" and arrow.dest == "follow_up"]
    without = [arrow for arrow in TRANSITIONS if arrow.fact != "maintenance_completed"]

    assert returns
    assert "no facts lead from registered to the state follow_up" in chart_problems(without)


def test_a_state_that_only_death_or_loss_leaves_is_a_dead_end() -> None:
    without = [
        arrow
        for arrow in TRANSITIONS
        if arrow.source != "hsct.transplanted" or arrow.fact in {"died", "lost_to_follow_up", "withdrawn"}
    ]

    assert chart_problems(without) == ["the state hsct.transplanted has no way out"]


def test_a_way_out_of_a_terminal_state_is_named() -> None:
    raised = [*TRANSITIONS, Transition(fact="care_resumed", source="deceased", dest="follow_up")]

    assert chart_problems(raised) == ["the terminal state deceased has a way out"]


def test_names_that_do_not_exist_are_found() -> None:
    wrong = [*TRANSITIONS, replace(TRANSITIONS[0], dest="second_relaps"), replace(TRANSITIONS[0], fact="relapsed")]

    assert chart_problems(wrong) == [
        "relapse_diagnosed names the state second_relaps, which the chart does not list",
        "relapsed is not a fact type, yet leads from registered to second_relapse",
    ]


def test_a_state_added_without_arrows_is_found_twice() -> None:
    assert chart_problems(states={**STATES, "watching": "waiting"}) == [
        "no facts lead from registered to the state watching",
        "the state watching has no way out",
    ]
