"""Killing the process loses nothing that was committed."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from cloudlab.store import Store
from tests.support.places import ROOT

if TYPE_CHECKING:
    from pathlib import Path

WORK = """
import sys
from tests.store.labs import lab
world, mirror = lab(sys.argv[1], hosts_each=1, cpus=1000, ram_mib=2**21, pool_mib=2**30)
while True:
    world.deploy()
    mirror.commit()
    print(world.cloud.requests, flush=True)
"""


def test_a_killed_process_loses_nothing_it_committed(where: Path) -> None:
    """Killed three times in the middle of its work, at the latest word it had committed."""
    for kill, least in enumerate([3, 11, 24]):
        place = where.with_name(f"{kill}.db")
        process = subprocess.Popen(
            [sys.executable, "-c", WORK, str(place)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= least:
                break
        process.kill()
        left = process.communicate()[0]
        said = [int(each) for each in left.split()] or [least]
        with Store(place) as store:
            saved = store.load()
        assert saved is not None
        assert saved.state["requests"] >= said[-1]
        assert len(saved.state["inventory"]["vms"]["records"]) == saved.state["requests"]
