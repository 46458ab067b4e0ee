"""docs/lifecycles.md is what the tables say."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cloudlab.model.diagrams import CHAPTERS, page
from tests.support.places import ROOT

PAGE = ROOT / "docs" / "lifecycles.md"


def test_the_page_is_current() -> None:
    """The page in the repository is the one the tables would write."""
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "docs/lifecycles.md is out of date; run: "
        "python -m cloudlab.model.diagrams > docs/lifecycles.md"
    )


def test_the_command_on_the_page_writes_the_page() -> None:
    """Running the module prints the page and nothing else."""
    command = [sys.executable, "-m", "cloudlab.model.diagrams"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    assert printed.stdout.decode() == page()


@pytest.mark.parametrize("chapter", CHAPTERS, ids=[each.title for each in CHAPTERS])
def test_every_move_stands_in_picture_and_table(chapter) -> None:
    """No row is lost on the way to the page."""
    section = page().split(f"## {chapter.title}\n")[1].split("\n## ")[0]
    for start, event, end in chapter.lifecycle:
        (edge,) = [line for line in section.splitlines() if f" {start} --> {end}: " in line]
        assert event in edge.split(": ")[1].split(", ")
        (row,) = [line for line in section.splitlines() if line.startswith(f"| {start} |")]
        assert f"{event} → {end}" in row
