"""`cloudlab demand`: described, made, listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.workload import FORMATS, generate, read_demand
from simulator.workload.reading import RamUnit, TimeUnit
from tests.cli.terminal import answer, complaint


def test_show_describes_a_shipped_demand() -> None:
    """Rate, sizes, lifetimes and peak are there; hints for Python are not."""
    text = answer("demand", "show", "demo-week")
    assert text.startswith("Demand 'demo-week': 7,319 requests for VMs\n")
    assert "at peak" in text
    assert ".summary()" not in text


def test_show_describes_the_real_azure_trace(shared_data: Path) -> None:
    """The decoded trace is known by its columns, or by the name of its format."""
    file = shared_data / "azure_v1_vm" / "vms_dev.csv.gz"
    text = answer("demand", "show", file)
    assert text.startswith("Demand 'vms_dev (azure-v1)': ")
    assert answer("demand", "show", file, "--format", "azure-v1") == text


def test_generate_writes_what_python_would(tmp_path: Path) -> None:
    """The same days, rate and seed give the same requests on the command line and in Python."""
    file = tmp_path / "f.csv.gz"
    words = ["--days", "2", "--per-hour", "30", "--seed", "7", "--tenants", "5", "--standing", "3"]
    assert answer("demand", "generate", *words, "-o", file).startswith("Demand 'f': ")
    made, wanted = read_demand(file), generate(2, 30, 7, tenants=5, standing=3)
    assert made.arrival_s.tolist() == wanted.arrival_s.tolist()
    assert made.lifetime_s.tolist() == wanted.lifetime_s.tolist()
    assert [path.name for path in tmp_path.iterdir()] == ["f.csv.gz"]


def test_generate_gives_the_same_bytes_twice(tmp_path: Path) -> None:
    """The same command makes the same file."""
    first, second = tmp_path / "a.csv.gz", tmp_path / "b.csv.gz"
    for file in (first, second):
        answer("demand", "generate", "--days", "1", "--seed", "1", "-o", file)
    assert first.read_bytes() == second.read_bytes()


def test_generate_replaces_nothing_unless_forced(tmp_path: Path) -> None:
    """A trace that is there is kept, and replaced with --force."""
    file = tmp_path / "f.csv"
    file.write_text("mine", encoding="utf-8")
    assert "--force replaces it" in complaint("demand", "generate", "-o", file)
    assert file.read_text(encoding="utf-8") == "mine"
    answer("demand", "generate", "--days", "0.1", "-o", file, "--force")
    assert len(read_demand(file)) > 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--days 0", "arrivals an hour over 0.0 days"),
        ("--per-hour nan", "nan arrivals an hour"),
        ("--seed -1", "--seed is -1; allowed: a whole number, 0 or more"),
        ("--tenants 0", "--tenants is 0; allowed: 1 or more"),
        ("--days 1e9", "at most 10,000,000 are made: ask for less"),
    ],
)
def test_generate_names_what_is_out_of_range(tmp_path: Path, words: str, message: str) -> None:
    """One line that says what is allowed, and no file."""
    told = complaint("demand", "generate", *words.split(), "-o", tmp_path / "f.csv.gz")
    assert message in told
    assert "\n" not in told
    assert list(tmp_path.iterdir()) == []


def test_formats_lists_every_format() -> None:
    """Each format stands under the name that --format takes, with its columns."""
    text = answer("demand", "formats")
    for name, known in FORMATS.items():
        assert f"{name}: {known.summary}\n    columns: {', '.join(known.columns)}" in text


def test_list_names_every_shipped_demand() -> None:
    """Each line begins with a name that other commands take."""
    lines = answer("demand", "list").splitlines()
    assert [line.split()[0] for line in lines] == ["demo-week", "first-steps"]


def test_help_offers_the_units_that_can_be_read() -> None:
    """The choices that help shows are those the reader takes."""
    text = answer("demand", "show", "--help")
    assert "|".join(TimeUnit) in text
    assert "|".join(RamUnit) in text
