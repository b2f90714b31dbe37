"""Chance of a simulation: what is drawn lies within its bounds, and nothing but the promised method is asked."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as some

from workflow.simulation.chance import Chance

bounds = some.tuples(some.integers(-1000, 1000), some.integers(0, 1000)).map(lambda pair: (pair[0], sum(pair)))
seeds = some.integers(min_value=0)


class Fixed:
    """A source that answers the same number for ever, and has no other method."""

    def __init__(self, number: float) -> None:
        self.number = number

    def random(self) -> float:
        return self.number


LEAST, MOST = Chance(Fixed(0.0)), Chance(Fixed(1 - 2**-53))


@given(within=bounds, seed=seeds)
def test_a_number_lies_between_its_bounds(within: tuple[int, int], seed: int) -> None:
    least, most = within
    assert least <= Chance(Random(seed)).between(within) <= most
    assert LEAST.between(within) == least
    assert MOST.between(within) == most


@pytest.mark.parametrize(("chance", "drawn"), [(LEAST, "a"), (MOST, "c")])
def test_the_ends_of_the_source_are_the_first_and_the_last_thing(chance: Chance, drawn: str) -> None:
    assert chance.one_of("abc") == drawn
    assert chance.weighted({"a": 0.2, "b": 0.3, "c": 0.5}) == drawn


def test_what_never_happens_and_what_always_does() -> None:
    assert not LEAST.happens(0)
    assert MOST.happens(1)


def test_things_come_as_often_as_their_shares_say() -> None:
    chance = Chance(Random(1))
    counted = Counter(chance.weighted({"often": 0.75, "seldom": 0.25}) for _ in range(4000))
    assert 2900 < counted["often"] < 3100


@given(things=some.lists(some.integers()), seed=seeds)
def test_shuffling_keeps_everything(things: list[int], seed: int) -> None:
    assert Counter(Chance(Random(seed)).shuffled(things)) == Counter(things)
