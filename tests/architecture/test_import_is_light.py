"""`import cloudlab` is light: what is heavy or optional loads where it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "IPython",
    "anywidget",
    "fastapi",
    "flask",
    "ipywidgets",
    "jinja2",
    "libvirt",
    "matplotlib",
    "numba",
    "openpyxl",
    "pandas",
    "paramiko",
    "sqlalchemy",
    "starlette",
    "xlsxwriter",
)


def loaded_by(statement: str) -> set[str]:
    """Return the top-level modules loaded in a new Python that ran the statement."""
    program = f"import sys; {statement}; print(*sys.modules)"
    modules = subprocess.check_output([sys.executable, "-c", program], text=True).split()
    return {name.partition(".")[0] for name in modules}


@pytest.mark.parametrize("package", ["cloudlab", "simulator", "drivers"])
def test_importing_a_package_loads_nothing_heavy(package: str) -> None:
    """Importing one of the three packages loads no table, plot, widget, SQL or web library."""
    assert loaded_by(f"import {package}").isdisjoint(HEAVY)


def test_what_is_loaded_is_seen() -> None:
    """The measure itself sees a module that is loaded."""
    assert "json" in loaded_by("import json.decoder")
