"""Time enters through the engine, chance through a stream; nothing is swallowed or promised."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.rules import (
    LAWS,
    promises_later,
    reads_a_clock,
    rolls_dice,
    swallows_everything,
)
from tests.support.places import PACKAGES, ROOT, python_files

OFFENCES = [
    (reads_a_clock, "import time\ntime.sleep(1)"),
    (reads_a_clock, "import time\nstarted = time.time()"),
    (reads_a_clock, "from time import sleep"),
    (reads_a_clock, "from datetime import datetime\nnow = datetime.now(UTC)"),
    (reads_a_clock, "import datetime\ntoday = datetime.date.today()"),
    (rolls_dice, "import random"),
    (rolls_dice, "from random import choice"),
    (rolls_dice, "import numpy as np\ngenerator = np.random.default_rng(1)"),
    (swallows_everything, "try:\n    act()\nexcept BaseException:\n    pass"),
    (swallows_everything, "try:\n    act()\nexcept (OSError, BaseException):\n    pass"),
    (swallows_everything, "try:\n    act()\nexcept:\n    pass"),
    (promises_later, "def start():\n    raise NotImplementedError"),
]
INNOCENT = """
import time
from datetime import timedelta

import numpy as np

elapsed = time.perf_counter()
def roll(generator: np.random.Generator) -> float:
    try:
        return generator.random()
    except Exception:
        return 0.0
"""


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_sources_keep_the_law(law) -> None:
    """No module reads a clock, rolls dice, swallows everything or promises for later."""
    packages, exempt = LAWS[law]
    offenders = [
        f"{file.relative_to(ROOT)}:{line}"
        for file in python_files(*packages)
        if not str(file.relative_to(ROOT)).startswith(exempt or "-")
        for line in law(ast.parse(file.read_text(encoding="utf-8")))
    ]
    assert not offenders, f"{law.__doc__} Found: {', '.join(offenders)}"


@pytest.mark.parametrize(("law", "offence"), OFFENCES)
def test_the_law_sees_an_offence(law, offence: str) -> None:
    """Each law finds a small program that breaks it, and points at one line."""
    assert len(list(law(ast.parse(offence)))) == 1


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_law_lets_honest_code_pass(law) -> None:
    """Measuring durations, using a stream and catching Exception offend no law."""
    assert not list(law(ast.parse(INNOCENT)))


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_says_what_it_is_for(package: str) -> None:
    """Every file of the three packages opens with a docstring whose first line is a sentence."""
    silent = [
        str(file.relative_to(ROOT))
        for file in python_files(package)
        if not (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").strip()
    ]
    assert not silent, f"say in the first line what these are for: {', '.join(silent)}"
