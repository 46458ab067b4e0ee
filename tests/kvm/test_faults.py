"""What libvirt's errors mean, and calls that never return."""

from __future__ import annotations

import threading
import time

import libvirt
import pytest

from cloudlab.errors import CloudError, DriverFault, HostFault, TimedOut
from drivers.kvm.faults import MEANINGS, means_lost, translated
from drivers.kvm.migration import peer_uri
from drivers.kvm.patience import within
from drivers.site import Access
from tests.kvm.hosts import here as hosts
from tests.support.local_hosts import LocalShell


def error(code: int, text: str) -> libvirt.libvirtError:
    """Return an error as libvirt raises it."""
    made = libvirt.libvirtError(text)
    made.err = (code, 0, text, 2, "", "", "", 0, 0)
    return made


OFTEN = [
    (libvirt.VIR_ERR_RPC, "client socket is closed", HostFault),
    (libvirt.VIR_ERR_RPC, "internal error: received hangup event on socket", HostFault),
    (
        libvirt.VIR_ERR_SYSTEM_ERROR,
        "unable to connect to server at 'h1:16509': Connection refused",
        HostFault,
    ),
    (
        libvirt.VIR_ERR_INTERNAL_ERROR,
        'process exited while connecting to monitor: Failed to get "write" lock',
        DriverFault,
    ),
    (
        libvirt.VIR_ERR_SYSTEM_ERROR,
        "Cannot access storage file '/mnt/x': No such file or directory",
        HostFault,
    ),
    (
        libvirt.VIR_ERR_SYSTEM_ERROR,
        "Unable to read from monitor: Connection reset by peer",
        DriverFault,
    ),
    (libvirt.VIR_ERR_NO_DOMAIN, "Domain not found", DriverFault),
    (libvirt.VIR_ERR_XML_ERROR, "missing something", DriverFault),
    (None, "no details at all", DriverFault),
]


@pytest.mark.parametrize(("code", "text", "kind"), OFTEN)
def test_an_error_tells_what_to_do(code: int, text: str, kind: type[CloudError]) -> None:
    """Its class tells the workflow, its message what was tried, where, and libvirt's words."""
    fault = translated(error(code, text), "starting vm web", "h1")
    assert type(fault) is kind
    assert f"starting vm web on host h1 failed: {text}" in str(fault)
    if isinstance(fault, HostFault):
        assert fault.host_name == "h1"


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("internal error: client socket is closed", True),
        ("internal error: connection closed due to keepalive timeout", True),
        ("unable to connect to server at 'h1:16509': Connection refused", False),
        ("Domain not found", False),
    ],
)
def test_a_connection_that_broke_is_told_from_one_that_was_never_made(
    text: str, lost: bool
) -> None:
    """Whichever of two hosts it led to."""
    assert means_lost(error(libvirt.VIR_ERR_INTERNAL_ERROR, text)) is lost


def test_every_error_has_a_meaning() -> None:
    """The last row fits everything, and no row hides a later one that is narrower."""
    assert (MEANINGS[-1].code, MEANINGS[-1].words) == (-1, "")
    for place, row in enumerate(MEANINGS):
        for later in MEANINGS[place + 1 :]:
            hidden = row.words in later.words and row.code in {-1, later.code}
            assert not hidden, f"{later} is never reached"


def test_what_never_returns_is_left_behind() -> None:
    """The caller goes on when its patience is over."""
    over, begun = threading.Event(), time.monotonic()
    with pytest.raises(TimedOut, match=r"an old friend gave no answer within 0.05 s"):
        within(0.05, over.wait, "an old friend")
    assert time.monotonic() - begun < 1
    over.set()


def test_what_returns_in_time_is_returned() -> None:
    """So is what it raises."""
    assert within(5, lambda: 7, "seven") == 7
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 // 0, "nothing")


@pytest.mark.parametrize(
    ("uri", "peer"),
    [
        ("qemu+tcp://10.0.0.11/system", "qemu+tcp://10.0.0.12/system"),
        ("qemu+unix:///system?socket=/run/door", "qemu+tcp://10.0.0.12/system"),
        ("qemu+ssh://root@h/system?keyfile=/k", "qemu+ssh://10.0.0.12/system"),
        ("qemu+tls://h.example.org/system", "qemu+tls://10.0.0.12/system"),
    ],
)
def test_hosts_reach_each_other_by_their_own_addresses(uri: str, peer: str) -> None:
    """Not by doors and keys that only the orchestrator has."""
    assert peer_uri(Access("h2", "10.0.0.12", LocalShell(), uri)) == peer


def test_a_host_without_libvirt_is_at_fault(tmp_path) -> None:
    """Soon, with a hint; and those who ask right after it do not wait again."""
    with hosts(tmp_path) as made:
        access = made.site.hosts["h1"]
        uri = f"qemu+unix:///system?socket={tmp_path}/nobody"
        made.site.hosts["h1"] = Access(access.name, access.address, access.shell, uri)
        with pytest.raises(HostFault, match="is libvirtd running there"):
            made.do(made.hypervisor.connect(made.host))
        assert made.do(made.hypervisor.ping(made.host)) is False


def test_a_connection_that_broke_is_opened_again(here, monkeypatch) -> None:
    """The next call gets another, without being connected anew."""
    contacts = here.hypervisor.contacts
    before = here.do(contacts.ask(here.host, "asking", lambda connection: connection))
    alive = libvirt.virConnect.isAlive
    monkeypatch.setattr(
        libvirt.virConnect, "isAlive", lambda each: each is not before and alive(each)
    )
    assert not contacts.lives(here.host)
    assert here.do(here.hypervisor.ping(here.host))
    assert contacts.lives(here.host)


def test_no_two_calls_share_a_connection(here) -> None:
    """While one is under way another gets its own; afterwards they are used again."""
    contacts, engine = here.hypervisor.contacts, here.engine
    together = threading.Barrier(3, timeout=10)

    def meet(connection: libvirt.virConnect) -> int:
        together.wait()
        return id(connection)

    async def all_at_once() -> list[int]:
        calls = [contacts.ask(here.host, "meeting", meet) for _ in range(3)]
        return await engine.all(*calls)

    first, second = set(here.do(all_at_once())), set(here.do(all_at_once()))
    assert len(first) == len(second) == 3
    assert first == second


def test_a_connection_that_somebody_waits_on_is_not_used_again(here) -> None:
    """A call that gave up waiting has left a thread behind, inside it."""
    contacts = here.hypervisor.contacts

    def give_up(connection: libvirt.virConnect) -> None:
        used.append(connection)
        raise TimedOut("enough")

    used: list[libvirt.virConnect] = []
    with pytest.raises(HostFault):
        here.do(contacts.ask(here.host, "giving up", give_up))
    again = here.do(contacts.ask(here.host, "asking", lambda connection: connection))
    assert again is not used[0]


def test_a_call_that_takes_too_long_is_the_hosts_fault(here) -> None:
    """The message says that it may yet happen, and for how long was waited."""
    over = threading.Event()
    here.engine.on_late_result = lambda _late: None
    asked = here.hypervisor.contacts.ask(
        here.host, "waiting", lambda _connection: over.wait(5), timeout=0.05
    )
    with pytest.raises(HostFault, match=r"waiting on host h1 did not end within 0.05 s; it may"):
        here.do(asked)
    over.set()
