"""The drill in the docs holds, from the first machine to the last trace."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.support.places import ROOT


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_drill_in_the_docs_holds() -> None:
    """Two tenants, a migration, a snapshot, a failure, a cut cable, and no trace of it all."""
    name = f"drill{os.getpid() % 10**5}"
    command = [sys.executable, str(ROOT / "docs" / "drill.py"), "--name", name, "--beside-others"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=1100, env=environment
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    figures = dict(re.findall(r"^ +([\d.]+) s  (.+)$", done.stdout, re.MULTILINE))
    assert len(figures) > 10
    assert done.stdout.count("holds  ") > 15
    assert "holds  nothing is left of it" in done.stdout
