"""Measured durations become a profile that takes as long."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudlab.errors import InvalidParameter
from cloudlab.streams import stream
from simulator.latency import (
    Constant,
    LogNormal,
    Mixture,
    Quantiles,
    Uniform,
    fit,
    load_profile,
    save_profile,
)

TRUTHS = [LogNormal(8, 20), Uniform(1, 3), Mixture([(0.9, Uniform(1, 2)), (0.1, Uniform(60, 61))])]


@pytest.mark.parametrize("truth", TRUTHS)
def test_a_fitted_step_takes_as_long_as_the_measured_one(truth: LogNormal) -> None:
    """Mean and quantiles of what a fitted profile draws are those of the truth, within 5 %."""
    measured = truth.samples(stream(1, "test"), 5_000)
    fitted = fit({"hypervisor.start": measured}).seeded(2)
    drawn = [fitted.takes("hypervisor.start", ram_gib=8) for _ in range(20_000)]
    assert fitted.steps["hypervisor.start"].mean() == pytest.approx(truth.mean, rel=0.05)
    assert np.mean(drawn) == pytest.approx(truth.mean, rel=0.05)
    levels = [0.05, 0.25, 0.5, 0.75]
    assert np.quantile(drawn, levels) == pytest.approx(np.quantile(measured, levels), rel=0.05)


@given(st.lists(st.floats(0, 1e5), min_size=2, max_size=150))
def test_the_extremes_are_kept(durations: list[float]) -> None:
    """The shortest and the longest that were measured are the shortest and longest drawn."""
    steps = fit({"blocks.create": durations}).steps
    timing = steps["blocks.create"].base if "blocks.create" in steps else Constant(0)
    if isinstance(timing, Quantiles):
        assert timing.quantiles[0] == min(durations)
        assert timing.quantiles[-1] == max(durations)
    else:
        assert {timing.value} == set(durations)


def test_a_fitted_profile_survives_its_file(tmp_path: Path) -> None:
    """Fit, save, load: the same steps and the same draws."""
    fitted = fit({"images.stage": [30.2, 28, 41], "fabric.plug": [0.25]}, name="my-racks")
    save_profile(fitted, tmp_path / "my-racks.yaml")
    loaded = load_profile(tmp_path / "my-racks.yaml")
    assert loaded.steps == fitted.steps
    assert loaded.takes("images.stage") == fitted.takes("images.stage")
    assert loaded.source == "measured: 3 of images.stage, 1 of fabric.plug"


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        ({"hypervisor.boot": [1]}, "there is no step 'hypervisor.boot'"),
        ({"hypervisor.start": []}, "hypervisor.start has no durations"),
        ({"hypervisor.start": [1, -2]}, "hypervisor.start has a duration of -2 s"),
        ({"hypervisor.start": [float("nan")]}, "a duration of nan s; it must be 0 or more"),
        ({"hypervisor.start": [float("inf")]}, "a duration of inf s"),
    ],
)
def test_what_is_no_duration_is_refused(samples: dict[str, list[float]], message: str) -> None:
    """The message names the step and the number."""
    with pytest.raises(InvalidParameter, match=message):
        fit(samples)
