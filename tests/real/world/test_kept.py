"""What a verb has done is written down before it returns, whatever happens to the process then."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cloudlab import connect
from drivers.world.minidc_lab import write_lab
from tests.support.minidc import blank
from tests.support.places import ROOT

if TYPE_CHECKING:
    from drivers.minidc import MiniDc

pytestmark = [pytest.mark.real, pytest.mark.slow]

VERBS = """
import os, signal, sys
from cloudlab import connect

lab = connect(sys.argv[1], progress=False)
lab.create_account("red")
lab.create_network("red-net", account="red")
lab.create_volume("data", "Small Disk", account="red")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_verb_that_returned_is_kept(center: MiniDc) -> None:
    """An account, a network, a volume: the next process finds them, and no job under way."""
    lab_file = _new_lab(center)
    done = subprocess.run(
        [sys.executable, "-c", VERBS, str(lab_file)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    lab = connect(lab_file, progress=False)
    try:
        stock = lab.cloud.inventory
        assert stock.accounts.has_name("red")
        assert stock.networks.has_name("red-net")
        assert stock.volumes.has_name("data")
        assert lab.world.found == []  # type: ignore[attr-defined]
    finally:
        lab.close()
        lab.close()
        blank(center)


def test_durations_that_cannot_be_noted_hinder_nothing(center: MiniDc) -> None:
    """There is one alert, and the verb goes on."""
    lab_file = _new_lab(center)
    text = lab_file.read_text() + "timings: nowhere/timings.jsonl\n"
    lab_file.write_text(text)
    lab = connect(lab_file, progress=False)
    try:
        lab.run(seconds=2)
        told = [alert.name for alert in lab.cloud.inventory.alerts]
        assert sum("Durations cannot be noted" in name for name in told) == 1
    finally:
        lab.close()
        blank(center)


def test_a_first_connect_that_fails_removes_only_what_it_made(center: MiniDc) -> None:
    """Files that merely begin like the store are somebody's."""
    lab_file = _new_lab(center)
    folder = lab_file.parent
    others = [folder / name for name in ("lab.sqlite.bak", "lab.sqlite-notes.txt")]
    for each in others:
        each.touch()
    center.kill("h2")
    try:
        with pytest.raises(Exception, match="h2"):
            connect(lab_file, progress=False)
        assert all(each.exists() for each in others)
        assert lab_file.exists()
        assert not (folder / "lab.sqlite").exists()
    finally:
        for each in others:
            each.unlink()
        blank(center)


def _new_lab(center: MiniDc) -> Path:
    """Return the lab file of a lab that was never opened."""
    for each in center.layout.directory.glob("lab.sqlite*"):
        each.unlink()
    return write_lab(center)
