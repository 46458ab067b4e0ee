"""Demand files that cannot be read as they stand: one message, exit code 2, nothing written."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.cli.terminal import answer, complaint

HEADER = "id,arrival_s,lifetime_s,vcpu,ram_mb\n"
GOOD = f"{HEADER}a,0,60,1,1024\nb,10,60,2,2048\nc,20,60,4,4096\n"
YEARS = HEADER + "".join(f"{n},{n * 10_000_000},{n + 5000},1,1024\n" for n in range(30))

BAD: dict[str, tuple[str, bytes, list[str]]] = {
    "missing column": (
        "t.csv",
        GOOD.replace("vcpu", "cores").encode(),
        ["has no column vcpu"],
    ),
    "NaN": ("t.csv", GOOD.replace("b,10", "b,nan").encode(), ["line 3", "arrival_s", "'nan'"]),
    "negative time": ("t.csv", GOOD.replace("b,10", "b,-10").encode(), ["'-10'", "negative"]),
    "unsorted times": ("t.csv", GOOD.replace("c,20", "c,5").encode(), ["earlier", "--sort"]),
    "cut-off gzip": ("t.csv.gz", gzip.compress(GOOD.encode() * 50)[:-20], ["gzip file is cut off"]),
    "no gzip": ("t.csv.gz", GOOD.encode(), ["not a gzip file"]),
    "empty file": ("t.csv", b"", ["is empty"]),
    "header alone": ("t.csv", HEADER.encode(), ["no requests"]),
    "not text": ("t.csv", b"\xff\x00\xfe", ["not text"]),
    "milliseconds": ("t.csv", YEARS.encode(), ["years", "--time-unit ms", "--trust-units"]),
    "GiB": (
        "t.csv",
        GOOD.replace("1024", "1").replace("2048", "2").replace("4096", "4").encode(),
        ["--ram-unit gib", "--trust-units"],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_demand_is_one_message(tmp_path: Path, name: str) -> None:
    """Looking at it and planning with it give the same line, and no file is left."""
    called, contents, parts = BAD[name]
    file = tmp_path / called
    file.write_bytes(contents)
    told = complaint("demand", "show", file)
    assert told.startswith(str(file))
    assert "\n" not in told
    for part in parts:
        assert part in told
    report = tmp_path / "plan.json"
    assert complaint("plan", "dev-cloud", "--demand", file, "--json", report) == told
    assert [path.name for path in tmp_path.iterdir()] == [called]


def test_the_way_out_that_a_message_names_works(tmp_path: Path) -> None:
    """--sort, --time-unit, --ram-unit, --from-first and --trust-units are understood."""
    file = tmp_path / "t.csv"
    for name, words in {
        "unsorted times": ["--sort"],
        "milliseconds": ["--time-unit", "ms"],
        "GiB": ["--ram-unit", "gib"],
    }.items():
        file.write_bytes(BAD[name][1])
        assert "requests for VMs" in answer("demand", "show", file, *words)
        if name != "unsorted times":
            assert "requests for VMs" in answer("demand", "show", file, "--trust-units")
    file.write_text(GOOD.replace("a,0,", "a,10,"), encoding="utf-8")
    assert "over 10 s" in answer("demand", "show", file, "--from-first")


def test_a_missing_demand_is_told(tmp_path: Path) -> None:
    """A path that leads nowhere is named; a name that is not shipped lists those that are."""
    missing = tmp_path / "no.csv"
    assert complaint("demand", "show", missing).startswith(f"{missing}: cannot be read")
    assert "those are demo-week, first-steps" in complaint("demand", "show", "weekly")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--format excel", "--format is 'excel'; allowed: auto, csv, azure-v1"),
        ("--time-unit days", "--time-unit is 'days'; allowed: us, ms, s, min, h"),
        ("--ram-unit tb", "--ram-unit is 'tb'; allowed: bytes, kib, mib, gib"),
        ("--seed -1", "--seed is -1; allowed: a whole number, 0 or more"),
    ],
)
def test_options_of_reading_are_checked_by_name(words: str, message: str) -> None:
    """The message names the option, the value and what is allowed."""
    assert complaint("demand", "show", "first-steps", *words.split()) == message
