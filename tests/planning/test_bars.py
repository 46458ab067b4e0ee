"""Progress bars: each stage begins anew, and nothing is left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.planning.bars import bars

if TYPE_CHECKING:
    import pytest


def test_each_stage_has_its_bar_and_the_end_takes_it_away(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Stages are named with their own totals; the last thing written is an empty line."""
    with bars() as progress:
        for done in range(4):
            progress(done, 3, "host failures")
        progress(5, 50, "replications")
    lines = capsys.readouterr().err.split("\r")
    assert any("host failures" in line for line in lines)
    assert any("replications" in line and "/50" in line for line in lines)
    assert lines[-1].strip() == ""
