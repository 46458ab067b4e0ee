"""A host is looked at past its agent: by an echo request, and by what it writes."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from cloudlab.engine import VirtualEngine
from cloudlab.errors import HostFault
from cloudlab.model import Host
from drivers.probe import SharedStorageProbe, ping
from drivers.site import Access, Done, Site
from tests.support.clouds import build


class Here:
    """A shell on this machine, or on none."""

    def __init__(self, *, answers: bool = True) -> None:
        self.answers, self.asked = answers, 0

    def run(self, argv: Sequence[str], *, timeout: float = 30.0) -> Done:
        """Run a command."""
        self.asked += 1
        if not self.answers:
            raise HostFault("no answer", "here")
        done = subprocess.run(argv, capture_output=True, check=False, timeout=timeout)
        return Done(done.returncode, done.stdout, done.stderr, 0.0)


def looked(
    heartbeats: dict[str, str], shells: list[Here], echo: list[bool] | None = None
) -> tuple[SharedStorageProbe, VirtualEngine, list[Host]]:
    """Return a probe over as many hosts as there are shells."""
    hosts = build(hosts_each=len(shells)).hosts
    reached = zip((host.name for host in hosts), shells, strict=True)
    site = Site("lab", {name: Access(name, "10.0.0.1", shell, "") for name, shell in reached})
    replies = iter(echo or [])
    engine = VirtualEngine()
    probe = SharedStorageProbe(engine, site, heartbeats, lambda _: next(replies))
    return probe, engine, hosts


@pytest.mark.parametrize(
    ("echo", "reachable"), [([True], True), ([False, True], True), ([False, False], False)]
)
def test_one_of_two_echo_requests_is_enough(echo: list[bool], reachable: bool) -> None:
    """A single lost packet proves nothing."""
    probe, engine, (host, *_) = looked({}, [Here(), Here()], echo)
    assert engine.run(engine.spawn(probe.reachable(host))) is reachable


def test_a_neighbour_reads_the_heartbeat(tmp_path: Path) -> None:
    """Its age by the neighbour's own clock; a host is never asked about itself."""
    beat = tmp_path / "c1-h1"
    beat.touch()
    shells = [Here(), Here(answers=False), Here()]
    probe, engine, (host, *_) = looked({"c1-h1": str(beat)}, shells)
    assert engine.run(engine.spawn(probe.heartbeat_age(host))) <= 1.0
    old = time.time() - 100

    os.utime(beat, (old, old))
    assert engine.run(engine.spawn(probe.heartbeat_age(host))) == pytest.approx(100, abs=2)
    assert (shells[0].asked, shells[1].asked, shells[2].asked) == (0, 2, 2)


def test_nobody_can_tell(tmp_path: Path) -> None:
    """Where there is no heartbeat, no file, or no neighbour that answers."""
    missing = str(tmp_path / "gone")
    for heartbeats, shells in (
        ({}, [Here(), Here()]),
        ({"c1-h1": missing}, [Here(), Here()]),
        ({"c1-h1": str(tmp_path)}, [Here(), Here(answers=False)]),
        ({"c1-h1": str(tmp_path)}, [Here()]),
    ):
        probe, engine, (host, *_) = looked(heartbeats, shells)
        assert engine.run(engine.spawn(probe.heartbeat_age(host))) is None


def test_an_echo_request_to_nobody_is_not_answered() -> None:
    """An address that cannot be is no error, only no answer."""
    assert ping(Access("x", "256.1.1.1", Here(), "")) is False  # type: ignore[arg-type]
