"""Worlds with a store, and what the store says of them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudlab.cloud import Cloud
from cloudlab.engine import VirtualEngine
from cloudlab.ports import LOOKS
from cloudlab.store import Mirror, Saved, Store, attach
from tests.support.clouds import World, build

if TYPE_CHECKING:
    from cloudlab.ports import Ports

WALL = 1_700_000_000.0
"""Some moment, seconds since 1970."""

Seen = Callable[[str, tuple[Any, ...]], None]


def lab(where: Path | str, **more: Any) -> tuple[World, Mirror]:
    """Return a world and its mirror."""
    world = build(**more)
    return world, attach(world.cloud, where, wall=WALL)


def plain(cloud: Cloud) -> dict[str, Any]:
    """Return the state of `cloud` as it comes back from JSON."""
    return json.loads(json.dumps(cloud.state()))


def stored(mirror: Mirror) -> Saved:
    """Return what was committed last."""
    saved = mirror.store.load()
    assert saved is not None
    return saved


def reopened(where: Path | str) -> Saved:
    """Return what a closed store holds."""
    with Store(where) as store:
        saved = store.load()
    assert saved is not None
    return saved


def restored(saved: Saved, ports: Ports) -> Cloud:
    """Return the cloud that was saved."""
    return Cloud.restored(VirtualEngine(saved.at), ports, saved.state)


def without_rows(state: dict[str, Any]) -> dict[str, Any]:
    """Return `state` without the rows of arrays: they are given anew when a cloud is restored."""
    found = json.loads(json.dumps(state))
    for table in found["inventory"].values():
        for record in table["records"]:
            record.pop("row", None)
    return found


def watched(ports: Ports, seen: Seen) -> Ports:
    """Return `ports` that tell `seen` of every act at the moment it is begun."""
    names = [each.name for each in fields(ports) if each.name != "are_instant"]
    return replace(ports, **{name: Watched(name, getattr(ports, name), seen) for name in names})


class Watched:
    """A port that tells of its acts."""

    def __init__(self, name: str, port: Any, seen: Seen) -> None:
        """Stand before `port`, which is called `name`."""
        self._name, self._port, self._seen = name, port, seen

    def __getattr__(self, method: str) -> Callable[..., Awaitable[Any]]:
        """Return the method of the port, acts being told of."""
        act = getattr(self._port, method)

        async def told(*args: Any, **options: Any) -> Any:
            if method not in LOOKS:
                self._seen(f"{self._name}.{method}", args)
            return await act(*args, **options)

        return told
