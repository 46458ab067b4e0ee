"""Numbers handed out from a range: never twice, the lowest free first."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from cloudlab.errors import Conflict, InsufficientCapacity, InvalidParameter
from cloudlab.state import NumberPool

FIRST, LAST = 5, 8
NUMBERS = st.integers(FIRST, LAST)
HOLDERS = st.integers(1, 3)


class Numbers(RuleBasedStateMachine):
    """A pool beside a plain dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = NumberPool("range", FIRST, LAST)
        self.held: dict[int, int] = {}

    @precondition(lambda self: len(self.held) < LAST - FIRST + 1)
    @rule(holder=HOLDERS)
    def take(self, holder: int) -> None:
        """The lowest free number goes first, whatever happened before."""
        lowest = min(set(range(FIRST, LAST + 1)) - self.held.keys())
        assert self.pool.take(holder) == lowest
        self.held[lowest] = holder

    @precondition(lambda self: len(self.held) == LAST - FIRST + 1)
    @rule()
    def take_from_nothing(self) -> None:
        """An empty pool says so."""
        with pytest.raises(InsufficientCapacity, match="range: all 4 are in use"):
            self.pool.take(1)

    @rule(number=NUMBERS, holder=HOLDERS)
    def take_exactly(self, number: int, holder: int) -> None:
        """A number that somebody holds is refused, any other is given."""
        if number in self.held:
            with pytest.raises(Conflict, match=f"range: {number} is already in use"):
                self.pool.take_exactly(number, holder)
        else:
            assert self.pool.take_exactly(number, holder) == number
            self.held[number] = holder

    @rule(number=NUMBERS)
    def give_back(self, number: int) -> None:
        """Free again; what is free stays free."""
        self.pool.give_back(number)
        self.held.pop(number, None)

    @invariant()
    def books_agree(self) -> None:
        """Who holds what, and how much is left."""
        assert self.pool.held() == self.held
        assert self.pool.taken == len(self.held)
        assert self.pool.free == self.pool.total - len(self.held) == 4 - len(self.held)
        assert [self.pool.holder(number) for number in range(FIRST, LAST + 1)] == [
            self.held.get(number) for number in range(FIRST, LAST + 1)
        ]


class TestNumbers(Numbers.TestCase):
    """Hypothesis plays any sequence."""

    settings = settings(max_examples=80, stateful_step_count=40, deadline=None)


@pytest.mark.book("1.07")
def test_addresses_come_from_a_pool_and_go_back_to_it() -> None:
    """An address is taken on allocation and given to the next after its release."""
    pool = NumberPool("guests", 10, 12)
    assert [pool.take(1), pool.take(2), pool.take(3)] == [10, 11, 12]
    with pytest.raises(InsufficientCapacity):
        pool.take(4)
    pool.give_back(11)
    assert pool.take(4) == 11
    assert pool.holder(11) == 4


@pytest.mark.book("1.08")
def test_a_number_can_be_chosen() -> None:
    """By its user, inside the range; those in between are still given in order."""
    pool = NumberPool("guests", 10, 12)
    assert pool.take_exactly(11, 1) == 11
    assert [pool.take(2), pool.take(3)] == [10, 12]
    for outside in (9, 13):
        with pytest.raises(InvalidParameter, match=f"guests: {outside} is outside 10 to 12"):
            pool.take_exactly(outside, 4)


def test_a_chosen_number_that_came_back_waits_its_turn() -> None:
    """A high number that was used and freed does not go before lower free ones."""
    pool = NumberPool("guests", 1, 100)
    pool.take_exactly(50, 1)
    pool.give_back(50)
    assert pool.take(2) == 1


def test_a_number_that_came_back_and_was_chosen_is_not_given_again() -> None:
    """Though it waits among those that came back, somebody holds it."""
    pool = NumberPool("guests", 1, 100)
    assert [pool.take(1), pool.take(1)] == [1, 2]
    pool.give_back(1)
    pool.take_exactly(1, 2)
    assert pool.take(3) == 3
    assert pool.holder(1) == 2


def test_a_range_of_one_and_a_range_of_none() -> None:
    """One number is a pool; an end before the start is a mistake that is named."""
    assert NumberPool("one", 7, 7).total == 1
    with pytest.raises(InvalidParameter, match="none: the end 6 lies before the start 7"):
        NumberPool("none", 7, 6)


def test_a_pool_says_how_much_is_in_use() -> None:
    """Its repr counts."""
    pool = NumberPool("guests", 10, 12)
    pool.take(1)
    assert repr(pool) == "<guests: 1 of 3 in use>"
