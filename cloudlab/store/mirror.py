"""The mirror of a running cloud: what changed is committed before anything is begun outside."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from sqlalchemy import delete

from cloudlab.errors import CloudError, Conflict, DriverFault
from cloudlab.model import AlertType
from cloudlab.store.changes import Change, MetaWatch, Watch, watches
from cloudlab.store.database import Store
from cloudlab.store.guarded import guarded
from cloudlab.store.schema import METADATA, OWNER, VERSION
from cloudlab.store.vault import SECRETS

if TYPE_CHECKING:
    from cloudlab.ports import Ports
    from cloudlab.state import Move
    from cloudlab.store.mirrored import Mirrored


class Mirror:
    """Keeps a store in step with a cloud, until it is closed.

    The books are the truth and the store follows: before each act of a port that goes
    `through` it, at the end of every moment in which something moved, and on `commit`.

    Attributes:
        store: where to; it is closed with the mirror.
        lab: the id of the lab, the same for its whole life.
        epoch: wall time of engine second 0, seconds since 1970.
        fault: why the last commit failed; `None` if it did not.
        commits: how many transactions were committed.
    """

    def __init__(
        self,
        cloud: Mirrored,
        store: Store,
        *,
        wall: float,
        secrets: Mapping[str, Collection[str]] = SECRETS,
    ) -> None:
        """Write all of `cloud` to `store`, in place of what is there, in one transaction.

        Args:
            cloud: A new one, or the one restored from what `store.load()` returned.
            store: Open; after a refusal it is still the caller's to close.
            wall: What the wall clock shows, seconds since 1970; a lab that goes on keeps its own.
            secrets: Which fields of which table are encrypted.

        Raises:
            Conflict: the store holds a lab, and `cloud` was not restored from it.
            DriverFault: it cannot be written.
        """
        _check_continues(cloud, store)
        saved = store.saved
        self.store = store
        self.lab = saved.lab if saved is not None else uuid4().hex
        self.epoch = saved.epoch if saved is not None else wall - cloud.engine.now
        self.fault: DriverFault | None = None
        self.commits = 0
        self._cloud = cloud
        self._is_due = self._is_closed = False
        lab = {"version": VERSION, "lab": self.lab, "epoch": self.epoch}
        self._watches: list[Watch] = watches(cloud, store, lab, secrets)
        self._clock = MetaWatch(lambda: {"now": cloud.engine.now})
        self._write(self._changes(), anew=True)
        self._end_hearing = cloud.journal.listen(self._heard)

    def through(self, ports: Ports) -> Ports:
        """Return `ports` whose every act is begun only once the books are committed.

        An act raises `DriverFault` and is not begun if they cannot be. Looking is free.
        """
        return guarded(ports, self.commit, self.commit_soon)

    def commit(self) -> None:
        """Commit whatever changed since the last time, in one transaction; it may be nothing.

        Raises:
            DriverFault: the database failed and nothing of it was written, or it is closed.
        """
        if self._is_closed:
            raise DriverFault(f"the store {self.store.name} is closed, so nothing more is begun")
        try:
            changes = self._changes()
            if changes:
                self._write(changes)
        except DriverFault as fault:
            self._complain(fault)
            raise
        if self.fault is not None:
            self.fault = None
            self._cloud.resolve(AlertType.MANAGEMENT_NODE, self._scope)
            self.commit()

    def commit_soon(self) -> None:
        """Commit at the end of this moment; a failure is kept in `fault`, the next try mends it."""
        if not (self._is_due or self._is_closed):
            self._is_due = True
            self._cloud.engine.spawn(self._commit_late(), "store")

    def close(self) -> None:
        """Commit for the last time, follow the cloud no more and close the store.

        Closing twice is no error.

        Raises:
            DriverFault: the last changes could not be written.
        """
        if self._is_closed:
            return
        self._end_hearing()
        try:
            self.commit()
        finally:
            self._is_closed = True
            self.store.close()

    def _changes(self) -> list[Change]:
        """Return what differs; the time counts only if something else does.

        Raises:
            DriverFault: a secret cannot be encrypted.
        """
        try:
            found = [each.change() for each in self._watches]
        except (CloudError, OSError) as error:
            raise DriverFault(f"the store {self.store.name} cannot be written: {error}") from error
        changes = [each for each in found if each is not None]
        now = self._clock.change() if changes else None
        return changes if now is None else [*changes, now]

    def _write(self, changes: list[Change], *, anew: bool = False) -> None:
        with self.store.transaction() as connection:
            for table in METADATA.sorted_tables if anew else ():
                if table is not OWNER:
                    connection.execute(delete(table))
            for change in changes:
                change.write(connection)
        for change in changes:
            change.remember()
        self.commits += 1

    @property
    def _scope(self) -> str:
        return f"store {self.store.name}"

    def _complain(self, fault: DriverFault) -> None:
        """Raise an alert when it begins to fail, not at every try."""
        if self.fault is None:
            title = f"{self._scope} cannot be written"
            self._cloud.alert(AlertType.MANAGEMENT_NODE, self._scope, title, str(fault))
        self.fault = fault

    def _heard(self, _move: Move) -> None:
        self.commit_soon()

    async def _commit_late(self) -> None:
        engine = self._cloud.engine
        await engine.sleep_until(engine.now, late=True)
        self._is_due = False
        if not self._is_closed:
            with suppress(DriverFault):
                self.commit()

    def __enter__(self) -> Self:
        """Return the mirror, to be closed at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def __repr__(self) -> str:
        """Say whom it follows and where to."""
        return f"<Mirror of {self._cloud.name!r} in {self.store.name}, {self.commits} commits>"


def attach(
    cloud: Mirrored,
    where: str | Path,
    *,
    wall: float,
    key_file: Path | None = None,
    take_over: bool = False,
) -> Mirror:
    """Let the new `cloud` outlive its process: return its mirror, its ports being guarded.

    Args:
        cloud: A new one.
        where: The path of an SQLite file, or the URL of a database; nothing is there yet.
        wall: What the wall clock shows, seconds since 1970.
        key_file: Where the key of the secrets lies: beside an SQLite file if not given.
        take_over: See `Store`.

    Raises:
        CloudError: it cannot be opened or written, as `Store` and `Mirror` say.
    """
    store = Store(where, key_file=key_file, take_over=take_over)
    with ExitStack() as undo:
        undo.callback(store.close)
        mirror = Mirror(cloud, store, wall=wall)
        undo.pop_all()
    cloud.ports = mirror.through(cloud.ports)
    return mirror


def _check_continues(cloud: Mirrored, store: Store) -> None:
    """Refuse to write over a lab that `cloud` does not go on with.

    Raises:
        Conflict: it would.
    """
    if not store.was_loaded and not store.is_empty():
        raise Conflict(f"{store.name} holds a lab: load and restore it, or give another file")
    if store.saved is None:
        return
    name, tables = store.saved.state["name"], cloud.inventory.tables()
    saved = store.saved.state["inventory"]
    if name != cloud.name or any(tables[each].last_id < saved[each]["last_id"] for each in saved):
        raise Conflict(
            f"{store.name} holds the lab {name}, from which {cloud.name} was not restored: "
            "restore it, or give another file"
        )
