"""Why a request was refused, as a number small enough for a column."""

from __future__ import annotations

from enum import IntEnum


class Reason(IntEnum):
    """What became of a request; everything but `ADMITTED` is a refusal.

    SIZE: no host could hold the VM even when empty. TAGS: no host carries the tags, or has the
    abilities, asked for. UNAVAILABLE: every host that could is down, disabled, tried before,
    out of reach of the VM's volumes or at its limit of guests. THRESHOLD: a host has room but
    its cluster would be over its disable threshold. CPU, RAM, CPU_AND_RAM: what the hosts are
    short of. STORAGE: a host has room but no pool. ADDRESS: only an address is missing.
    """

    ADMITTED = 0
    SIZE = 1
    TAGS = 2
    UNAVAILABLE = 3
    THRESHOLD = 4
    CPU = 5
    RAM = 6
    CPU_AND_RAM = 7
    STORAGE = 8
    ADDRESS = 9

    @property
    def label(self) -> str:
        """The reason in words: `cpu and ram`."""
        return self.name.lower().replace("_", " ")
