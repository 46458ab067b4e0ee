"""Waiting for a machine to come to rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloudlab.model import VirtualMachine, VmState

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.state import Move

IN_MOTION: Final = frozenset({VmState.STARTING, VmState.STOPPING, VmState.MIGRATING})
"""States that end by themselves."""


async def at_rest(cloud: Cloud, vm: VirtualMachine) -> None:
    """Wait until `vm` is neither Starting nor Stopping nor Migrating."""
    while vm.state in IN_MOTION:
        moved = cloud.engine.event()

        def hear(move: Move) -> None:
            if move.subject is vm and not moved.triggered:  # noqa: B023  (heard in this turn)
                moved.succeed()  # noqa: B023

        deaf = cloud.journal.listen(hear)
        try:
            await cloud.engine.wait(moved)
        finally:
            deaf()
