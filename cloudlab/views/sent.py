"""What was sent to hosts, as people look at it; a simulation sends nothing."""

from __future__ import annotations

from typing import Protocol

from cloudlab.views.markup import Markup, tag


class Commands(Protocol):
    """Commands that were sent to hosts: how many, and the last ones as text and as a table."""

    def __len__(self) -> int:
        """Return how many are kept."""

    def rows(self, *, host: str | None = None) -> list[dict[str, str | float | bool]]:
        """Return them as plain rows, ready for `pandas.DataFrame`: all, or those to `host`."""

    def _repr_html_(self) -> Markup: ...


class NothingSent:
    """The commands of a simulation: none."""

    def __len__(self) -> int:
        """Return 0."""
        return 0

    def rows(self, *, host: str | None = None) -> list[dict[str, str | float | bool]]:
        """Return no rows."""
        del host
        return []

    def __repr__(self) -> str:
        """Say why there are none."""
        return "a simulation sends no command to any host"

    def _repr_html_(self) -> Markup:
        return tag("p", repr(self))
