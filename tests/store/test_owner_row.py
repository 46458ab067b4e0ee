"""The row that says who has a store on a database server open."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, select, update

from cloudlab.errors import Conflict
from cloudlab.store.lock import OwnerRow
from cloudlab.store.schema import METADATA, OWNER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.engine import Engine


@pytest.fixture
def engine(where: Path) -> Iterator[Engine]:
    """A database with the tables of a store."""
    made = create_engine(f"sqlite:///{where}")
    METADATA.create_all(made)
    yield made
    made.dispose()


def owned_by(engine: Engine, host: str, process: int) -> None:
    """Let somebody else have it open."""
    OwnerRow(engine, "lab")
    with engine.begin() as connection:
        connection.execute(update(OWNER).values(host=host, process=process))


def dead_process() -> int:
    """Return the number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_second_owner_is_refused(engine: Engine) -> None:
    """The message names the first one and says what to do; after its release there is none."""
    first = OwnerRow(engine, "lab")
    with pytest.raises(Conflict, match=f"process {os.getpid()} on host .* since .*take_over=True"):
        OwnerRow(engine, "lab")
    first.release()
    OwnerRow(engine, "lab")


def test_an_owner_that_died_here_is_succeeded(engine: Engine) -> None:
    """Nobody has to be asked: its process is gone."""
    owned_by(engine, socket.gethostname(), dead_process())
    OwnerRow(engine, "lab")
    with engine.connect() as connection:
        assert connection.execute(select(OWNER.c.process)).scalars().all() == [os.getpid()]


def test_an_owner_elsewhere_is_succeeded_only_by_order(engine: Engine) -> None:
    """From here nobody can tell whether it lives; whoever takes over keeps the row."""
    owned_by(engine, "elsewhere", 1)
    with pytest.raises(Conflict, match="on host elsewhere"):
        OwnerRow(engine, "lab")
    OwnerRow(engine, "lab", take_over=True)
    with pytest.raises(Conflict, match=f"process {os.getpid()}"):
        OwnerRow(engine, "lab")


def test_an_owner_that_was_succeeded_releases_nothing(engine: Engine) -> None:
    """The row of its successor stays."""
    first = OwnerRow(engine, "lab")
    OwnerRow(engine, "lab", take_over=True)
    first.release()
    with pytest.raises(Conflict, match="already open"):
        OwnerRow(engine, "lab")
