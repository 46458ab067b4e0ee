"""What libvirt notes of snapshots on one host: nothing, as a rule, and never for long."""

from __future__ import annotations

import re
from typing import Final

import libvirt

NOTE_ONLY: Final = libvirt.VIR_DOMAIN_SNAPSHOT_DELETE_METADATA_ONLY
"""Drops a note; the snapshot stays in the disks."""

_OURS: Final = re.compile(r"snapshot-\d+")


def name_of(snapshot_id: int) -> str:
    """Return what a snapshot is called, by libvirt and inside the images."""
    return f"snapshot-{snapshot_id}"


def forget_notes(domain: libvirt.virDomain) -> None:
    """Let libvirt forget its notes on our snapshots of `domain`; others' stay.

    There are some where we ended between making them and dropping them. With any a machine
    cannot move, and one cannot be made anew for another document of the machine.
    """
    for known in domain.listAllSnapshots():
        if _OURS.fullmatch(known.getName()):
            known.delete(NOTE_ONLY)
