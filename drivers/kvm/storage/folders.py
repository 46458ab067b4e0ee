"""Runs scripts in the folders of pools, on any host that reaches them."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeVar

from cloudlab.errors import DriverFault, HostFault
from cloudlab.model import HostStatus
from drivers.kvm.storage.scripts import MISSING, NO_ROOM, TAKEN, UNFIT

if TYPE_CHECKING:
    from cloudlab.model import Host, StoragePool
    from drivers.kvm.contacts import Contacts
    from drivers.site import Access, Done

T = TypeVar("T")


class AlreadyThere(DriverFault):
    """Something has the name of what was to be made, and was made by others: it was left alone."""


_WORDS_OF_FULL: Final = b"No space left on device"


def unique() -> str:
    """Return a word that nobody else uses: part of the names of files that are being made."""
    return secrets.token_hex(8)


def moment() -> str:
    """Return a time that nobody else gives to a file: this second, any of its nanoseconds."""
    return f"{int(time.time())}.{secrets.randbelow(10**9):09}"


class Reach:
    """Which hosts reach which pools."""

    def __init__(self, contacts: Contacts) -> None:
        """Know of none yet."""
        self.contacts = contacts
        self._words: dict[tuple[int, int], tuple[Host, str]] = {}
        """(pool, host) -> the host and what it read on the pool."""
        self._detached: dict[tuple[int, int], Host] = {}
        """(pool, host) -> the host, which still has mounted what it does not use any more."""
        self._others: set[tuple[int, str]] = set()
        """(pool, file) -> what was to be made there and is others'; never removed."""

    def add(self, pool: StoragePool, host: Host, word: str) -> None:
        """Remember that `host` reaches `pool`, where it read `word`.

        Raises:
            HostFault: another host read another word there: they do not see the same storage.
        """
        if not pool.is_local:
            for (pool_id, _), (other, theirs) in self._words.items():
                if pool_id == pool.id and other is not host and theirs != word:
                    message = f"{host} sees other storage at {pool.url} than {other}"
                    raise HostFault(f"{message}: mount the storage of {pool} on both", host.name)
        self._words[pool.id, host.id] = host, word
        self._detached.pop((pool.id, host.id), None)

    def drop(self, pool: StoragePool, host: Host) -> None:
        """Let `host` reach `pool` only where no other does: to remove what lies there."""
        if self._words.pop((pool.id, host.id), None) is not None:
            self._detached[pool.id, host.id] = host

    def hosts(self, *pools: StoragePool) -> list[Host]:
        """Return the connected hosts that reach all `pools`; those that answered last come first.

        Raises:
            HostFault: there is none.
        """
        using = {where: host for where, (host, _) in self._words.items()}
        hosts = self._among(using, *pools) or self._among(using | self._detached, *pools)
        if not hosts:
            names = " and ".join(map(str, pools))
            raise HostFault(f"no connected host reaches {names}: connect one, or attach them to it")
        return sorted(hosts, key=self._promises, reverse=True)

    def _among(self, known: Mapping[tuple[int, int], Host], *pools: StoragePool) -> list[Host]:
        """Return the connected hosts that reach all `pools` by what is `known`."""
        hosts = {host.id: host for host in known.values() if self.contacts.has(host)}
        return [
            host
            for number, host in hosts.items()
            if all((pool.id, number) in known for pool in pools)
        ]

    def _promises(self, host: Host) -> tuple[bool, bool]:
        """Return how likely `host` is to answer: those known to be down come last."""
        return host.status is HostStatus.UP, self.contacts.lives(host)

    async def anywhere(self, fn: Callable[[Access], T], *pools: StoragePool) -> T:
        """Return `fn(access)` of the first host that reaches all `pools` and answers.

        Raises:
            HostFault: none does.
            CloudError: what `fn` raised.
        """
        hosts = self.hosts(*pools)
        for host in hosts[:-1]:
            try:
                return await self.contacts.shell(host, fn)
            except HostFault:
                continue
        return await self.contacts.shell(hosts[-1], fn)

    async def make(self, fn: Callable[[Access], T], name: str, *pools: StoragePool) -> T:
        """Return what `anywhere` does of `fn`, which makes `name` on the last of `pools`.

        Raises:
            AlreadyThere: others made something of that name. Whoever undoes what did not work
                will ask for its removal, so it is known from now on as none of ours.
        """
        key = pools[-1].id, name
        try:
            result = await self.anywhere(fn, *pools)
        except AlreadyThere:
            self._others.add(key)
            raise
        self._others.discard(key)
        return result

    def is_others(self, name: str, pool: StoragePool) -> bool:
        """Return whether `name` was to be made on `pool`, where others had made it already."""
        return (pool.id, name) in self._others


def run(
    access: Access,
    what: str,
    script: str,
    *words: str,
    given: bytes | None = None,
    timeout: float = 30.0,
) -> Done:
    """Run a script of `scripts` and return how it ended: well.

    Args:
        access: the host that does it.
        what: for messages, `making volume ROOT-7 on pool p1`.
        script: which.
        words: its arguments.
        given: its standard input.
        timeout: seconds.

    Raises:
        HostFault: the host does not answer.
        AlreadyThere: what it was to make is there, and others made it.
        DriverFault: it did not work.
    """
    done = access.shell.run(["sh", "-ec", script, "sh", *words], input=given, timeout=timeout)
    if done.exit_code == 0:
        return done
    last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
    text = f"{what} on host {access.name} failed: {last or f'exit code {done.exit_code}'}"
    raise (AlreadyThere if done.exit_code == TAKEN else DriverFault)(f"{text}{_advice(done)}")


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
        TAKEN: "; it was left alone: give this lab another name, or remove it if nobody needs it",
    }
    return known.get(done.exit_code, "")
