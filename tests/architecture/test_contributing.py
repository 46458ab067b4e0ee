"""The plug-in that CONTRIBUTING.md shows is a program that works."""

from __future__ import annotations

import re
import tomllib
from types import SimpleNamespace

import numpy as np

from cloudlab.plugins import BUILT_IN, GROUP
from cloudlab.policy.algorithms import Algorithm
from tests.support.places import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """Return the only fenced block of that language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    return found


def test_the_algorithm_shown_fills_the_fullest_host_first() -> None:
    """The example defines an algorithm that prefers hosts with little room; ties in row order."""
    module: dict[str, object] = {}
    exec(block("python"), module)
    algorithm = module["BEST_FIT"]
    assert isinstance(algorithm, Algorithm)
    ledger = SimpleNamespace(ram_free=np.array([4, 1, 9, 1]), hosts=["h1", "h2", "h3", "h4"])
    order = algorithm.hosts(SimpleNamespace(ledger=ledger), None, None, np.array([0, 1, 3]))
    assert list(order) == ["h2", "h4", "h1"]


def test_the_entry_point_shown_is_read_by_the_plugins() -> None:
    """Its group is ours, its family exists, and it points into the module shown."""
    group = tomllib.loads(block("toml"))["project"]["entry-points"][GROUP]
    ((name, target),) = group.items()
    family, _, own = name.partition(".")
    assert own not in BUILT_IN[family]
    module, _, attribute = target.partition(":")
    first_line = block("python").partition("\n")[0]
    assert first_line == f"# {module.replace('.', '/')}.py"
    assert f"\n{attribute} = " in block("python")
