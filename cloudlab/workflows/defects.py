"""Errors that nobody foresaw, of a driver or of ours: told to people, and the end of nothing else.

A command ends with such an error. What the cloud does by itself has nobody to give it to: it
becomes an alert, and the next round is made all the same.
"""

from __future__ import annotations

from collections.abc import Awaitable
from traceback import extract_tb
from typing import TYPE_CHECKING, Final, TypeVar

from cloudlab.engine import Interrupted
from cloudlab.errors import CloudError
from cloudlab.model import AlertType

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud

T = TypeVar("T")

DEFECT: Final = "Defect in"
"""How the subject line of an alert about a defect begins."""


async def quietly(cloud: Cloud, work: Awaitable[object], name: str) -> None:
    """Do `work`; if it fails, the administrator has been told, or is told of the defect.

    Args:
        cloud: where it is done.
        work: what is done.
        name: what it is called in the alert: `fencing of c1-h1`.
    """
    try:
        await work
    except (CloudError, Interrupted) as error:
        if isinstance(error, Interrupted):
            raise
    except Exception as error:  # noqa: BLE001  (whatever it is, the cloud has to go on)
        report(cloud, name, error)


async def answer_of(cloud: Cloud, question: Awaitable[T], name: str) -> T | None:
    """Return the answer to `question`, `None` if it failed; a defect is no answer, but an alert.

    Args:
        cloud: where it is asked.
        question: of somebody outside.
        name: what it is called in the alert: `power.state of c1-h1`.
    """
    try:
        return await question
    except (CloudError, Interrupted) as error:
        if isinstance(error, Interrupted):
            raise
    except Exception as error:  # noqa: BLE001  (a driver's defect must not keep others from asking)
        report(cloud, name, error)
    return None


def report(cloud: Cloud, name: str, error: Exception) -> None:
    """Tell the administrator of a defect, once as long as that alert is open."""
    subject, text = f"{DEFECT} {name}", f"{type(error).__name__}: {error}{_place(error)}"
    for known in cloud.inventory.alerts:
        if known.is_open and (known.name, known.text) == (subject, text):
            known.sent_count += 1
            known.last_sent = cloud.now
            return
    cloud.alert(AlertType.MANAGEMENT_NODE, name, subject, text)


def _place(error: Exception) -> str:
    """Return where it was raised, as people look it up."""
    frames = extract_tb(error.__traceback__)
    return f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""
