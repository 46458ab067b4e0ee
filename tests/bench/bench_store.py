"""What a store costs a running cloud: every commit looks at everything and writes what differs.

Run `python -m tests.bench.bench_store`. Milliseconds of the wall clock, the disk included.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from cloudlab.engine import VirtualEngine
from cloudlab.store import attach
from tests.support.clouds import build

if TYPE_CHECKING:
    from tests.support.clouds import World

HOSTS = 50
SIZES = (500, 5_000)
IDLE, BUSY = 20, 20


def filled(machines: int) -> World:
    """Return a world with so many machines, each with two disks and a NIC."""
    world = build(
        VirtualEngine(),
        hosts_each=HOSTS,
        cpus=400,
        ram_mib=2**20,
        pool_mib=2**40,
        addresses=2**15,
        wired=False,
    )
    for _ in range(machines):
        world.deploy(disk=world.disk)
    return world


def timed(begin: float, times: int = 1) -> float:
    """Return the milliseconds since `begin` for each of so many times."""
    return (time.perf_counter() - begin) * 1000 / times


def report(machines: int, folder: Path) -> None:
    """Print one line of the table."""
    world = filled(machines)
    begin = time.perf_counter()
    mirror = attach(world.cloud, folder / f"{machines}.db", wall=time.time())
    first = timed(begin)
    begin = time.perf_counter()
    for _ in range(IDLE):
        mirror.commit()
    idle = timed(begin, IDLE)
    begin, before = time.perf_counter(), mirror.commits
    for _ in range(BUSY):
        world.deploy(disk=world.disk)
    busy = timed(begin, mirror.commits - before)
    begin = time.perf_counter()
    mirror.store.load()
    loaded = timed(begin)
    mirror.close()
    print(f"{HOSTS:>8,} {machines:>9,} {first:>9.0f} {idle:>8.2f} {busy:>8.2f} {loaded:>8.0f}")


def main() -> None:
    """Print what opening, a commit of nothing, a commit of a step and loading take."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="where the stores lie; a new one if not given")
    given = parser.parse_args().folder
    print("a cloud with a store, ms")
    print(f"{'hosts':>8} {'machines':>9} {'all anew':>9} {'nothing':>8} {'a step':>8} {'load':>8}")
    with TemporaryDirectory(dir=given) as folder:
        for machines in SIZES:
            report(machines, Path(folder))


if __name__ == "__main__":
    main()
