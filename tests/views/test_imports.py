"""Views are light: looking at a cloud loads no table, plot or notebook library."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("pandas", "matplotlib", "ipywidgets", "anywidget", "traitlets", "IPython")


def test_importing_views_loads_nothing_heavy() -> None:
    """Neither pandas nor anything of Jupyter comes with `cloudlab.views`."""
    program = f"import sys, cloudlab.views; print([m for m in {HEAVY} if m in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
