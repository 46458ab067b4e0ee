"""The examples in the docstrings are true."""

from __future__ import annotations

import doctest
import pkgutil
from importlib import import_module

import pytest

import simulator.latency

MODULES = [
    "simulator.latency",
    *(
        f"simulator.latency.{each.name}"
        for each in pkgutil.iter_modules(simulator.latency.__path__)
    ),
]


@pytest.mark.parametrize("module", MODULES)
def test_docstrings_are_true(module: str) -> None:
    """Every example in the module's docstrings prints what it says."""
    assert doctest.testmod(import_module(module)).failed == 0
