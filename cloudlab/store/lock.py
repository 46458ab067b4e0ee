"""One process at a time: who has a store open, and that a dead owner does not keep it."""

from __future__ import annotations

import fcntl
import os
import socket
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from cloudlab.errors import Conflict
from cloudlab.store.schema import OWNER

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine, RowMapping


class Lock(Protocol):
    """Held from the opening of a store to its closing."""

    def release(self) -> None:
        """Let others open the store; a lock that is not held stays so."""


class FileLock:
    """A locked file beside an SQLite file; the kernel unlocks it when its owner dies."""

    def __init__(self, path: Path, store: str) -> None:
        """Take the lock.

        Raises:
            Conflict: another process has it, or another store of this one.
        """
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(self._file, 400, 0).decode(errors="replace").strip()
            since = datetime.fromtimestamp(os.fstat(self._file).st_mtime, UTC)
            os.close(self._file)
            raise Conflict(
                f"{store} is already open by {owner or 'another process'} "
                f"since {since:%Y-%m-%d %H:%M:%S} UTC: close it there first"
            ) from None
        os.ftruncate(self._file, 0)
        text = f"process {os.getpid()} on host {socket.gethostname()}\n"
        os.pwrite(self._file, text.encode(), 0)

    def release(self) -> None:
        """Unlock the file; it stays, since another process may be about to lock it."""
        if self._file >= 0:
            os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = -1


class OwnerRow:
    """A row that names the owner, for databases on servers.

    An owner that died on this host is succeeded by whoever opens next. Of one on another host
    nobody can tell from here: a person has to say that it is gone.
    """

    def __init__(self, engine: Engine, store: str, *, take_over: bool = False) -> None:
        """Write the row.

        Args:
            engine: The database.
            store: What to call it.
            take_over: Whether somebody made sure that the owner is gone.

        Raises:
            Conflict: another process has the store open.
        """
        self._engine, self._store, self._token = engine, store, uuid4().hex
        with suppress(IntegrityError):
            self._write(None)
            return
        with engine.connect() as connection:
            owner = connection.execute(select(OWNER)).mappings().first()
        if owner is not None and not (take_over or _is_dead(owner)):
            raise Conflict(self._refusal(owner))
        with suppress(IntegrityError):
            self._write(owner)
            return
        raise Conflict(f"{store} was just opened by another process: close it there first")

    def release(self) -> None:
        """Delete the row, if it is still ours."""
        with self._engine.begin() as connection:
            connection.execute(delete(OWNER).where(OWNER.c.token == self._token))

    def _write(self, before: RowMapping | None) -> None:
        """Put our row in place of the one `before`; two at once would collide on its id."""
        row = {
            "id": 1,
            "host": socket.gethostname(),
            "process": os.getpid(),
            "token": self._token,
        }
        with self._engine.begin() as connection:
            if before is not None:
                connection.execute(delete(OWNER).where(OWNER.c.token == before["token"]))
            connection.execute(insert(OWNER), row)

    def _refusal(self, owner: RowMapping) -> str:
        return (
            f"{self._store} is already open by process {owner['process']} on host "
            f"{owner['host']} since {owner['since']:%Y-%m-%d %H:%M:%S} by the database's clock: "
            "close it there first, or, if that process is certainly gone, open it with "
            "take_over=True"
        )


def _is_dead(owner: RowMapping) -> bool:
    """Return whether the process ran on this host and does not any more."""
    if owner["host"] != socket.gethostname():
        return False
    try:
        with suppress(PermissionError):
            os.kill(owner["process"], 0)
    except ProcessLookupError:
        return True
    return False
