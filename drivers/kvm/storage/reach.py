"""Which hosts reach which pools, and what they did not finish making there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from cloudlab.errors import HostFault
from cloudlab.model import HostStatus

if TYPE_CHECKING:
    from cloudlab.model import Host, StoragePool
    from drivers.kvm.contacts import Contacts
    from drivers.site import Access

T = TypeVar("T")


class Attempt(Protocol):
    """The making or filling of one file or image, by whichever host answers.

    Only a word that nobody else knows, the mark, tells what it made from what others made.
    """

    @property
    def mark(self) -> str:
        """The moment that what is made bears."""

    @property
    def is_begun(self) -> bool:
        """Whether a host was told to write: what is found may then be what it wrote."""

    def __call__(self, access: Access) -> object:
        """Let a host make it."""

    def check_over(self) -> None:
        """Refuse while a host that fell silent may still be writing where others would.

        Raises:
            HostFault: it may.
        """


@dataclass(slots=True)
class Scripted:
    """An attempt by a script, which makes a file under a name of its own first.

    Attributes:
        act: the running of the script.
        mark: what the file bears.
    """

    act: Callable[[Access], object]
    mark: str
    is_begun: bool = False

    def __call__(self, access: Access) -> object:
        """Let a host run it."""
        self.is_begun = True
        return self.act(access)

    def check_over(self) -> None:
        """Accept always: it takes no other's place, whenever it ends."""


class Reach:
    """Which hosts reach which pools, and lets one of them do what has to be done there."""

    def __init__(self, contacts: Contacts) -> None:
        """Know of none yet."""
        self.contacts = contacts
        self._words: dict[tuple[int, int], tuple[Host, str]] = {}
        """(pool, host) -> the host and what it read on the pool."""
        self._detached: dict[tuple[int, int], Host] = {}
        """(pool, host) -> the host, which still has mounted what it does not use any more."""
        self._attempts: dict[tuple[int, str], Attempt | None] = {}
        """(pool, file) -> the last attempt to make it there, not successful; `None`: not even
        planned."""

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

    async def make(self, plan: Callable[[], Attempt], name: str, *pools: StoragePool) -> None:
        """Do what `anywhere` does of what `plan` returns: it makes `name` on the last of `pools`.

        Whoever undoes what did not work asks for the removal of `name`, though it may never have
        been begun and `name` may be another's. So an attempt is known until one succeeds.

        Raises:
            AlreadyThere: others made something of that name.
            HostFault: no host answers, or one that fell silent earlier may still be writing.
            CloudError: what `plan` or the attempt raised.
        """
        key = pools[-1].id, name
        earlier = self._attempts.get(key)
        if earlier is not None:
            earlier.check_over()
        self._attempts[key] = None
        self._attempts[key] = attempt = plan()
        await self.anywhere(attempt, *pools)
        del self._attempts[key]

    async def remove(
        self, removal: Callable[[str], Callable[[Access], object]], name: str, pool: StoragePool
    ) -> None:
        """Do what `anywhere` does of `removal(mark)`, which removes `name` from `pool`.

        If the last attempt to make it did not succeed, only what that attempt made is ours: what
        bears its mark, and nothing if it never began. Otherwise the mark is empty.

        After a crash no attempt is known any more, and what has the name of a volume in the books
        is taken for it. In folders, on NFS and on Ceph it is: no pool with volumes of other books
        is ever attached. LUNs and exports bear no such note; give a server's to one lab alone.

        Raises:
            HostFault: no host answers, or one that fell silent may still be writing it.
        """
        key = pool.id, name
        attempt = self._attempts.get(key)
        if key in self._attempts and (attempt is None or not attempt.is_begun):
            return
        if attempt is not None:
            attempt.check_over()
        await self.anywhere(removal(attempt.mark if attempt is not None else ""), pool)
