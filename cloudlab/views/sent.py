"""What was sent to hosts, as people look at it; a simulation sends nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, overload

from cloudlab.views.listing import Listing
from cloudlab.views.markup import Markup, tag

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Sent:
    """One command that went to a host; secrets are blotted out.

    Attributes:
        at: when it was sent, seconds of the log's clock (since 1970 unless told otherwise).
        host: the host's name.
        kind: the way it went: `ssh`, `libvirt` ...
        text: the command.
        ok: whether it succeeded.
        seconds: until its answer came.
        error: what went wrong, empty if nothing did.
    """

    at: float
    host: str
    kind: str
    text: str
    ok: bool
    seconds: float
    error: str = ""

    def __str__(self) -> str:
        """Return the entry as a line: time, host, what was sent, what came of it."""
        moment = datetime.fromtimestamp(self.at, UTC).strftime("%H:%M:%S.%f")[:-3]
        ending = "ok" if self.ok else f"FAILED: {self.error}"
        line = " ⏎ ".join(self.text.splitlines())
        return f"{moment}  {self.host}  {self.kind}  {self.seconds:.3f} s  {line}  {ending}"


class Commands(Protocol):
    """Commands that were sent to hosts: how many, and the last ones as text and as a table."""

    def __len__(self) -> int:
        """Return how many are kept."""

    @overload
    def __getitem__(self, index: int) -> Sent: ...
    @overload
    def __getitem__(self, index: slice) -> Listing[Sent]: ...
    def __iter__(self) -> Iterator[Sent]: ...

    def frame(self) -> pd.DataFrame:
        """Return them as a frame."""

    def rows(self, *, host: str | None = None) -> list[dict[str, str | float | bool]]:
        """Return them as plain rows, ready for `pandas.DataFrame`: all, or those to `host`."""

    def _repr_html_(self) -> Markup: ...


class NothingSent:
    """The commands of a simulation: none."""

    def __len__(self) -> int:
        """Return 0."""
        return 0

    @overload
    def __getitem__(self, index: int) -> Sent: ...
    @overload
    def __getitem__(self, index: slice) -> Listing[Sent]: ...
    def __getitem__(self, index: int | slice) -> Sent | Listing[Sent]:
        """Return an empty table, and no single one."""
        return Listing(Sent, ())[index]

    def __iter__(self) -> Iterator[Sent]:
        """Yield nothing."""
        return iter(())

    def frame(self) -> pd.DataFrame:
        """Return a frame without rows."""
        return self[:].frame()

    def rows(self, *, host: str | None = None) -> list[dict[str, str | float | bool]]:
        """Return no rows."""
        del host
        return []

    def __repr__(self) -> str:
        """Say why there are none."""
        return "a simulation sends no command to any host"

    def _repr_html_(self) -> Markup:
        return tag("p", repr(self))
