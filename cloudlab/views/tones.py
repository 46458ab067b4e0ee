"""What a state means at a glance: one tone for every word of the transition tables."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from cloudlab.model import Host, HostStatus, ResourceState


class Tone(StrEnum):
    """How a state looks; pictures colour by it, and always say the state in words, too."""

    GOOD = "good"
    """Works as it should."""
    BUSY = "busy"
    """On its way to another state."""
    IDLE = "idle"
    """Off, by itself or on purpose."""
    GONE = "gone"
    """Destroyed, soon forgotten."""
    WARN = "warn"
    """Somebody should look at it."""
    BAD = "bad"
    """Failed."""


_WORDS: Final = {
    Tone.GOOD: "Running Up Enabled Ready Setup Implemented Reserved SUCCEEDED enabled INFO",
    Tone.BUSY: (
        "Starting Stopping Migrating Creating Connecting Rebalancing PrepareForMaintenance "
        "IN_PROGRESS UploadOp Snapshotting Resizing RevertSnapshotting Copying UploadInProgress "
        "Implementing Reserving Deallocating Releasing"
    ),
    Tone.IDLE: "Stopped Disabled Maintenance Allocated Initial disabled locked NotUploaded",
    Tone.GONE: "Destroyed Expunging Expunged Destroy Removed UploadAbandoned",
    Tone.WARN: "Alert Disconnected WARN",
    Tone.BAD: "Error Down ErrorInMaintenance FAILED UploadError ERROR",
}
_TONES: Final = {word: tone for tone, words in _WORDS.items() for word in words.split()}


def tone_of(state: str) -> Tone:
    """Return the tone of a state by its word; a word nobody knows is idle."""
    return _TONES.get(state, Tone.IDLE)


def host_word(status: HostStatus, wanted: ResourceState) -> str:
    """Return the one word for a host: its status, or what the administrator wants if it is Up."""
    at_work = status is HostStatus.UP and wanted is not ResourceState.CREATING
    return wanted.value if at_work and wanted is not ResourceState.ENABLED else status.value


def host_state(host: Host) -> str:
    """Return the one word for `host` as it is now: `Up`, `Down`, `Maintenance` ..."""
    return host_word(host.status, host.resource_state)
