"""The front page tells the truth: its example, its commands, its picture, its links."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.places import PACKAGES, ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
INDEX = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
LINK = re.compile(r"\]\(([^)#]+)\)")
PICTURES = ROOT / "docs" / "images"


def blocks(language: str) -> list[str]:
    """Return the fenced blocks of that language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_example_prints_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    """The Python example is ten lines at most, runs, and prints the block that follows it."""
    (example,), (printed,) = blocks("python"), blocks("text")
    assert len(example.splitlines()) <= 10
    exec(example, {})
    assert capsys.readouterr().out == printed


@pytest.mark.slow
def test_the_commands_of_the_page_end_well(tmp_path) -> None:
    """The commands of "First steps" run one after the other, and the report is written."""
    commands = next(block for block in blocks("sh") if "cloudlab plan" in block).splitlines()
    assert commands[0] == ". .venv/bin/activate"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for command in commands[1:]:
        run = subprocess.run(
            command,
            shell=True,
            cwd=tmp_path,
            env=os.environ | {"PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, f"{command}\n{run.stdout}{run.stderr}"
    assert (tmp_path / "my-plan.html").stat().st_size > 10_000


def test_the_picture_is_what_the_product_draws(tmp_path) -> None:
    """The picture of the README is the one that its script draws today, byte for byte."""
    script = PICTURES / "make.py"
    twin = tmp_path / "make.py"
    twin.write_bytes(script.read_bytes())
    subprocess.run(
        [sys.executable, str(twin)], check=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    (drawn,) = tmp_path.glob("*.svg")
    kept = PICTURES / drawn.name
    assert f"docs/images/{kept.name}" in README
    assert drawn.read_bytes() == kept.read_bytes(), (
        f"run .venv/bin/python {script.relative_to(ROOT)}"
    )


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_no_link_leads_nowhere(page: str) -> None:
    """Every link inside the repository leads to a file or folder that is there."""
    place = ROOT / page
    links = [link for link in LINK.findall(place.read_text(encoding="utf-8")) if "://" not in link]
    assert links
    assert not [link for link in links if not (place.parent / link).exists()]


def test_the_index_lists_every_page() -> None:
    """Each page directly below docs/ is linked from docs/index.md."""
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"index.md"}
    assert pages <= set(LINK.findall(INDEX))


def test_the_page_shows_the_packages_and_stays_a_page() -> None:
    """The table of folders has a line for each package, and the whole is no longer than a page."""
    named = set(re.findall(r"^\| \[([a-z]+)/\]", README, re.MULTILINE))
    assert named >= {*PACKAGES, "datasets", "docs", "notebooks", "tests"}
    assert len(README.splitlines()) <= 100
