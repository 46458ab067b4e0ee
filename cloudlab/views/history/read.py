"""The timeline read from the journal: every kept move of a host or VM becomes a bar."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from cloudlab.errors import InvalidParameter
from cloudlab.model import (
    Host,
    HostEvent,
    HostStatus,
    ResourceEvent,
    ResourceState,
    VirtualMachine,
    VmEvent,
    VmState,
)
from cloudlab.views.history.lanes import Bar, Lane, Mark, Timeline
from cloudlab.views.places import Level
from cloudlab.views.tones import Tone, host_word

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.state import Move

_FAILURES: Final = frozenset(
    {
        VmEvent.OPERATION_FAILED,
        VmEvent.OPERATION_FAILED_TO_ERROR,
        VmEvent.AGENT_REPORT_STOPPED,
        VmEvent.FOLLOW_AGENT_POWER_OFF_REPORT,
        HostEvent.AGENT_DISCONNECTED,
        HostEvent.PING_TIMEOUT,
        HostEvent.HOST_DOWN,
        HostEvent.WAITED_TOO_LONG,
        HostEvent.REBALANCE_FAILED,
        HostEvent.ERROR,
        ResourceEvent.UNABLE_TO_MIGRATE,
    }
)
_RETRIES: Final = frozenset({VmEvent.OPERATION_RETRY})
_LEFT_STOPPED: Final = frozenset(
    {
        VmEvent.OPERATION_FAILED,
        VmEvent.AGENT_REPORT_STOPPED,
        VmEvent.FOLLOW_AGENT_POWER_OFF_REPORT,
    }
)
"""Events after which a Stopped VM was not stopped by anybody who wanted that."""

Subject = Host | VirtualMachine


def timeline(cloud: Cloud, since: float = 0.0, until: float | None = None) -> Timeline:
    """Return what hosts and VMs went through, as far as the journal remembers.

    Args:
        cloud: What to show.
        since: Where it starts, seconds.
        until: Where it ends, seconds; the present if not given.

    Raises:
        InvalidParameter: it would end before it starts.
    """
    end = cloud.now if until is None else until
    if end < since:
        raise InvalidParameter(f"a timeline from {since:g} s cannot end at {end:g} s")
    moves = _moves(cloud)
    lanes = (
        _lane(subject, moves.get(subject, []), since, end) for subject in _subjects(cloud, moves)
    )
    return Timeline(since, end, tuple(lane for lane in lanes if lane.bars or lane.marks))


def _moves(cloud: Cloud) -> dict[Subject, list[Move]]:
    """Return the kept moves of every host and VM, removed ones included."""
    found: dict[Subject, list[Move]] = {}
    for move in tuple(cloud.journal.moves):
        if isinstance(move.subject, (Host, VirtualMachine)):
            found.setdefault(move.subject, []).append(move)
    return found


def _subjects(cloud: Cloud, moves: dict[Subject, list[Move]]) -> list[Subject]:
    """Return the hosts, then the VMs, in order of id, there or removed."""
    there: set[Subject] = {*cloud.inventory.hosts, *cloud.inventory.vms, *moves}
    return sorted(there, key=lambda each: (Level(each.kind).depth, each.id))


def _lane(subject: Subject, moves: list[Move], since: float, until: float) -> Lane:
    bars = (_clipped(bar, since, until) for bar in _bars(subject, moves, until))
    marks = (_mark(move) for move in moves if since <= move.at <= until)
    return Lane(
        Level(subject.kind),
        subject.id,
        subject.name,
        tuple(bar for bar in bars if bar.seconds > 0),
        tuple(mark for mark in marks if mark is not None),
    )


def _bars(subject: Subject, moves: list[Move], until: float) -> Iterator[Bar]:
    """Yield the states one after the other, equal neighbours as one."""
    values = _first_values(subject, moves)
    bar = Bar(_word(values), subject.created, subject.created)
    for move in moves:
        values[move.field] = move.after
        word = _word(values)
        waits = word == VmState.STOPPED and move.event in _LEFT_STOPPED
        if (word, waits) != (bar.state, bar.is_waiting):
            yield Bar(bar.state, bar.start, move.at, bar.event, bar.is_waiting)
            bar = Bar(word, move.at, move.at, str(move.event), waits)
    end = until if subject.removed is None else subject.removed
    yield Bar(bar.state, bar.start, end, bar.event, bar.is_waiting)


def _first_values(subject: Subject, moves: list[Move]) -> dict[str, str]:
    """Return the value of each field before the first kept move."""
    names = ("status", "resource_state") if isinstance(subject, Host) else ("state",)
    values: dict[str, str] = {name: getattr(subject, name) for name in names}
    values.update({move.field: move.before for move in reversed(moves)})
    return values


def _word(values: dict[str, str]) -> str:
    """Return the one word for a host or VM with these values."""
    if "state" in values:
        return str(values["state"])
    return host_word(HostStatus(values["status"]), ResourceState(values["resource_state"]))


def _clipped(bar: Bar, since: float, until: float) -> Bar:
    start, end = max(bar.start, since), min(bar.end, until)
    return Bar(bar.state, start, end, bar.event, bar.is_waiting)


def _mark(move: Move) -> Mark | None:
    if move.event in _FAILURES:
        return Mark(move.at, str(move.event), Tone.BAD)
    return Mark(move.at, str(move.event), Tone.WARN) if move.event in _RETRIES else None
