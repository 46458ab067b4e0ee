"""The state directory: nobody's files are taken for ours."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cloudlab.errors import Conflict
from drivers.minidc import place
from drivers.minidc.commands import start
from drivers.minidc.layout import Layout
from drivers.minidc.place import MARK, free, locked, release, sweep


@pytest.fixture
def layout(tmp_path):
    """A layout in a folder that is not there yet."""
    return Layout(directory=tmp_path / "dc", prefix="t-")


def claim(layout):
    """Claim the directory as `up` does: with the lock held."""
    with locked(layout.directory, make=True):
        place.claim(layout)


def test_claimed_and_released_there_is_nothing_left(layout):
    """Whatever is in it goes with it; twice is as good as once."""
    claim(layout)
    claim(layout)
    (layout.directory / "hosts" / "h1").mkdir(parents=True)
    (layout.directory / "hosts" / "h1" / "log").write_text("x")
    release(layout)
    release(layout)
    assert not layout.directory.exists()


def test_only_root_may_look_into_it(layout):
    """Keys and doors are in it: others may not even list it."""
    claim(layout)
    assert layout.directory.stat().st_mode & 0o777 == 0o700


def test_a_directory_with_other_files_is_neither_claimed_nor_removed(layout):
    """Somebody's own directory is refused by name, and survives a mistaken `down`."""
    layout.directory.mkdir()
    (layout.directory / "thesis.txt").write_text("x")
    with pytest.raises(Conflict, match="choose another directory"):
        claim(layout)
    release(layout)
    assert (layout.directory / "thesis.txt").read_text() == "x"


def test_a_directory_of_another_prefix_is_not_claimed(layout):
    """Two data centres cannot have one directory."""
    claim(layout)
    with pytest.raises(Conflict, match="prefix 't-'"):
        claim(Layout(directory=layout.directory, prefix="u-"))


def test_links_out_of_it_are_not_followed(layout, tmp_path):
    """What a link in it points to is not removed."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("x")
    claim(layout)
    (layout.directory / "link").symlink_to(outside)
    release(layout)
    assert (outside / "file").exists()


def test_a_release_that_was_cut_short_is_finished_by_the_next(layout):
    """The mark goes last: until then the directory is known as ours."""
    claim(layout)
    assert {path.name for path in layout.directory.iterdir()} == {MARK}
    (layout.directory / "rest").mkdir()
    release(layout)
    assert not layout.directory.exists()


def test_killed_before_it_was_marked_an_empty_directory_goes_too(layout):
    """Between making and marking a directory there is a moment, too."""
    with locked(layout.directory, make=True):
        pass
    release(layout)
    assert not layout.directory.exists()


def test_the_lock_excludes_others_and_ends_with_its_holder(layout):
    """While one process holds it another waits; a killed holder holds nothing."""
    claim(layout)
    with locked(layout.directory):
        assert not free(layout.directory)
    assert free(layout.directory)


def test_a_killed_holder_lets_go(layout):
    """The lock is the kernel's: kill -9 frees it."""
    claim(layout)
    program = (
        "import sys, time; from pathlib import Path; from drivers.minidc.place import locked\n"
        "with locked(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(layout.directory)], stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout.readline() == b"held\n"
        assert not free(layout.directory)
        holder.kill()
        holder.wait(10)
        assert free(layout.directory)


def test_what_a_killed_holder_had_begun_holds_on(layout):
    """Nobody gets the lock before the last command of a crashed holder has ended."""
    program = (
        "import sys; from pathlib import Path\n"
        "from drivers.minidc.commands import run; from drivers.minidc.place import locked\n"
        "with locked(Path(sys.argv[1]), make=True):\n"
        "    run(['sh', '-c', 'sleep 1.5 & echo $! >$0; wait', sys.argv[1] + '/pid'])"
    )
    pid = layout.directory / "pid"
    with subprocess.Popen([sys.executable, "-c", program, str(layout.directory)]) as holder:
        begun = _pid_in(pid)
        holder.kill()
        holder.wait(10)
    assert _runs(begun)
    with locked(layout.directory):
        assert not _runs(begun)


def test_a_command_started_for_good_holds_nothing(layout):
    """A daemon that lives on does not keep others from changing what it belongs to."""
    with locked(layout.directory, make=True):
        script = 'echo $$ >"$0"; exec sleep 60'
        pid = layout.directory / "pid"
        start(["env"], ["sh", "-c", script, pid], log=layout.directory / "log")
        begun = _pid_in(pid)
    try:
        assert free(layout.directory)
    finally:
        os.kill(begun, signal.SIGKILL)


def test_a_crashed_builder_is_swept_up_and_a_busy_one_is_not(tmp_path):
    """Whoever holds its workspace is at work."""
    busy, crashed = tmp_path / ".building-a", tmp_path / ".building-b"
    busy.mkdir()
    crashed.mkdir()
    with locked(busy):
        sweep(tmp_path)
        assert busy.exists()
        assert not crashed.exists()


def _pid_in(path):
    """Return the number in a file, as soon as it is there."""
    while not (path.exists() and path.read_text().endswith("\n")):
        time.sleep(0.01)
    return int(path.read_text())


def _runs(pid):
    """Return whether a process does anything; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except OSError:
        return False
