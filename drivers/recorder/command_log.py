"""Every command that went to a host: what was sent, when, and what came of it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, overload

from cloudlab.views.listing import Listing
from cloudlab.views.markup import Markup, tag
from cloudlab.views.sent import Sent
from drivers.recorder.secrets import Secrets

if TYPE_CHECKING:
    import pandas as pd

LONGEST: Final = 4000
"""Characters kept of a command; a document sent along may be far longer."""

_WIDEST: Final = 100
"""Characters of a command that its line in a notebook has; the rest opens."""

_SHOWN: Final = 20
"""Entries that the log shows of itself."""


class CommandLog:
    """The last commands sent to any host; safe to write to from several threads."""

    def __init__(
        self,
        size: int = 10_000,
        secrets: Secrets | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Keep the last `size` entries, with `secrets` blotted out in them."""
        self.secrets = Secrets() if secrets is None else secrets
        self.clock = clock
        self._entries: deque[Sent] = deque(maxlen=size)
        self._lock = threading.Lock()

    def note(self, host: str, kind: str, text: str, seconds: float, error: str = "") -> Sent:
        """Write down a command whose answer came just now; it failed if there is an `error`."""
        began = self.clock() - seconds
        sent = Sent(began, host, kind, self._tidy(text), not error, seconds, self._tidy(error))
        with self._lock:
            self._entries.append(sent)
        return sent

    def _tidy(self, text: str) -> str:
        hidden = self.secrets.hide(text)
        return hidden if len(hidden) <= LONGEST else f"{hidden[:LONGEST]}…"

    def entries(
        self, *, host: str | None = None, kind: str | None = None, failed: bool = False
    ) -> tuple[Sent, ...]:
        """Return what was sent, oldest answer first.

        Args:
            host: only to the host of this name.
            kind: only what went this way.
            failed: only what failed.
        """
        with self._lock:
            entries = tuple(self._entries)
        return tuple(
            each
            for each in entries
            if host in {None, each.host} and kind in {None, each.kind} and not (failed and each.ok)
        )

    def rows(self, *, host: str | None = None) -> list[dict[str, str | float | bool]]:
        """Return the entries as plain rows, ready for `pandas.DataFrame`."""
        return [asdict(entry) for entry in self.entries(host=host)]

    @overload
    def __getitem__(self, index: int) -> Sent: ...
    @overload
    def __getitem__(self, index: slice) -> Listing[Sent]: ...
    def __getitem__(self, index: int | slice) -> Sent | Listing[Sent]:
        """Return one entry, or some as a table: `log[-5:]` are the last five."""
        return Listing(Sent, self.entries())[index]

    def __iter__(self) -> Iterator[Sent]:
        return iter(self.entries())

    def frame(self) -> pd.DataFrame:
        """Return the entries as a frame."""
        return self[:].frame()

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        entries = self.entries()
        return "\n".join([_title(entries), *map(str, entries[-_SHOWN:])])

    def _repr_html_(self) -> Markup:
        entries = self.entries()
        names = ("time", "host", "way", "seconds", "command", "outcome")
        head = tag("tr", *(tag("th", name) for name in names))
        body = (
            tag("tr", *(tag("td", cell) for cell in _cells(each))) for each in entries[-_SHOWN:]
        )
        return tag("table", tag("caption", _title(entries)), head, *body)


def _cells(sent: Sent) -> tuple[str | Markup, ...]:
    moment = datetime.fromtimestamp(sent.at, UTC).strftime("%H:%M:%S")
    ending = "ok" if sent.ok else sent.error
    return moment, sent.host, sent.kind, f"{sent.seconds:.3f}", _folded(sent.text), ending


def _folded(text: str) -> Markup:
    """Return a command as one line; a script opens when it is clicked."""
    first, *more = text.splitlines() or [""]
    short = first if len(first) <= _WIDEST else f"{first[:_WIDEST]}…"
    line = tag("code", short)
    if short == text:
        return line
    count = f" … {len(more)} more lines" if more else ""
    return tag("details", tag("summary", line, count), tag("pre", text))


def _title(entries: tuple[Sent, ...]) -> str:
    failed = sum(not entry.ok for entry in entries)
    hosts = len({entry.host for entry in entries})
    last = f"; the last {_SHOWN}:" if len(entries) > _SHOWN else ""
    return f"{len(entries):,} commands to {hosts} hosts, {failed} failed (UTC){last}"
