"""The examples in the docstrings are true."""

from __future__ import annotations

import doctest
import pkgutil
from importlib import import_module

import pytest

import simulator.metrics

MODULES = [each.name for each in pkgutil.iter_modules(simulator.metrics.__path__)]


@pytest.mark.parametrize("module", MODULES)
def test_docstrings_are_true(module: str) -> None:
    """Every example in the module's docstrings prints what it says."""
    assert doctest.testmod(import_module(f"simulator.metrics.{module}")).failed == 0
