"""A store: the database of one lab, open for one process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from sqlalchemy import create_engine, event, inspect, select
from sqlalchemy.exc import NoSuchModuleError

from cloudlab.errors import InputError, InvalidParameter
from cloudlab.store.faults import reading, writing
from cloudlab.store.location import beside, file_of, location, shown
from cloudlab.store.lock import FileLock, OwnerRow
from cloudlab.store.restore import Saved, load
from cloudlab.store.schema import META, METADATA, VERSION
from cloudlab.store.vault import Vault

if TYPE_CHECKING:
    from sqlalchemy.engine import URL, Connection, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

    from cloudlab.store.lock import Lock

PATIENCE: Final = 1.0
"""Seconds to wait for somebody who has the SQLite file locked; the loop stands still."""


class Store:
    """The database of one lab; while it is open, no other process can open it.

    Attributes:
        name: what messages call it: a path, or a URL without its password.
        vault: what encrypts and decrypts its secrets.
        saved: the lab as it was when the store was loaded; `None` if there was none.
        was_loaded: whether `load` was called, so that `saved` says what there is.
    """

    def __init__(
        self, where: str | Path, *, key_file: Path | None = None, take_over: bool = False
    ) -> None:
        """Open the store, and make it if there is none.

        Args:
            where: The path of an SQLite file, or the URL of a database.
            key_file: Where the key of its secrets lies: beside an SQLite file if not given.
            take_over: Open a database on a server although it is marked as open, because
                whoever opened it is gone.

        Raises:
            Conflict: another process has it open.
            InvalidParameter: no database can be there.
            InputError: what is there is no store, a damaged one, or of another version.
            DriverFault: the database cannot be reached.
        """
        self._url = location(where)
        self.name = shown(self._url)
        self.vault = Vault(key_file or beside(self._url, ".key"), self.name)
        self.saved: Saved | None = None
        self.was_loaded = False
        self._locks: list[Lock] = []
        self._engine = self._connected(take_over=take_over)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Enter a transaction, committed at the end of the block, rolled back if that fails.

        Raises:
            DriverFault: the database failed; nothing was written.
        """
        with writing(self.name), self._engine.begin() as connection:
            yield connection

    def load(self) -> Saved | None:
        """Return the lab as of the last commit, `None` if there is none.

        Raises:
            InputError: the store is damaged.
            DriverFault: the database cannot be reached.
        """
        with reading(self.name), self._engine.connect() as connection:
            self.saved = load(connection, self.vault)
        self.was_loaded = True
        return self.saved

    def is_empty(self) -> bool:
        """Return whether no lab was ever committed to it.

        Raises:
            DriverFault: the database cannot be reached.
        """
        with reading(self.name), self._engine.connect() as connection:
            return _is_empty(connection)

    def close(self) -> None:
        """Let other processes open it; closing twice is no error."""
        try:
            with writing(self.name):
                self._release()
        finally:
            self._engine.dispose()

    def _connected(self, *, take_over: bool) -> Engine:
        """Return the engine of a database that is ours, checked, and has its tables."""
        path = file_of(self._url)
        with ExitStack() as undo:
            undo.callback(self._release)
            if path is not None:
                self._locks.append(FileLock(path.with_name(path.name + ".lock"), self.name))
            with reading(self.name):
                engine = _engine(self._url, path)
                undo.callback(engine.dispose)
                _check(engine, self.name)
                METADATA.create_all(engine)
            if path is None:
                self._locks.append(OwnerRow(engine, self.name, take_over=take_over))
            undo.pop_all()
        return engine

    def _release(self) -> None:
        while self._locks:
            self._locks.pop().release()

    def __enter__(self) -> Self:
        """Return the store, to be closed at the end of the block."""
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
        """Say where it is."""
        return f"<Store {self.name}>"


def _engine(url: URL, path: Path | None) -> Engine:
    """Return SQLAlchemy's engine for `url`; errors never show the values of a statement."""
    if path is not None:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        engine = create_engine(
            url, hide_parameters=True, pool_size=1, connect_args={"timeout": PATIENCE}
        )
        event.listen(engine, "connect", _prepare)
        return engine
    try:
        return create_engine(url, hide_parameters=True, pool_pre_ping=True)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        missing = error.name if isinstance(error, ModuleNotFoundError) else url.drivername
        raise InvalidParameter(
            f"no driver for {shown(url)}: install the Python package {missing}, "
            f"or name another in the URL, as in {url.get_backend_name()}+driver://"
        ) from None


def _prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Make commits of SQLite last through a power cut, and readers not stand in their way."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def _check(engine: Engine, name: str) -> None:
    """Refuse what is no store, a damaged one, or one of another version.

    Raises:
        InputError: it is one of these.
    """
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            told = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
            if told != "ok":
                reason = " ".join(str(told).split())
                raise InputError(f"the store {name} is damaged ({reason}): put a copy of it back")
        tables = inspect(connection).get_table_names()
        if not tables:
            return
        if META.name not in tables:
            raise InputError(
                f"{name} is a database of something else, with the tables "
                f"{', '.join(sorted(tables))}: give a file or database of the lab's own"
            )
        query = select(META.c.value).where(META.c.key == "version")
        _check_version(name, connection.execute(query).scalar(), is_new=_is_empty(connection))


def _is_empty(connection: Connection) -> bool:
    return connection.execute(select(META.c.key)).first() is None


def _check_version(name: str, found: object, *, is_new: bool) -> None:
    if is_new or found == VERSION:
        return
    if isinstance(found, int) and found > VERSION:
        raise InputError(
            f"the store {name} is of version {found}, this cloudlab knows version {VERSION}: "
            "open it with a newer cloudlab"
        )
    raise InputError(
        f"the store {name} is of version {found}, this cloudlab needs version {VERSION}: "
        "open it with the cloudlab that wrote it, save the lab there, and load that here"
    )
