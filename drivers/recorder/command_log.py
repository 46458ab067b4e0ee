"""Every command that went to a host: what was sent, when, and what came of it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final

from cloudlab.views.markup import Markup, tag
from drivers.recorder.secrets import Secrets

LONGEST: Final = 4000
"""Characters kept of a command; a document sent along may be far longer."""

_WIDEST: Final = 100
"""Characters of a command that its line in a notebook has; the rest opens."""

_SHOWN: Final = 20
"""Entries that the log shows of itself."""


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
