"""A profile draws each step from a stream of its own, and resumes exactly where it was."""

from __future__ import annotations

import copy
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudlab.errors import InvalidParameter
from cloudlab.streams import stream
from simulator.latency import (
    STEPS,
    Exponential,
    LatencyProfile,
    LogNormal,
    disk_gib,
    load_profile,
    ram_gib,
)
from simulator.latency.draws import BLOCK

PROFILE = LatencyProfile(
    "test",
    {
        "hypervisor.start": LogNormal(8, 20) + 0.5 * ram_gib,
        "images.stage": 1 + Exponential(2) * disk_gib,
        "blocks.create": "LogNormal(median=1, p95=2) * disk_gib + 3",
        "fabric.plug": 0.25,
        "hypervisor.stop": "Mixture([(0.5, 1), (0.5, Exponential(3))])",
    },
)
CALLS = st.lists(
    st.sampled_from(["hypervisor.start", "images.stage", "blocks.create", "hypervisor.stop"]),
    max_size=3 * BLOCK,
)


def draw(profile: LatencyProfile, steps: list[str]) -> list[float]:
    """Take all `steps` in turn and return how long each took."""
    return [profile.takes(step, ram_gib=4, disk_gib=10) for step in steps]


@given(st.integers(0, 2**40), CALLS)
def test_a_step_draws_what_its_stream_gives(seed: int, calls: list[str]) -> None:
    """Each step is drawn from the stream `latency/<step>`, block after block."""
    profile = PROFILE.seeded(seed)
    generator = stream(seed, "latency/hypervisor.stop")
    draws = PROFILE.steps["hypervisor.stop"].base
    expected = [each for _ in range(4) for each in draws.samples(generator, BLOCK).tolist()]
    drawn = [seconds for step, seconds in zip(calls, draw(profile, calls), strict=True)
             if step == "hypervisor.stop"]  # fmt: skip
    assert drawn == expected[: len(drawn)]


@given(st.integers(0, 2**40), CALLS)
def test_one_step_taken_more_often_changes_no_other(seed: int, calls: list[str]) -> None:
    """How long starts take does not depend on how many other steps lie between them."""
    mixed, alone = PROFILE.seeded(seed), PROFILE.seeded(seed)
    drawn = draw(mixed, calls)
    starts = [seconds for step, seconds in zip(calls, drawn, strict=True) if "start" in step]
    assert starts == draw(alone, ["hypervisor.start"] * len(starts))


@given(st.integers(0, 2**40), CALLS, CALLS)
def test_a_restored_profile_goes_on_draw_for_draw(
    seed: int, before: list[str], after: list[str]
) -> None:
    """A state that went through JSON restores every stream exactly, also twice."""
    profile = PROFILE.seeded(seed)
    draw(profile, before)
    state = json.loads(json.dumps(profile.state()))
    expected = draw(profile, after)
    other = PROFILE.seeded(seed)
    draw(other, after[:7])
    for _ in range(2):
        other.restore(state)
        assert other.state() == state
        assert draw(other, after) == expected


def test_copies_go_on_by_themselves() -> None:
    """A pickled or copied profile gives the same draws, without disturbing the original's."""
    profile = PROFILE.seeded(5)
    draw(profile, ["images.stage"] * 300)
    copies = [pickle.loads(pickle.dumps(profile)), copy.deepcopy(profile), copy.copy(profile)]
    expected = draw(profile, ["images.stage"] * 300)
    assert [draw(each, ["images.stage"] * 300) for each in copies] == [expected] * 3


def test_sizes_and_rates_add_up() -> None:
    """A step takes its base and so much for every GiB; constants take what they say."""
    profile = LatencyProfile(
        "sizes", {"hypervisor.migrate": 2 + 0.5 * ram_gib, "blocks.create": 3 * disk_gib}
    )
    assert profile.takes("hypervisor.migrate", ram_gib=8) == 6
    assert profile.takes("hypervisor.migrate") == 2
    assert profile.takes("blocks.create", disk_gib=2) == 6
    assert PROFILE.takes("fabric.plug") == 0.25


