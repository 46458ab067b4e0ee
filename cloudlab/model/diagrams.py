"""Writes docs/lifecycles.md: every transition table as a picture and a table.

Run `python -m cloudlab.model.diagrams > docs/lifecycles.md` after a table has changed.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, Final

from cloudlab.model import (
    CLUSTER_LIFECYCLE,
    HOST_RESOURCE_LIFECYCLE,
    HOST_STATUS_LIFECYCLE,
    NETWORK_LIFECYCLE,
    NIC_LIFECYCLE,
    PHYSICAL_NETWORK_LIFECYCLE,
    POOL_LIFECYCLE,
    VM_LIFECYCLE,
    VM_SNAPSHOT_LIFECYCLE,
    VOLUME_LIFECYCLE,
    Lifecycle,
)


@dataclass(frozen=True, slots=True)
class Chapter:
    """One lifecycle of the page."""

    title: str
    about: str
    lifecycle: Lifecycle[Any, Any]


CHAPTERS: Final = (
    Chapter(
        "Virtual machine",
        "A machine occupies a host while it is Starting, Running, Stopping or Migrating. "
        "Destroyed keeps its disk and can be recovered until it is expunged; a first start "
        "that found no place ends in Error. Reports of hosts (AgentReport...) and of their "
        "hypervisors (FollowAgentPower...) are believed in every state that occupies a host. "
        "As CloudStack 4.0 has it, with the power reports of 4.6.",
        VM_LIFECYCLE,
    ),
    Chapter(
        "Volume",
        "A volume has no pool until it is created, with the first start of its machine. As "
        "CloudStack 4.0 has it, with the states for resizing, reverting and uploading of 4.6.",
        VOLUME_LIFECYCLE,
    ),
    Chapter(
        "VM snapshot",
        "The disks of a machine at one moment, with its memory if that is wanted. One that "
        "failed is in Error and can only be removed. As CloudStack 4.2 has it.",
        VM_SNAPSHOT_LIFECYCLE,
    ),
    Chapter(
        "Primary storage pool",
        "Only a pool that is Up takes new volumes; one that is Disabled serves those it has. "
        "CloudStack makes these moves without naming the events.",
        POOL_LIFECYCLE,
    ),
    Chapter(
        "Host: status",
        "Whether the host can be reached. Machines are placed on it only while it is Up and, "
        "by its resource state, Enabled. As CloudStack 4.0 has it (Down with PingTimeout: 4.6).",
        HOST_STATUS_LIFECYCLE,
    ),
    Chapter(
        "Host: resource state",
        "What the administrator wants of it. AdminAskMaintenace is CloudStack's spelling. As "
        "CloudStack 4.0 has it: a Disabled host cannot be asked into maintenance.",
        HOST_RESOURCE_LIFECYCLE,
    ),
    Chapter(
        "Zone, pod and cluster",
        "Born Disabled. In a Disabled one only the root administrator may place new machines; "
        "those that run there stay.",
        CLUSTER_LIFECYCLE,
    ),
    Chapter(
        "Network",
        "A network is implemented for its first machine and shut down when it has been idle. "
        "Shared and system networks are born in Setup: always plumbed, never shut down. As "
        "CloudStack 4.0 has it (DestroyNetwork from Allocated and Setup: 4.6).",
        NETWORK_LIFECYCLE,
    ),
    Chapter(
        "NIC",
        "The reservation of a NIC on its host; the address stays its own while it is Allocated.",
        NIC_LIFECYCLE,
    ),
    Chapter(
        "Physical network",
        "Switched on and off by the administrator.",
        PHYSICAL_NETWORK_LIFECYCLE,
    ),
)


def page() -> str:
    """Return the text of docs/lifecycles.md."""
    opening = (
        "# Lifecycles\n\n"
        "Everything with a state changes it by an event, and only as its table says. What is not "
        "in a table is refused with `IllegalMove`, whose message names the state, the event and "
        "what would be possible; nothing has changed then. The tables are the code's own "
        "(`cloudlab/model/`), and this page is written from them:\n\n"
        "    python -m cloudlab.model.diagrams > docs/lifecycles.md\n"
    )
    return "\n".join([opening, *map(_section, CHAPTERS)])


def _section(chapter: Chapter) -> str:
    lifecycle = chapter.lifecycle
    rows = [
        f"| {state} | {_moves(lifecycle, state) or '(the end)'} |" for state in lifecycle.states
    ]
    return "\n".join(
        [
            f"## {chapter.title}\n",
            f"{chapter.about}\n",
            f"```mermaid\n{lifecycle.mermaid()}\n```\n",
            "| from | event → to |",
            "|---|---|",
            *rows,
            "",
        ]
    )


def _moves(lifecycle: Lifecycle[Any, Any], state: str) -> str:
    """Return the moves out of `state`, `event → next · event → next`."""
    return " · ".join(f"{event} → {end}" for start, event, end in lifecycle if start == state)


if __name__ == "__main__":
    sys.stdout.write(page())
