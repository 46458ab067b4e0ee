"""What a lab has noted becomes the profile of its twin."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cloudlab.errors import InputError
from simulator.latency.document import document_text, read_profile
from simulator.latency.measured import calibrated, read_timings
from tests.cli.terminal import answer, complaint


def noted(path: Path, *timings: tuple[str, float, bool]) -> Path:
    """Write timings as a lab does."""
    lines = [
        json.dumps({"at": 1.0, "step": step, "seconds": seconds, "ok": ok, "subject": "x"})
        for step, seconds, ok in timings
    ]
    path.write_text("\n".join([*lines, ""]))
    return path


def test_what_ended_well_counts(tmp_path: Path) -> None:
    """By step, in the order of the ports; failures say nothing about how long a step takes."""
    file = noted(
        tmp_path / "t.jsonl",
        ("blocks.create", 0.1, True),
        ("hypervisor.start", 1.0, True),
        ("hypervisor.start", 30.0, False),
        ("hypervisor.start", 2.0, True),
    )
    assert list(read_timings(file).items()) == [
        ("hypervisor.start", [1.0, 2.0]),
        ("blocks.create", [0.1]),
    ]
    profile = calibrated(file)
    assert profile.steps["hypervisor.start"].mean() == pytest.approx(1.5)
    assert read_profile(document_text(profile), "p").steps == profile.steps
    assert "2 of hypervisor.start" in profile.source


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("nonsense", ":1: not a timing"),
        ("[]", ":1: not a timing"),
        ('{"step": "hypervisor.start"}', ":1: not a timing"),
        ('{"step": "hypervisor.fly", "seconds": 1, "ok": true}', "'hypervisor.fly' is no step"),
        ('{"step": "power.off", "seconds": -1, "ok": true}', "seconds is -1; it must be 0 or more"),
        ('{"step": "power.off", "seconds": NaN, "ok": true}', "seconds is nan"),
        ('{"step": "power.off", "seconds": 1, "ok": false}', "no step ended well"),
        ("", ":1: not a timing"),
    ],
)
def test_what_is_no_timing_is_refused(tmp_path: Path, line: str, message: str) -> None:
    """One message that names file, line and value."""
    file = tmp_path / "t.jsonl"
    file.write_text(line + "\n")
    with pytest.raises(InputError) as refusal:
        read_timings(file)
    assert message in str(refusal.value)
    assert str(file) in str(refusal.value)


def test_the_command_writes_a_profile(tmp_path: Path) -> None:
    """It can be printed or written, and is not written over anything."""
    file = noted(tmp_path / "t.jsonl", ("hypervisor.start", 1.5, True))
    assert "hypervisor.start: '1.5'" in answer("calibrate", file)
    target = tmp_path / "p.yaml"
    assert "1 steps" in answer("calibrate", file, "-o", target, "--name", "mine")
    assert read_profile(target.read_text(), "p").name == "mine"
    assert "is there already" in complaint("calibrate", file, "-o", target)
    assert "cannot be read" in complaint("calibrate", tmp_path / "gone")
