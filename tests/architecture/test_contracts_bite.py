"""The import contracts of pyproject.toml let a good tree pass and break on each bad import."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.places import PACKAGES, ROOT

FLOOR = ("errors", "units", "streams", "datasets")
ALLOWED = {
    "cloudlab/engine/live.py": "import asyncio, threading, simpy",
    "cloudlab/policy/planner.py": "import cloudlab.errors",
    "cloudlab/widgets/topology.py": "import anywidget, ipywidgets",
    "cloudlab/store/mirror.py": "import sqlalchemy",
    "cloudlab/api/server.py": "import fastapi, asyncio",
    "cloudlab/cli.py": "import simulator.planning",
    "simulator/planning/plan.py": "import simulator.kernel.books, cloudlab.design",
    "simulator/kernel/books.py": "import simpy",
    "cloudlab/design/build.py": "import cloudlab.errors",
    "drivers/kvm/host.py": "import libvirt",
    "drivers/ssh/connect.py": "import paramiko",
}
FORBIDDEN = {
    "layers": ("cloudlab/policy/planner.py", "import cloudlab.design.build"),
    "simulator-layers": ("simulator/kernel/books.py", "import simulator.planning.plan"),
    "simpy": ("cloudlab/policy/planner.py", "import simpy"),
    "clock": ("cloudlab/policy/planner.py", "from concurrent.futures import Future"),
    "widgets": ("simulator/planning/plan.py", "import ipywidgets"),
    "database": ("simulator/planning/plan.py", "import sqlalchemy"),
    "libvirt": ("drivers/ssh/connect.py", "import libvirt"),
    "paramiko": ("drivers/kvm/host.py", "import paramiko"),
    "web": ("drivers/kvm/host.py", "import fastapi"),
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small cloudlab in which every import is allowed."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    floor = {f"cloudlab/{name}.py": '"""Ground."""' for name in FLOOR}
    for name, text in (ALLOWED | floor).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text + "\n")
    for folder in {*PACKAGES, *(str(Path(name).parent) for name in ALLOWED)}:
        (tmp_path / folder / "__init__.py").touch()
    return tmp_path


def broken(tree: Path) -> set[str]:
    """Return the names of the contracts that the tree breaks."""
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run(
        [linter, "--no-logo", "--no-cache"],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Contracts: " in run.stdout, run.stdout + run.stderr
    return set(re.findall(r"^(.+) BROKEN", run.stdout, re.MULTILINE))


def test_a_good_tree_keeps_every_contract(tree: Path) -> None:
    """Each room may use the library it is the home of, and what lies below it."""
    assert broken(tree) == set()


def test_each_bad_import_breaks_its_contract(tree: Path, contracts: dict[str, dict]) -> None:
    """One bad import for each contract, all at once, breaks every contract there is."""
    for file, statement in FORBIDDEN.values():
        with (tree / file).open("a") as source:
            source.write(statement + "\n")
    assert set(FORBIDDEN) == set(contracts)
    assert broken(tree) == {contract["name"] for contract in contracts.values()}
