"""Hosts that are this machine, for every test."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.kvm.hosts import Here

collect_ignore_glob = ["test_*.py"] if find_spec("libvirt") is None else []
"""Without libvirt there is nothing to try; the lane of real hosts says that it is missing."""


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Here]:
    """Two hosts of libvirt's test driver, connected, with a pool in a folder."""
    from tests.kvm.hosts import here as hosts

    with hosts(tmp_path) as made:
        made.open()
        yield made
