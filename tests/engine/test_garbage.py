"""The garbage collector is put off for a simulation, and only for it."""

from __future__ import annotations

import gc

import pytest

from cloudlab.engine import quiet_gc


def test_thresholds_are_raised_and_restored() -> None:
    """Nested blocks, too, and also when the block fails."""
    before = gc.get_threshold()

    def nested():
        with quiet_gc():
            inside = gc.get_threshold()
            with quiet_gc():
                assert gc.get_threshold() == inside > before
            assert gc.get_threshold() == inside
            raise KeyError

    with pytest.raises(KeyError):
        nested()
    assert gc.get_threshold() == before


def test_a_large_run_is_collected_seldom() -> None:
    """A hundred thousand live objects cost two young collections instead of a hundred and more."""
    collections = []
    gc.callbacks.append(lambda phase, info: collections.append(phase == "start"))
    try:
        with quiet_gc():
            kept = [[] for _ in range(100_000)]
        quiet = sum(collections)
        collections.clear()
        kept += [[] for _ in range(100_000)]
        assert quiet <= 3
        assert sum(collections) > 10 * quiet
    finally:
        gc.callbacks.pop()
