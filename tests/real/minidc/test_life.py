"""A mini data centre comes up, is the same when asked again, and goes without a trace."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from drivers.minidc import Layout, MiniDc
from drivers.minidc.netns import init
from tests.cli.terminal import answer, complaint
from tests.real.minidc.conftest import Machine
from tests.support.places import ROOT

pytestmark = pytest.mark.real


def inits(data_centre):
    """Return the first process of every host."""
    layout = data_centre.layout
    return {host: init(layout.namespace(host)) for host in data_centre.hosts()}


def test_up_twice_is_up_once_and_down_leaves_the_machine_as_it_was(fresh):
    """Namespaces, processes, mounts, files and the root's own network are those of before."""
    machine = Machine(fresh.layout)
    before = machine.seen()
    fresh.up(2)
    first = inits(fresh)
    assert machine.seen()["namespaces"] != before["namespaces"]
    assert machine.seen()["processes"] != before["processes"]
    fresh.up(2)
    assert inits(fresh) == first
    assert None not in first.values()
    fresh.down()
    fresh.down()
    assert machine.seen() == before


def test_one_that_is_not_there_is_named_by_what_makes_it():
    """Looking at it says where it was looked for, and how it is brought up by that name."""
    layout = Layout.named("nix")
    assert answer("minidc", "status", "--name", "nix") == (
        f"there is no data centre in {layout.directory}; make one: cloudlab minidc up --name nix\n"
    )
    killed = complaint("minidc", "kill", "h1", "--name", "nix")
    assert killed.endswith(f"in {layout.directory}; make one: cloudlab minidc up --name nix")


def test_two_ups_at_once_are_one(fresh):
    """Whoever is second waits, and finds everything there."""
    with ThreadPoolExecutor() as threads:
        for done in [threads.submit(fresh.up, 2) for _ in range(3)]:
            done.result(60)
    assert all(host.ping and host.ssh and host.libvirt for host in fresh.status())


def test_a_third_host_leaves_two_running(fresh):
    """Growing is an `up` with a larger number; a smaller number takes nothing away."""
    fresh.up(2)
    two = inits(fresh)
    fresh.up(3)
    assert inits(fresh).items() > two.items()
    fresh.up(1)
    assert fresh.hosts() == ["h1", "h2", "h3"]
    assert all(host.ssh and host.libvirt for host in fresh.status())


def test_as_a_context_it_is_up_inside_and_down_afterwards(fresh):
    """Also after an error."""
    with pytest.raises(ZeroDivisionError), fresh:
        int(fresh.ping("h1")) / 0
    assert not fresh.layout.directory.exists()


def test_two_live_side_by_side(fresh, dc):
    """The same addresses in both, and taking one down does nothing to the other."""
    fresh.up(1)
    assert fresh.layout.address("h1") == dc.layout.address("h1")
    assert fresh.run_in("h1", ["hostname"]).stdout == "h1\n"
    fresh.down()
    assert [host.on for host in dc.status()] == [True, True]


@pytest.mark.parametrize("moment", [0.05, 0.2, 0.35, 0.5, 0.8])
def test_killed_in_the_middle_of_up_it_is_taken_down_by_another(fresh, moment):
    """Kill -9 at any moment; a new process that knows only the layout finds everything."""
    machine = Machine(fresh.layout)
    before = machine.seen()
    program = (
        "import sys; from pathlib import Path; from drivers.minidc import Layout, MiniDc\n"
        "dc = MiniDc(Layout.named(directory=Path(sys.argv[1])))\n"
        "print('begun', flush=True); dc.up(2); print('up', flush=True)"
    )
    argv = [sys.executable, "-c", program, str(fresh.layout.directory)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout.readline() == b"begun\n"
        time.sleep(moment)
        os.kill(process.pid, signal.SIGKILL)
    MiniDc(Layout.named(directory=fresh.layout.directory)).down()
    assert machine.seen() == before


def test_killed_while_it_builds_the_guest_nothing_is_left_in_the_cache(fresh):
    """A guest half built is no guest: it is swept up."""
    cache = fresh.layout.directory.parent / "cache"
    program = (
        "import sys; from pathlib import Path; from drivers.minidc import Layout, MiniDc\n"
        "dc = MiniDc(Layout(Path(sys.argv[1]), sys.argv[2], cache=Path(sys.argv[3])),\n"
        "            lambda text: print(text, flush=True))\n"
        "dc.up(1)"
    )
    places = [fresh.layout.directory, fresh.layout.prefix, cache]
    argv = [sys.executable, "-c", program, *map(str, places)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout.readline().startswith(b"building the guest")
        time.sleep(0.3)
        process.kill()
    assert [path.name[:10] for path in cache.iterdir()] == [".building-"]
    MiniDc(dataclasses.replace(fresh.layout, cache=cache)).down()
    assert list(cache.iterdir()) == []


def test_killed_in_the_middle_of_up_it_is_finished_by_the_next_up(fresh):
    """What was begun is finished as well as undone."""
    argv = [sys.executable, "-m", "cloudlab.cli", "minidc", "up", "--dir"]
    with subprocess.Popen([*argv, fresh.layout.directory], cwd=ROOT) as process:
        while fresh.layout.namespace("h1") not in _namespaces():
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
    fresh.up(2)
    assert all(host.ping and host.ssh and host.libvirt for host in fresh.status())


def test_the_inventory_says_where_everything_is(dc):
    """What a lab reads is what there is: doors, keys, storage and addresses."""
    document = yaml.safe_load(dc.layout.inventory.read_text())
    assert document == dc.inventory()
    assert [host["name"] for host in document["hosts"]] == ["h1", "h2"]
    assert dc.layout.inventory.stat().st_mode & 0o777 == 0o600
    for path in (document["ssh"]["key"], document["storage"]["template"]):
        assert Path(path).exists()
    names = [line.split()[0] for line in dc.layout.known_hosts.read_text().splitlines()]
    assert names == ["h1,10.77.0.11", "h2,10.77.0.12"]


def test_the_command_line_shows_the_same(dc):
    """`status --json` in a process of its own sees what this one sees."""
    argv = [sys.executable, "-m", "cloudlab.cli", "minidc", "status", "--json", "--dir"]
    said = subprocess.run(
        [*argv, dc.layout.directory], cwd=ROOT, capture_output=True, check=True, timeout=60
    ).stdout
    assert [(host["name"], host["on"], host["ssh"]) for host in json.loads(said)] == [
        ("h1", True, True),
        ("h2", True, True),
    ]


def _namespaces():
    return subprocess.run(
        ["ip", "netns"], capture_output=True, text=True, check=True, timeout=10
    ).stdout.split()
