"""What is true of the lab as a whole: name, rules, counters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from cloudlab.store.changes.change import Change
from cloudlab.store.schema import META


class MetaWatch:
    """Single values under names."""

    def __init__(self, values: Callable[[], Mapping[str, object]]) -> None:
        """Watch what `values` returns, nothing of which was written yet."""
        self._values = values
        self._written: Mapping[str, object] = {}

    def change(self) -> Change | None:
        """Return the values that differ."""
        found = self._values()
        if found == self._written:
            return None
        rows = [
            {"key": name, "value": value}
            for name, value in found.items()
            if name not in self._written or self._written[name] != value
        ]
        return Change(META, [], rows, partial(self._remember, found))

    def _remember(self, found: Mapping[str, object]) -> None:
        self._written = found
