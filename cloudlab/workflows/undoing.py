"""What is taken away: asked for more than once, and told to somebody if it stays all the same.

Everything a driver takes away (`destroy`, `delete`, `unplug`, `forget`, `evict`, `detach`) may
be asked for again: what is gone is gone. So one lost answer never leaves anything behind.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVarTuple

from cloudlab.engine import Rollback
from cloudlab.errors import CloudError, DriverFault
from cloudlab.model import AlertType, Record
from cloudlab.workflows.scopes import scope_of

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud

Args = TypeVarTuple("Args")

TRIES: Final = 3
"""How often a step that takes something away is tried."""

_ALERTS: Final = {
    "vm": AlertType.USERVM,
    "host": AlertType.HOST,
    "volume": AlertType.STORAGE_MISC,
    "pool": AlertType.STORAGE_MISC,
    "template": AlertType.STORAGE_MISC,
}


async def surely(step: Callable[[*Args], Awaitable[None]], *args: *Args) -> None:
    """Do the idempotent `step(*args)`, trying again when it fails.

    Raises:
        CloudError: it failed `TRIES` times.
    """
    try:
        await step(*args)
    except CloudError:
        await again(step, *args)


async def again(step: Callable[[*Args], Awaitable[None]], *args: *Args) -> None:
    """Do the idempotent `step(*args)`, which failed once, until it has failed `TRIES` times.

    Raises:
        CloudError: it has.
    """
    for _ in range(TRIES - 2):
        try:
            return await step(*args)
        except CloudError:
            continue
    return await step(*args)


async def tidy(
    cloud: Cloud, subject: Record, step: Callable[[*Args], Awaitable[None]], *args: *Args
) -> bool:
    """Do the idempotent `step(*args)` surely; return False, with an alert, if it cannot be done."""
    try:
        await surely(step, *args)
    except CloudError as error:
        left_behind(cloud, subject, error)
        return False
    return True


def left_behind(cloud: Cloud, subject: Record, error: Exception) -> None:
    """Tell the administrator that something of `subject` could not be removed."""
    kind = _ALERTS.get(subject.kind, AlertType.MANAGEMENT_NODE)
    cloud.alert(kind, scope_of(subject), f"Unable to clean up after {subject}", str(error))


def undoing(cloud: Cloud, subject: Record) -> Rollback:
    """Return a rollback of something done to `subject`: what cannot be undone is no `HostFault`.

    It is told to the administrator and raised as a `DriverFault`, whatever the driver said: a
    machine that may still be there is never begun a second time elsewhere.
    """
    return Rollback(cloud.engine, partial(_report, cloud, subject))


def _report(
    cloud: Cloud, subject: Record, error: Exception, _step: object, _args: tuple[object, ...]
) -> None:
    left_behind(cloud, subject, error)
    raise DriverFault(f"{subject} could not be cleaned up: {error}") from error
