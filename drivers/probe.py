"""Looking at real hosts past their agents: an echo request, and the heartbeat on shared storage."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from cloudlab.errors import CloudError

if TYPE_CHECKING:
    from cloudlab.engine import Engine
    from cloudlab.model import Host
    from drivers.site import Access, Shell, Site

SECONDS: Final = 5.0

_AGE: Final = """\
now=$(date +%s)
seen=$(stat -c %Y "$1")
echo $((now - seen))
"""
"""Both by the clock of the host that looks, so that clocks need not agree with ours."""

Ping = Callable[["Access"], bool]


def ping(access: Access) -> bool:
    """Return whether the management address answers an echo request within a second."""
    command = ["ping", "-n", "-q", "-c", "1", "-W", "1", access.address]
    quiet = subprocess.DEVNULL
    try:
        done = subprocess.run(
            command, stdin=quiet, stdout=quiet, stderr=quiet, check=False, timeout=SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


class SharedStorageProbe:
    """Asks the network, and the neighbours of a host on the storage they share."""

    def __init__(
        self,
        engine: Engine,
        site: Site,
        heartbeats: Mapping[str, str],
        reach: Ping = ping,
    ) -> None:
        """Know where hosts write.

        Args:
            engine: what runs calls that block.
            site: how hosts are reached.
            heartbeats: by the name of a host: the file on shared storage that it rewrites every
                second, at the same path on its neighbours.
            reach: sends one echo request.
        """
        self._engine = engine
        self._site = site
        self._heartbeats = heartbeats
        self._reach = reach

    async def reachable(self, host: Host) -> bool:
        """Return whether `host` answers one of two echo requests."""
        access = self._site.of(host)
        for _ in range(2):
            if await self._engine.call(self._reach, access, timeout=2 * SECONDS):
                return True
        return False

    async def heartbeat_age(self, host: Host) -> float | None:
        """Return the age of the last heartbeat of `host`, as the first neighbour that answers says.

        Whole seconds; `None` if it writes none, or no neighbour can tell.
        """
        path = self._heartbeats.get(host.name)
        if path is None:
            return None
        for neighbour in self._site.others(host).values():
            age = await self._asked(neighbour.shell, path)
            if age is not None:
                return age
        return None

    async def _asked(self, shell: Shell, path: str) -> float | None:
        try:
            done = await self._engine.call(_age, shell, path, timeout=2 * SECONDS)
        except CloudError:
            return None
        return done


def _age(shell: Shell, path: str) -> float | None:
    done = shell.run(["sh", "-ec", _AGE, "sh", path], timeout=SECONDS)
    return max(0.0, float(done.text)) if done.exit_code == 0 else None