def test_what_is_not_given_is_instant_and_says_so() -> None:
    """Steps without a timing take no time; the repr names them."""
    assert PROFILE.takes("router.admit") == 0.0
    text = repr(PROFILE)
    assert text.startswith("LatencyProfile 'test': 5 of 46 steps take time\n")
    assert "  images.stage            1 + Exponential(2) * disk_gib" in text
    assert "router.admit" in text.splitlines()[-1]
    assert text.splitlines()[-1].startswith("  instant: hypervisor.connect, ")


def test_the_instant_profile_draws_nothing() -> None:
    """No step takes time, and no stream is ever opened."""
    instant = load_profile("instant")
    assert [instant.takes(step, ram_gib=1, disk_gib=1) for step in STEPS] == [0.0] * len(STEPS)
    assert instant.is_instant
    assert instant.state()["drawn"] == {}
    assert repr(instant).endswith("instant: all")


def test_an_unknown_step_is_an_error() -> None:
    """A misspelt step is refused with the nearest one; taking one is a KeyError."""
    with pytest.raises(InvalidParameter, match=r"no step 'hypervisor.strat'; did you mean 'hyp"):
        LatencyProfile("wrong", {"hypervisor.strat": 2})
    with pytest.raises(KeyError, match="strat"):
        PROFILE.takes("hypervisor.strat")


@pytest.mark.parametrize(
    ("step", "timing", "message"),
    [
        ("hypervisor.start", "Exponential(0)", r"hypervisor.start is Exponential\(0\): Expon.*0"),
        ("hypervisor.start", -2, "hypervisor.start is -2: Constant: value is -2"),
        ("hypervisor.start", disk_gib, "depends on disk_gib; only ram_gib is known"),
        ("fabric.plug", "2 * ram_gib", "depends on ram_gib; no size is known"),
        ("fabric.plug", "Quantiles([" + "1, " * 90 + "-1])", r"plug is Quant.* \.\.\.: Quantiles"),
    ],
)
def test_a_wrong_timing_is_refused(step: str, timing: object, message: str) -> None:
    """The message names the step, what was given, and what is wrong with it."""
    with pytest.raises(InvalidParameter, match=message):
        LatencyProfile("wrong", {step: timing})


def test_a_state_belongs_to_its_profile_and_seed() -> None:
    """The state of another profile, seed or set of steps is refused; nothing changes."""
    profile = PROFILE.seeded(1)
    draw(profile, ["images.stage"])
    for other in (PROFILE.seeded(2), LatencyProfile("other", seed=1)):
        with pytest.raises(InvalidParameter, match="cannot go on from the state"):
            other.restore(profile.state())
    with pytest.raises(InvalidParameter, match=r"has draws of latency/images.stage.*has none"):
        LatencyProfile("test", {"fabric.plug": 1}, seed=1).restore(profile.state())


def test_seeds_are_whole_and_not_negative() -> None:
    """A seed below 0 is refused."""
    with pytest.raises(InvalidParameter, match="seed is -1"):
        PROFILE.seeded(-1)


def test_silence_costs_what_the_profile_says_or_as_much_as_an_answer() -> None:
    """A profile that tells of silence is obeyed, also if it says 0; one that does not, is safe."""
    plain = LatencyProfile("plain", {"hypervisor.ping": 0.5})
    assert plain.takes("hypervisor.ping.silent") == 0.5
    told = LatencyProfile("told", {"hypervisor.ping": 0.5, "hypervisor.ping.silent": 2})
    assert told.takes("hypervisor.ping.silent") == 2
    assert told.takes("hypervisor.ping") == 0.5
    at_once = LatencyProfile("at once", {"hypervisor.ping": 0.5, "hypervisor.ping.silent": 0})
    assert pickle.loads(pickle.dumps(at_once)).takes("hypervisor.ping.silent") == 0
    assert LatencyProfile("no time", {"hypervisor.ping.silent": 0}).is_instant


def test_the_mean_of_a_step_is_known_without_drawing() -> None:
    """It is what draws tend to; a step that is not given takes nothing."""
    assert PROFILE.mean("hypervisor.start", ram_gib=2) == pytest.approx(LogNormal(8, 20).mean + 1)
    assert PROFILE.mean("router.admit") == 0.0
    with pytest.raises(InvalidParameter, match="no step"):
        PROFILE.mean("hypervisor.fly")
    expected = PROFILE.expected()
    assert expected.takes("hypervisor.start", ram_gib=2) == pytest.approx(
        PROFILE.mean("hypervisor.start", ram_gib=2)
    )
