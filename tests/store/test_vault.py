"""Secrets are encrypted in the store, with a key that lies beside it."""

from __future__ import annotations

import stat
from dataclasses import fields
from typing import TYPE_CHECKING

import pytest

from cloudlab.errors import DriverFault, InputError, InvalidParameter
from cloudlab.store import SECRETS, Mirror, Store, Vault
from tests.store.labs import WALL, plain
from tests.support.clouds import World, build

if TYPE_CHECKING:
    from pathlib import Path

PASSWORD = "correct horse battery staple"
SECRET = {"vms": {"display_name"}}
"""As if the names of machines were secret."""


@pytest.fixture
def world() -> World:
    """A world with a machine that has a secret, and one that has none."""
    made = build()
    made.deploy("one").display_name = PASSWORD
    made.deploy("two").display_name = ""
    return made


@pytest.fixture
def key(where: Path) -> Path:
    """The file of the key."""
    return where.with_name("lab.db.key")


def test_a_secret_is_not_in_the_file(where: Path, world: World, key: Path) -> None:
    """Nothing of it can be read in the database; loaded, it is what it was."""
    with Mirror(world.cloud, Store(where), secrets=SECRET, wall=WALL):
        for each in where.parent.glob("lab.db*"):
            assert PASSWORD.encode() not in each.read_bytes()
    with Store(where) as store:
        saved = store.load()
    assert saved is not None
    assert saved.state == plain(world.cloud)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_without_secrets_there_is_no_key(where: Path, world: World, key: Path) -> None:
    """A key is made when the first secret is written."""
    Mirror(world.cloud, Store(where), wall=WALL).close()
    assert not key.exists()


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda key: key.unlink(), "cannot be read"),
        (lambda key: key.chmod(0o644), "chmod 600"),
        (lambda key: key.write_text("nonsense"), "holds no key"),
    ],
)
def test_no_key_no_secret(where: Path, world: World, key: Path, harm, message: str) -> None:
    """A key that is missing, open to others or none is refused, saying what to do."""
    Mirror(world.cloud, Store(where), secrets=SECRET, wall=WALL).close()
    harm(key)
    with Store(where) as store, pytest.raises(InvalidParameter, match=message):
        store.load()


def test_another_key_is_refused(where: Path, world: World, tmp_path: Path) -> None:
    """It is not the key these secrets were encrypted with."""
    Mirror(world.cloud, Store(where), secrets=SECRET, wall=WALL).close()
    other = tmp_path / "other.key"
    Vault(other, "another lab").encrypt("x")
    with Store(where, key_file=other) as store, pytest.raises(InputError, match="another key"):
        store.load()


def test_a_secret_that_cannot_be_encrypted_is_not_written(where: Path, world: World) -> None:
    """Rather nothing is begun than a password written down."""
    store = Store(where, key_file=where.with_name("no-such-folder") / "key")
    with pytest.raises(DriverFault, match="cannot be written"):
        Mirror(world.cloud, store, secrets=SECRET, wall=WALL)
    assert store.is_empty()
    store.close()


def test_every_secret_is_a_field_of_a_table(world: World) -> None:
    """What is declared as secret is there."""
    tables = world.cloud.inventory.tables()
    for name, secret in {**SECRET, **SECRETS}.items():
        assert set(secret) <= {each.name for each in fields(tables[name].kind)}
