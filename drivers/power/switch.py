"""What a switch for the power of one host can do; every call blocks."""

from __future__ import annotations

from typing import Protocol


class Switch(Protocol):
    """The power switch of one host.

    Each method raises `DriverFault` where the switch itself does not answer: whether the host
    has power is not known then.
    """

    def off(self) -> None:
        """Ask for the power to be cut at once."""

    def on(self) -> None:
        """Ask for power."""

    def is_on(self) -> bool:
        """Return whether the host has power now."""
