"""Runs scripts in the folders of pools, on any host that reaches them."""

from __future__ import annotations

import re
import secrets
import time
from typing import TYPE_CHECKING, Final

from cloudlab.errors import DriverFault
from drivers.kvm.storage.scripts import MISSING, NO_ROOM, TAKEN, UNFIT

if TYPE_CHECKING:
    from drivers.site import Access, Done


class AlreadyThere(DriverFault):
    """Something has the name of what was to be made, and was made by others: it was left alone."""


_WORDS_OF_FULL: Final = b"No space left on device"

LONG: Final = 3600.0
"""Seconds that copying a disk may take."""

SPARE: Final = "/var/tmp"  # noqa: S108  (names there are used once and for root alone)
"""Where hosts keep, while they travel, volumes that lie in no folder."""


def unique() -> str:
    """Return a word that nobody else uses: part of the names of files that are being made."""
    return secrets.token_hex(8)


def moment(digits: int = 9) -> str:
    """Return a time that nobody else gives to a file: this second, any part of it."""
    return f"{int(time.time())}.{secrets.randbelow(10**digits):0{digits}}"


def run(
    access: Access,
    what: str,
    script: str,
    *words: str,
    given: bytes | None = None,
    timeout: float = 30.0,
    stoppable: bool = False,
) -> Done:
    """Run a script of `scripts` and return how it ended: well.

    Args:
        access: the host that does it.
        what: for messages, `making volume ROOT-7 on pool p1`.
        script: which.
        words: its arguments.
        given: its standard input.
        timeout: seconds.
        stoppable: whether it ends once nobody waits for it any more.

    Raises:
        HostFault: the host does not answer.
        AlreadyThere: what it was to make is there, and others made it.
        DriverFault: it did not work.
        Cancelled: it was stopped, and has ended.
    """
    argv = ["sh", "-ec", script, "sh", *words]
    done = access.shell.run(argv, input=given, timeout=timeout, stoppable=stoppable)
    if done.exit_code == 0:
        return done
    last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
    text = f"{what} on host {access.name} failed: {last or f'exit code {done.exit_code}'}"
    if done.exit_code == TAKEN:
        raise AlreadyThere(of_others(text))
    raise DriverFault(f"{text}{_advice(done)}")


def run_long(access: Access, what: str, script: str, *words: str) -> Done:
    """Run a script that moves the data of a disk; it ends once nobody waits for it any more.

    Raises:
        Cancelled: it was stopped, and has ended.
        CloudError: as `run` does.
    """
    return run(access, what, script, *words, timeout=LONG + 60.0, stoppable=True)


def of_others(said: str, remedy: str = "remove it") -> str:
    """Return the sentence for what has the name of ours and is not; `said` is how it begins."""
    return (
        f"{said}, of another lab of this name or of one whose books were lost; it was left alone: "
        f"give this lab another name, or {remedy} if nobody needs it"
    )


def ids(listing: str, pattern: re.Pattern[str]) -> set[int]:
    """Return the numbers in those lines of `listing` that are of this `pattern`."""
    matches = (pattern.fullmatch(line) for line in listing.splitlines())
    return {int(match.group(1)) for match in matches if match}


def _advice(done: Done) -> str:
    if done.exit_code == NO_ROOM or _WORDS_OF_FULL in done.stderr:
        return "; the storage is full: make room there or use another pool"
    known = {
        MISSING: "; look whether the storage is mounted",
        UNFIT: "; nothing was changed",
    }
    return known.get(done.exit_code, "")
