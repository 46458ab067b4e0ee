"""What a lab has noted becomes the profile of its twin."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from cloudlab import Lab
from cloudlab.design import new_design
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


def test_silence_is_told_apart_from_answers(tmp_path: Path) -> None:
    """A ping nobody answered took a time-out: it counts by itself, also if waiting was cut short.

    A contact that could not be made is a silence, too.
    """
    file = tmp_path / "t.jsonl"
    answers = [("hypervisor.ping", 0.004, True, False)] * 3 + [
        ("hypervisor.connect", 0.2, True, False)
    ]
    silences = [("hypervisor.ping", 2.0, True, True)] * 4 + [
        ("hypervisor.ping", 0.0, True, True),
        ("hypervisor.connect", 3.0, False, False),
    ]
    fields = ("step", "seconds", "ok", "silent")
    lines = (json.dumps(dict(zip(fields, each, strict=True))) for each in answers + silences)
    file.write_text("\n".join(lines))
    profile = calibrated(file)
    assert profile.takes("hypervisor.ping") == 0.004
    assert profile.takes("hypervisor.ping.silent") == 2.0
    assert profile.takes("hypervisor.connect") == 0.2
    assert profile.takes("hypervisor.connect.silent") == 3.0
    assert read_profile(document_text(profile), "p").steps == profile.steps


def test_a_profile_can_be_made_of_what_a_lab_shows(tmp_path: Path) -> None:
    """The timings of a lab, and the file of the same, make the same profile."""
    lab = Lab(new_design(pods=1, clusters=1, hosts=2), latency="kvm-nfs", progress=False)
    assert len(lab.timings) == 0  # a simulation notes them from now on
    lab.deploy("web")
    lab.break_host("z1-p1-c1-h002")
    lab.run(minutes=5)
    file = tmp_path / "t.jsonl"
    file.write_text("\n".join(json.dumps(asdict(each)) for each in lab.timings))
    shown = calibrated(lab.timings)
    assert shown.steps == calibrated(file).steps
    assert shown.steps["hypervisor.start"].mean() > 0
    assert "hypervisor.ping.silent" in shown.steps
