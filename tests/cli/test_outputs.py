"""Files are whole or not there, whatever goes wrong on the way."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from cloudlab.cli.outputs import check_target, whole_files, write_text
from cloudlab.errors import InvalidParameter


def test_files_take_their_names_together(tmp_path: Path) -> None:
    """Until all are written, each target is as it was."""
    old, new = tmp_path / "old.json", tmp_path / "new.html"
    old.write_text("before", encoding="utf-8")
    with whole_files(old, new) as parts:
        for part in parts:
            part.write_text("after", encoding="utf-8")
        assert (old.read_text(encoding="utf-8"), new.exists()) == ("before", False)
    assert old.read_text(encoding="utf-8") == new.read_text(encoding="utf-8") == "after"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.html", "old.json"]


@pytest.mark.parametrize("failure", [KeyboardInterrupt, ValueError, MemoryError])
def test_nothing_is_left_when_writing_fails(tmp_path: Path, failure: type[BaseException]) -> None:
    """A failure between two files leaves neither, nor anything beside them."""
    first, second = tmp_path / "a.json", tmp_path / "b.html"

    def write() -> None:
        with whole_files(first, second) as parts:
            parts[0].write_text("done", encoding="utf-8")
            raise failure

    with pytest.raises(failure):
        write()
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_while_writing_is_an_error_like_others(tmp_path: Path) -> None:
    """Even where Ctrl-C would leave at once: what was begun is put away first."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with pytest.raises(KeyboardInterrupt), whole_files(tmp_path / "a.json"):
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    assert list(tmp_path.iterdir()) == []


def test_the_endings_of_a_name_are_kept(tmp_path: Path) -> None:
    """Writers that look at the ending, as gzip does, see the one that was asked for."""
    with whole_files(tmp_path / "f.csv.gz") as (part,):
        assert part.name == "f.csv.gz"
        part.touch()


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """The file behind a link is replaced, not the link."""
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    link.symlink_to(real)
    write_text(link, "new")
    assert link.is_symlink()
    assert real.read_text(encoding="utf-8") == "new"


def test_a_device_is_written_to_and_stays_one() -> None:
    """/dev/null is no file to put another in the place of."""
    write_text(Path("/dev/null"), "gone")
    assert Path("/dev/null").is_char_device()


def test_a_full_disk_is_told_in_one_line() -> None:
    """What the system says is said with the name of the file."""
    with pytest.raises(InvalidParameter) as caught:
        write_text(Path("/dev/full"), "x")
    assert str(caught.value) == "/dev/full: cannot be written: No space left on device"


def test_targets_are_refused_before_the_work(tmp_path: Path) -> None:
    """A folder, a missing folder and an input are no places for a report."""
    design = tmp_path / "d.yaml"
    design.touch()
    for target, problem in {
        tmp_path: "is a folder; name a file in it",
        tmp_path / "no" / "a.json": f"cannot be written: there is no folder {tmp_path / 'no'}",
        design: "is one of the files that are read; give it another name",
    }.items():
        with pytest.raises(InvalidParameter) as caught:
            check_target("--json", target, inputs=[design])
        assert str(caught.value) == f"--json {target}: {problem}"
    check_target("--json", tmp_path / "a.json", inputs=[design])


def test_a_folder_that_takes_no_files_is_refused_before_any_work() -> None:
    """Even root, whom permissions do not stop, hears of it at once, by the option's name."""
    with pytest.raises(InvalidParameter, match=r"--html /proc/x.html: cannot be written"):
        check_target("--html", Path("/proc/x.html"))
