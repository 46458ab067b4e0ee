"""Two hosts that run real guests, for all tests of a module."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.minidc import Layout, MiniDc
from tests.real.kvm.lab import Lab, lab


@pytest.fixture(scope="module")
def dc() -> Iterator[MiniDc]:
    """A data centre of two hosts."""
    home = Path(tempfile.mkdtemp(prefix="cl-kvm-"))
    made = MiniDc(Layout.named(directory=home / "dc"))
    try:
        made.up(2)
        yield made
    finally:
        made.down()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def here(dc: MiniDc) -> Iterator[Lab]:
    """The ports on both hosts, connected; the pool attached; nothing runs."""
    for name in ("h1", "h2"):
        dc.start(name)
    with lab(dc) as made:
        yield made
