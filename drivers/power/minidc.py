"""The power switch of a host in a mini data centre: its first process."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drivers.minidc import MiniDc


class MiniDcSwitch:
    """Switches one host of a mini data centre."""

    def __init__(self, center: MiniDc, name: str) -> None:
        """Switch the host `name` of `center`."""
        self._center = center
        self._name = name

    def off(self) -> None:
        """Cut the power: cables, processes and guests are gone at once."""
        self._center.kill(self._name)

    def on(self) -> None:
        """Start the host; nothing runs on it."""
        self._center.start(self._name)

    def is_on(self) -> bool:
        """Return whether its first process lives.

        Raises:
            NotFound: there is no such host.
        """
        return self._center.is_on(self._name)
