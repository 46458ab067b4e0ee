"""Designs that are not sound: file, line, field, value and range in one message, exit code 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.terminal import complaint
from tests.design.documents import LEAST, changed, written

BAD = {
    "unknown field": (
        changed("{count: 4, type: std}", "{count: 4, type: std, colour: red}"),
        [":16: ", "hosts[0].colour is not a field of a design"],
    ),
    "misspelt field": (
        changed("      hosts:\n", "      hots:\n"),
        [":15: ", "clusters[0].hots is not a field of a design; did you mean 'hosts'?"],
    ),
    "negative size": (
        changed("cpus: 16", "cpus: -16"),
        [":22: ", "hosts[0].cpus is -16; it must be a whole number from 1 to 4,096 (cores)"],
    ),
    "overlapping ranges": (
        changed("  - name: p2\n", "  - name: p2\n    cidr: 192.168.0.0/25\n"),
        [":20: ", "pods[1].cidr is 192.168.0.0", "overlaps with the network of pod p1"],
    ),
    "cluster without hosts": (
        changed(
            "    - hosts: [{cpus: 4, mhz: 2000, ram_gib: 16}]\n      primary",
            "    - primary",
            LEAST,
        ),
        [":4: ", "clusters[0].hosts is missing; give a list with at least one entry"],
    ),
    "cluster without storage": (
        changed("      primary_storage: [{capacity_gib: 100}]\n", "", LEAST),
        [":4: ", "has no primary_storage"],
    ),
    "empty file": ("", ["empty"]),
    "no YAML": ("zones: [", [":1: "]),
    "another document": ("- a\n- b\n", [":1: ", "not a design: it must have fields at the top"]),
}


@pytest.mark.parametrize("command", ["show", "design check"])
@pytest.mark.parametrize("name", BAD)
def test_a_bad_design_is_one_message(tmp_path: Path, command: str, name: str) -> None:
    """Each mistake is one line with file, line, field, value and range; no traceback."""
    text, parts = BAD[name]
    path = written(tmp_path, text)
    told = complaint(*command.split(), path)
    assert all(line.startswith(str(path)) for line in told.splitlines())
    for part in parts:
        assert part in told


def test_several_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """A line each, in the order of the file."""
    text = changed("cpus: 16", "cpus: -16", changed("count: 4", "count: 0"))
    path = written(tmp_path, text)
    first, second = complaint("show", path).splitlines()
    assert first.startswith(f"{path}:16: ")
    assert second.startswith(f"{path}:22: ")


def test_a_plan_of_a_bad_design_leaves_no_file(tmp_path: Path) -> None:
    """The design is read before anything is made, so nothing half-made is left."""
    path = written(tmp_path, BAD["negative size"][0])
    json, html = tmp_path / "plan.json", tmp_path / "plan.html"
    told = complaint("plan", path, "--demand", "first-steps", "--json", json, "--html", html)
    assert "cpus is -16" in told
    assert [file.name for file in tmp_path.iterdir()] == ["d.yaml"]
