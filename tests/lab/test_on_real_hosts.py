"""The same words are refused on real hosts, and what only they have is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cloudlab import Lab, connect
from drivers.world.minidc_lab import write_lab
from tests.lab.wrong import EVERY, furnished, known
from tests.support.minidc import blank

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.minidc import MiniDc

pytestmark = [pytest.mark.real, pytest.mark.slow]


@pytest.fixture(scope="module")
def lab(center: MiniDc) -> Iterator[Lab]:
    """A new lab in a mini data centre, in which something is of every kind."""
    blank(center)
    for name in ("lab.sqlite", "lab.yaml", "design.yaml"):
        (center.layout.directory / name).unlink(missing_ok=True)
    made = connect(write_lab(center), progress=False)
    try:
        yield furnished(made)
    finally:
        made.close()
        blank(center)


def test_one_error_says_what_is_wrong(lab: Lab) -> None:
    """Each with the same words as in a simulation, and nothing has happened."""
    before = known(lab)
    for wrong in EVERY:
        with pytest.raises(wrong.error, match=wrong.message):
            getattr(lab, wrong.verb)(*wrong.given, **wrong.options)
        assert known(lab) == before, wrong


def test_a_screen_tells_its_password_and_a_host_what_is_used(lab: Lab) -> None:
    """VNC compares 8 characters; the machine has used some CPU when it runs."""
    vm = lab.start("web")
    assert lab.console(vm).startswith("vnc://")
    assert len(lab.console_password(vm)) == 8
    (row,) = lab.stats(vm.host or "")
    assert (row.vm, row.vcpus) == ("web", 1)
    assert row.cpu_seconds > 0
