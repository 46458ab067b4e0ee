"""Profiles as files: what is written reads back, and what is wrong is found by its line."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudlab.datasets import dataset
from cloudlab.errors import InputError, NotFound
from simulator.latency import (
    STEPS,
    LatencyProfile,
    Step,
    document_text,
    load_profile,
    read_profile,
    save_profile,
    sizes_of,
)
from tests.latency.strategies import DISTRIBUTIONS

SHIPPED = sorted(path.stem for path in dataset("latency").glob("*.yaml"))
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=20)

GOOD = """\
name: quick
source: made up
seconds:
  hypervisor.start: LogNormal(median=8, p95=20)
  images.stage: 1 + Gamma(mean=2.5, shape=6) * disk_gib
"""


@given(TEXTS, TEXTS, st.dictionaries(st.sampled_from(STEPS), DISTRIBUTIONS))
def test_a_document_reads_back(name: str, source: str, steps: dict[str, object]) -> None:
    """Writing and reading a profile gives the same name, source and steps."""
    profile = LatencyProfile(name, steps, source)
    read = read_profile(document_text(profile), "test.yaml")
    assert (read.name, read.source, read.steps) == (name, source, profile.steps)


def test_json_reads_like_yaml(tmp_path: Path) -> None:
    """A profile written as JSON is the same profile."""
    path = tmp_path / "quick.json"
    seconds = {
        "hypervisor.start": "LogNormal(median=8, p95=20)",
        "images.stage": "1 + Gamma(mean=2.5, shape=6) * disk_gib",
    }
    path.write_text(json.dumps({"name": "quick", "source": "made up", "seconds": seconds}))
    assert load_profile(path).steps == read_profile(GOOD, "quick.yaml").steps


def test_a_saved_profile_loads(tmp_path: Path) -> None:
    """`save_profile` writes what `load_profile` reads, by path or by text."""
    profile = load_profile("kvm-nfs")
    save_profile(profile, tmp_path / "mine.yaml")
    assert load_profile(tmp_path / "mine.yaml").steps == profile.steps
    assert load_profile(str(tmp_path / "mine.yaml")).source == profile.source


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_profiles_load(name: str) -> None:
    """Every shipped profile has its file's name, a source and only steps that exist."""
    profile = load_profile(name)
    assert profile.name == name
    assert profile.source
    assert name in dataset("latency", "README.md").read_text()


COPIES = ("images.stage", "blocks.copy", "blocks.download", "blocks.upload")


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_profiles_end_before_cloudstack_gives_up(name: str) -> None:
    """No mean comes near the default time-outs: 1,800 s a command, 10,800 s a copy."""
    for step, timing in load_profile(name).steps.items():
        patience = 10_800 if step in COPIES else 1_800
        assert timing.mean(ram_gib=64, disk_gib=100) < patience / 5


def test_production_boots_in_8_to_20_seconds() -> None:
    """The production profile starts nine VMs of ten in 8 to 20 s."""
    profile = load_profile("kvm-nfs").seeded(1)
    boots = [profile.takes("hypervisor.start", ram_gib=4) for _ in range(5_000)]
    assert sum(8 <= seconds <= 20 for seconds in boots) / len(boots) == pytest.approx(0.9, abs=0.02)


def test_an_unknown_name_lists_what_is_shipped() -> None:
    """Asking for a profile that is not shipped names those that are."""
    with pytest.raises(NotFound, match=r"kvm-nfs\.yaml"):
        load_profile("kvm")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"bad.yaml: empty; a profile has name, source, seconds"),
        ("- 1", r"bad.yaml:1: the document must be a mapping"),
        ("name: a\nname: b\n", r"bad.yaml:2: name is given twice, first on line 1"),
        ("name: a\nsecond: {}\n", r"bad.yaml:2: second is no field.*did you mean 'seconds'"),
        ("hypervisor.start: 2\n", r"bad.yaml:1: hypervisor.start is no.*stand under seconds"),
        ("name: a\n", r"bad.yaml: seconds is missing"),
        ("seconds: {}\n", r"bad.yaml: name is missing"),
        ("name: [a]\nseconds: {}\n", r"bad.yaml:1: name must be a single value"),
        ("name: a\nseconds: 3\n", r"bad.yaml:2: seconds must be a mapping"),
        ("name: a\nseconds:\n  power.of: 1\n", r"bad.yaml:3: .*; did you mean 'power.off'"),
        ("name: a\nseconds:\n  power.off: [1]\n", r"bad.yaml:3: power.off must be a single value"),
        ("name: a\nseconds:\n  power.off: off\n", r"bad.yaml:3: power.off is off: there is no"),
        (
            "name: a\nseconds:\n  power.on: 1\n  power.off: LogNormal(median=8, p95=4)\n",
            r"bad.yaml:4: power.off is LogNormal\(.*\): LogNormal: p95 is 4; it must be more",
        ),
        ("name: a\nseconds:\n  power.off: -1\n", r"bad.yaml:3: .*value is -1; it must be 0"),
        ("name: a\nseconds:\n  power.off: .nan\n", r"bad.yaml:3: power.off is .nan"),
        ("name: a\nseconds:\n\tpower.off: 1\n", r"bad.yaml:3: not YAML"),
        ("name: !!python/object:os.system {}\nseconds: {}\n", r"bad.yaml:1: name must be a single"),
        ("a: \x00\n", r"bad.yaml: not YAML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_found_by_its_line(text: str, message: str) -> None:
    """The message names file, line, field, value and allowed range."""
    with pytest.raises(InputError, match=message):
        read_profile(text, "bad.yaml")


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    """A missing file, a folder, other encodings and huge files give one clear message each."""
    (tmp_path / "latin.yaml").write_bytes("name: Zürich\n".encode("latin-1"))
    (tmp_path / "huge.yaml").write_bytes(b"#" * (5 * 1024 * 1024))
    for name, message in [
        ("none.yaml", "No such file"),
        ("", "cannot be read"),
        ("latin.yaml", "not text in UTF-8"),
        ("huge.yaml", "larger than 4 MiB"),
    ]:
        with pytest.raises(InputError, match=message):
            load_profile(tmp_path / name)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text leads to any other error than a refusal."""
    with suppress(InputError):
        assert isinstance(read_profile(text, "any.yaml"), LatencyProfile)


def test_every_step_can_be_written() -> None:
    """A profile may time every step, with every size that the step knows."""
    steps = {step: " + ".join(["1", *sizes_of(step)]) for step in STEPS}
    profile = read_profile(document_text(LatencyProfile("all", steps)), "all.yaml")
    assert all(isinstance(step, Step) for step in profile.steps.values())
    assert tuple(profile.steps) == STEPS
