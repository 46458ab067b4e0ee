"""The commands that the documents name exist."""

from __future__ import annotations

import os
import re

import pytest

from tests.support.places import ROOT

TARGETS = {
    "setup",
    "demo",
    "lab",
    "check",
    "test",
    "bench",
    "notebooks",
    "coverage-book",
    "clean",
}
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def test_make_has_every_target_and_explains_it() -> None:
    """`make` alone lists the nine targets, each with a line on what it does."""
    assert set(re.findall(r"^([a-z-]+):.*## \w", MAKEFILE, re.MULTILINE)) == TARGETS
    phony = re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    assert phony
    assert set(phony[1].split()) == TARGETS | {"help"}


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_documents_name_only_targets_that_exist(document: str) -> None:
    """No document sends its reader to a `make` target that is not there."""
    text = (ROOT / document).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|`)make ([a-z]+(?:-[a-z]+)*)", text, re.MULTILINE))
    assert named
    assert named <= TARGETS


def test_the_continuous_run_is_a_program_that_calls_make_test() -> None:
    """`.ci/run` is executable, stops at the first failure and hands over to `make test`."""
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    text = script.read_text(encoding="utf-8")
    assert "set -euo pipefail" in text
    assert re.search(r"^exec .*make test$", text, re.MULTILINE)
