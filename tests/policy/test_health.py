"""Whether a host lives, from what those say who looked."""

from __future__ import annotations

from itertools import permutations, product

import pytest

from cloudlab.policy.health import Health, by_answer, by_heartbeat, by_power, verdict
from cloudlab.ports import PowerState

UP, DOWN, UNKNOWN = Health.UP, Health.DOWN, Health.UNKNOWN


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ((), UNKNOWN),
        ((None, None, None), UNKNOWN),
        ((None, None, DOWN), DOWN),
        ((None, None, UP), UP),
        ((None, UP, DOWN), UP),
        ((UP, None, None), UP),
    ],
)
def test_who_saw_it_alive_outweighs_all_others(
    answers: tuple[Health | None, ...], expected: Health
) -> None:
    """Dead is only what nobody saw alive and somebody is sure of; in whatever order they speak."""
    for order in permutations(answers):
        assert verdict(order) is expected


def test_more_doubt_never_kills() -> None:
    """Who falls silent can make Up unknown or Down, but takes no Down further than it was."""
    for answers in product((UP, DOWN, None), repeat=3):
        if verdict(answers) is UNKNOWN:
            assert DOWN not in answers


def test_silence_proves_nothing() -> None:
    """An agent or a ping that answers lives; no answer says nothing."""
    assert by_answer(answered=True) is UP
    assert by_answer(answered=False) is None


@pytest.mark.parametrize(
    ("age", "expected"), [(None, None), (0.0, UP), (60.0, UP), (60.1, DOWN), (1e9, DOWN)]
)
def test_a_heartbeat_counts_until_it_is_too_old(age: float | None, expected: object) -> None:
    """Where nobody can read it, it says nothing."""
    assert by_heartbeat(age, 60.0) is expected


def test_only_a_host_without_power_is_dead() -> None:
    """One with power may have hung, and a board that does not answer knows nothing."""
    assert [by_power(state) for state in PowerState] == [None, DOWN, None]
